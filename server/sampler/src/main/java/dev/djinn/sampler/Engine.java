package dev.djinn.sampler;

import java.util.concurrent.atomic.AtomicBoolean;

/** A model and all that runs it: what is opened and closed as one. */
final class Engine implements AutoCloseable {
  private final GeneratorModel model;
  private final SamplerOptions options;
  private final BatchRunner runner;
  private final Batcher batcher;
  private final OwnTensors tensors;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Starts one; it owns the model.
   *
   * @param name what events call the model
   */
  Engine(GeneratorModel model, String name, SamplerOptions options) {
    this.model = model;
    this.options = options;
    runner = new BatchRunner(model, name);
    batcher = new Batcher(options.workers(), batchRows(), options.queueRows(), runner);
    tensors = new OwnTensors(model, options.workers());
  }

  GeneratorModel model() {
    return model;
  }

  SamplerOptions options() {
    return options;
  }

  Batcher batcher() {
    return batcher;
  }

  OwnTensors tensors() {
    return tensors;
  }

  /** {@return the rows of the largest batch that runs at once} */
  int batchRows() {
    return Workspace.rows(model.binding());
  }

  /** Draws samples and waits for them. */
  Samples sample(SampleRequest request) {
    Draw draw = Draw.of(request, model.binding().contract());
    batcher.run(draw.rows());
    return draw.samples();
  }

  /** Frees what runs the model, but not the model, for another that runs it otherwise. */
  void handOver() {
    batcher.close();
    tensors.close();
    runner.close();
  }

  /** As {@link Sampler#close} says. */
  @Override
  public void close() {
    model.bound().hurry();
    batcher.close();
    tensors.close();
    if (closed.compareAndSet(false, true)) {
      runner.close();
      model.close();
    }
  }
}
