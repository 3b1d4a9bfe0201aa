package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import jdk.jfr.FlightRecorder;
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

  private final GeneratorModel model;
  private final SamplerOptions options;
  private final BatchRunner runner;
  private final Batcher batcher;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Sampler(GeneratorModel model, String name, SamplerOptions options) {
    this.model = model;
    this.options = options;
    this.runner = new BatchRunner(model, name);
    this.batcher = new Batcher(options.workers(), batchRows(), options.queueRows(), runner);
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
    Path file = ModelFiles.resolve(model.toString());
    LoadEvent event = FlightRecorder.isInitialized() ? new LoadEvent() : null;
    if (event != null) {
      event.begin();
    }
    Sampler sampler = new Sampler(GeneratorModel.load(file, options), file.toString(), options);
    try {
      checkFinite(sampler.sample(SampleRequest.of(1))); // It should fail here, not later.
      sampler.batcher.resetStatistics(); // That one was nobody's.
    } catch (SamplerException e) {
      sampler.close();
      throw new SamplerException(Reason.INVALID_MODEL, file + ": " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      sampler.close();
      throw new SamplerException(
          Reason.INVALID_MODEL, file + ": one image is too large here: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      sampler.close();
      throw e;
    }
    if (event != null) {
      event.model = file.toString();
      event.provider = sampler.provider();
      event.commit();
    }
    LOG.info(
        "{} on {} ({}), {} workers, threads in each: {}",
        file,
        sampler.provider(),
        sampler.providerReason(),
        options.workers(),
        options.threads());
    return sampler;
  }

  private static void checkFinite(Samples drawn) {
    for (float value : drawn.image()) {
      if (!Float.isFinite(value)) {
        throw new SamplerException(
            Reason.INVALID_MODEL,
            "it draws " + value + ", which is no picture; its weights are bad");
      }
    }
  }

  /** {@return what the generator is} */
  public GeneratorContract contract() {
    return model.binding().contract();
  }

  /** {@return how it is run} */
  public SamplerOptions options() {
    return options;
  }

  /** {@return where it runs: {@code cpu} or {@code cuda:N}} */
  public String provider() {
    return model.placement().provider();
  }

  /** {@return why it runs there, in one line} */
  public String providerReason() {
    return model.placement().reason();
  }

  /** {@return the rows of the largest batch that runs at once; more are split} */
  public int batchRows() {
    return Workspace.rows(contract());
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
    batcher.run(draw.rows());
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
      Draw draw = Draw.of(request, contract());
      return batcher.submit(draw.rows(), urgency, true).thenApply(done -> draw.samples());
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
    return new SampleStream(this, request).open();
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
    batcher.run(rows);
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
   *     long as no worker has begun. What depends on it runs on a worker unless told otherwise, and
   *     should be quick.
   */
  public CompletableFuture<Void> submit(Rows rows, Urgency urgency) {
    try {
      rows.check(contract());
      return batcher.submit(rows, urgency, true);
    } catch (SamplerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Asks for a part of a stream, which the queue's bound does not refuse. Cancelling it takes it
   * back if no worker has begun.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it is seen to by who asked
  CompletableFuture<Samples> sampleAhead(SampleRequest part) {
    Draw draw = Draw.of(part, contract());
    CompletableFuture<Void> made = batcher.submit(draw.rows(), Urgency.DEFAULT, false);
    CompletableFuture<Samples> samples = made.thenApply(done -> draw.samples());
    samples.whenComplete(
        (drawn, failure) -> {
          if (samples.isCancelled()) {
            made.cancel(false);
          }
        });
    return samples;
  }

  /** {@return what this sampler has done, and is doing} */
  public SamplerStatistics statistics() {
    return batcher.statistics();
  }

  /** Finishes what was accepted, then frees what is native. Closing again does nothing. */
  @Override
  public void close() {
    batcher.close();
    if (closed.compareAndSet(false, true)) {
      runner.close();
      model.close();
    }
  }
}
