package dev.djinn.sampler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws images from an ONNX generator.
 *
 * <pre>{@code
 * try (Sampler sampler = Sampler.open(Path.of("models/quick"))) {
 *   Samples samples = sampler.sample(SampleRequest.of(64).withSeed(42));
 *   ImageIO.write(samples.toGrid(8), "png", new File("grid.png"));
 * }
 * }</pre>
 *
 * <p>Thread-safe. Open one per model and share it; close it once, which waits for calls that are
 * running.
 */
public final class Sampler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

  private final Engine engine;
  private final GeneratorContract contract;

  private Sampler(Engine engine, GeneratorContract contract) {
    this.engine = engine;
    this.contract = contract;
  }

  /**
   * Opens a model with {@link SamplerOptions#DEFAULT}.
   *
   * @param model an {@code .onnx} file, a folder that holds one, or a name in {@link
   *     ModelFiles#modelsFolder}
   * @return a sampler, to be closed by the caller
   * @throws SamplerException if there is no such model, it is not a generator, or it cannot be run
   *     here
   */
  public static Sampler open(Path model) {
    return open(model, SamplerOptions.DEFAULT);
  }

  /**
   * Opens a model.
   *
   * @param model an {@code .onnx} file, a folder that holds one, or a name in {@link
   *     ModelFiles#modelsFolder}
   * @param options how to run it
   * @return a sampler, to be closed by the caller
   * @throws SamplerException if there is no such model, it is not a generator, or it cannot be run
   *     here
   */
  public static Sampler open(Path model, SamplerOptions options) {
    return open(ModelSource.of(ModelFiles.resolve(model)), options);
  }

  /**
   * Opens a model that is no file, such as a resource of the class path or one that was encrypted.
   *
   * @param model the bytes of an {@code .onnx} file that has all its weights inside
   * @param options how to run it
   * @return a sampler, to be closed by the caller
   * @throws SamplerException if it is not a generator, or it cannot be run here
   */
  public static Sampler open(byte[] model, SamplerOptions options) {
    return open(ModelSource.of(model), options);
  }

  /**
   * Opens a model that is no file, such as a resource of the class path or one that was encrypted.
   *
   * @param model an {@code .onnx} file that has all its weights inside; read to its end and not
   *     closed
   * @param options how to run it
   * @return a sampler, to be closed by the caller
   * @throws IOException if it cannot be read
   * @throws SamplerException if it is not a generator, or it cannot be run here
   */
  public static Sampler open(InputStream model, SamplerOptions options) throws IOException {
    return open(model.readAllBytes(), options);
  }

  private static Sampler open(ModelSource source, SamplerOptions options) {
    Object event = FlightRecording.load();
    FirstSamples first = FirstSamples.of(GeneratorModel.load(source, options), source, options);
    Sampler sampler = new Sampler(first.engine(), first.contract());
    FlightRecording.end(event, source.name(), sampler.provider());
    LOG.info(
        "{} on {} ({}), {} workers, threads in each: {}",
        source.name(),
        sampler.provider(),
        sampler.providerReason(),
        options.workers(),
        options.threads());
    sampler
        .contract()
        .brokenSeed()
        .ifPresent(why -> LOG.warn("{} breaks the promise of the seed: {}", source.name(), why));
    return sampler;
  }

  /** {@return what the generator is, and whether it keeps the promise of the seed} */
  public GeneratorContract contract() {
    return contract;
  }

  /** {@return what was said of a model that says nothing itself, empty for one that does} */
  public Optional<ForeignModel> foreign() {
    return engine.model().foreign();
  }

  /** {@return how it is run} */
  public SamplerOptions options() {
    return engine.options();
  }

  /** {@return where it runs: {@code cpu} or {@code cuda:N}} */
  public String provider() {
    return engine.model().placement().provider();
  }

  /** {@return why it runs there, in one line} */
  public String providerReason() {
    return engine.model().placement().reason();
  }

  /** {@return the rows of the largest batch that runs at once; more are split} */
  public int batchRows() {
    return engine.batchRows();
  }

  /**
   * Draws samples and waits for them.
   *
   * @param request which
   * @return the samples
   * @throws SamplerException if the request does not fit the generator, the model fails, or the
   *     sampler is closed
   */
  public Samples sample(SampleRequest request) {
    Draw draw = Draw.of(request, contract());
    engine.batcher().run(draw.rows());
    return draw.samples();
  }

  /**
   * Draws samples on the workers. Never blocks.
   *
   * @param request which
   * @return the samples, or a {@link SamplerException} as {@link #submit} gives; what depends on it
   *     runs on a worker unless told otherwise, and should be quick
   */
  public CompletableFuture<Samples> sampleAsync(SampleRequest request) {
    return sampleAsync(request, Urgency.DEFAULT);
  }

  /**
   * Draws samples on the workers. Never blocks.
   *
   * @param request which
   * @param urgency how soon
   * @return as {@link #sampleAsync(SampleRequest)}
   */
  public CompletableFuture<Samples> sampleAsync(SampleRequest request, Urgency urgency) {
    try {
      engine.batcher().checkRoom(request.count()); // Drawing latents for nothing takes its time.
      Draw draw = Draw.of(request, contract());
      return drawn(engine.batcher().submit(draw.rows(), urgency, true), draw);
    } catch (SamplerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Draws samples in constant memory, however many, with all workers busy as long as the reader
   * keeps up.
   *
   * <pre>{@code
   * try (Stream<Samples> parts = sampler.stream(SampleRequest.of(10_000_000).withSeed(42))) {
   *   parts.forEachOrdered(part -> write(part.pixels()));
   * }
   * }</pre>
   *
   * @param request which
   * @return parts of some dozens to some hundreds of samples, in order; sequential; to be closed if
   *     not read to its end
   * @throws SamplerException if the request does not fit the generator; the stream throws it if the
   *     model fails or the sampler is closed
   */
  public Stream<Samples> stream(SampleRequest request) {
    Draw.check(request, contract);
    int latentSize = contract.latent().size();
    return new SampleStream(
            request, batchRows(), 2 * engine.options().workers(), latentSize, this::sampleAhead)
        .open();
  }

  /**
   * Runs given inputs into given buffers and waits. Runs on this thread if a worker is free,
   * together with what else waits.
   *
   * @param rows inputs and the buffers for the outputs
   * @throws SamplerException if a buffer's size or a value does not fit, the model fails, or the
   *     sampler is closed; the outputs are then undefined
   */
  public void run(Rows rows) {
    rows.check(contract());
    engine.batcher().run(rows);
  }

  /**
   * Runs given inputs into given buffers on the workers. Never blocks.
   *
   * @param rows inputs and the buffers for the outputs, which must not be touched until the future
   *     is done
   * @return as {@link #submit(Rows, Urgency)}
   */
  public CompletableFuture<Void> submit(Rows rows) {
    return submit(rows, Urgency.DEFAULT);
  }

  /**
   * Runs given inputs into given buffers on the workers. Never blocks. Requests that wait are
   * merged into batches.
   *
   * @param rows inputs and the buffers for the outputs, which must not be touched until the future
   *     is done
   * @param urgency how soon
   * @return done when the outputs are written, or fails with a {@link SamplerException} as {@link
   *     #run} throws, or because the queue is full or the time has run out. It can be cancelled as
   *     long as no worker has begun; later, what no worker has is given up and the future fails
   *     when those are done. What depends on it runs on a worker unless told otherwise, and should
   *     be quick.
   */
  public CompletableFuture<Void> submit(Rows rows, Urgency urgency) {
    try {
      rows.check(contract());
      return engine.batcher().submit(rows, urgency, true);
    } catch (SamplerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** {@return the model's own inputs, as it names and types them, without data} */
  public List<ModelTensor> ownInputs() {
    return engine.tensors().inputs();
  }

  /** {@return the model's own outputs, as it names and types them, without data} */
  public List<ModelTensor> ownOutputs() {
    return engine.tensors().outputs();
  }

  /**
   * Runs the model with its own tensors under their own names, and gives what it makes as it is.
   * Never blocks, and merges nothing: {@link #submit(Rows)} is faster where it will do.
   *
   * @param inputs each input once; those with given values may be left out
   * @param outputs the names of the outputs wanted; empty for all
   * @return the outputs in the order asked for, or a {@link SamplerException} if a tensor does not
   *     fit, a number is not finite, the model fails or the sampler is closed
   */
  public CompletableFuture<List<ModelTensor>> submit(
      List<ModelTensor> inputs, List<String> outputs) {
    return engine.tensors().submit(inputs, outputs);
  }

  /**
   * Asks for a part of a stream, which the queue's bound does not refuse. Cancelling it takes it
   * back if no worker has begun.
   */
  CompletableFuture<Samples> sampleAhead(SampleRequest part) {
    Draw draw = Draw.of(part, contract());
    return drawn(engine.batcher().submit(draw.rows(), Urgency.DEFAULT, false), draw);
  }

  /** What is drawn when the rows are made; cancelling it takes those back. */
  @SuppressWarnings("FutureReturnValueIgnored") // it is seen to by who asked
  private static CompletableFuture<Samples> drawn(CompletableFuture<Void> made, Draw draw) {
    CompletableFuture<Samples> samples =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            return made.cancel(mayInterruptIfRunning);
          }
        };
    made.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            samples.complete(draw.samples());
          } else {
            samples.completeExceptionally(failure);
          }
        });
    return samples;
  }

  /**
   * Whether it can still answer.
   *
   * @return how long all workers have been at the batches that they run now; zero while one is free
   */
  public Duration stalled() {
    return Duration.ofNanos(engine.batcher().stalledNanos());
  }

  /** {@return what this sampler has done, and is doing} */
  public SamplerStatistics statistics() {
    return engine.batcher().statistics();
  }

  /**
   * Finishes what was accepted, then frees what is native; a run that goes on for ten seconds from
   * now is stopped. Closing again does nothing.
   */
  @Override
  public void close() {
    engine.close();
  }
}
