package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private final GeneratorModel model;
  private final GeneratorContract contract;
  private final SamplerOptions options;
  private final BatchRunner runner;
  private final Batcher batcher;
  private final OwnTensors tensors;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Sampler(
      GeneratorModel model, GeneratorContract contract, String name, SamplerOptions options) {
    this.model = model;
    this.contract = contract;
    this.options = options;
    this.runner = new BatchRunner(model, name);
    this.batcher = new Batcher(options.workers(), batchRows(), options.queueRows(), runner);
    this.tensors = new OwnTensors(model, options.workers());
  }

  /** The same, with something said of it. */
  private Sampler(Sampler other, GeneratorContract contract) {
    this.model = other.model;
    this.contract = contract;
    this.options = other.options;
    this.runner = other.runner;
    this.batcher = other.batcher;
    this.tensors = other.tensors;
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
    Object event = Recording.load();
    GeneratorModel model = GeneratorModel.load(source, options);
    Sampler sampler = new FirstSamples(model, source.name(), options).sampler();
    Recording.end(event, source.name(), sampler.provider());
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

  /** Draws the first samples of a model, to find out here and not later what is wrong with it. */
  private record FirstSamples(GeneratorModel model, String name, SamplerOptions options) {
    /** Differences of an image that are rounding, not another picture. */
    private static final float ROUNDING = 1e-4f;

    Sampler sampler() {
      Sampler sampler = new Sampler(model, model.binding().contract(), name, options);
      try {
        float[] first = image(sampler, 1);
        try {
          String broken = broken(sampler, first);
          return broken == null ? sampler : marked(sampler, broken);
        } catch (SamplerException e) {
          if (e.reason() != Reason.FAILED || model.binding().batch() > 0) {
            throw e;
          }
          // One row was well, two were not: its graph has the batch of one built in.
          LOG.info("{} runs row by row: {}", name, e.getMessage());
          Sampler single =
              new Sampler(model.withBatch(1), model.binding().contract(), name, options);
          sampler.batcher.close();
          sampler.runner.close();
          sampler = single;
          String broken = broken(single, first);
          return broken == null ? single : marked(single, broken);
        }
      } catch (SamplerException e) {
        sampler.close();
        throw new SamplerException(Reason.INVALID_MODEL, name + ": " + e.getMessage(), e);
      } catch (OutOfMemoryError e) {
        sampler.close();
        throw new SamplerException(
            Reason.INVALID_MODEL, name + ": one image is too large here: " + e.getMessage(), e);
      } catch (RuntimeException | Error e) {
        sampler.close();
        throw e;
      }
    }

    /** Draws row 0 again, and beside another; says how it differs, or null if it does not. */
    private static String broken(Sampler sampler, float[] first) {
      float[] again = image(sampler, 1);
      float[] beside = image(sampler, 2);
      sampler.batcher.resetStatistics(); // Those were nobody's.
      if (!Arrays.equals(first, again)) {
        return "it draws another picture each time, so there is something random inside";
      }
      for (int i = 0; i < first.length; i++) {
        if (Math.abs(first[i] - beside[i]) > ROUNDING) {
          return "a picture depends on those that are drawn beside it";
        }
      }
      return null;
    }

    private Sampler marked(Sampler sampler, String broken) {
      if (options.bounds().strict()) {
        throw new SamplerException(
            Reason.INVALID_MODEL, "it breaks the promise of the seed: " + broken);
      }
      return new Sampler(sampler, sampler.contract.withBrokenSeed(broken));
    }

    private static float[] image(Sampler sampler, int count) {
      return sampler.sample(SampleRequest.of(count).withOutputs(Output.IMAGE)).image();
    }
  }

  /** {@return what the generator is, and whether it keeps the promise of the seed} */
  public GeneratorContract contract() {
    return contract;
  }

  /** {@return what was said of a model that says nothing itself, empty for one that does} */
  public Optional<ForeignModel> foreign() {
    return model.foreign();
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
    return Workspace.rows(model.binding());
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
      batcher.checkRoom(request.count()); // Drawing latents for nothing takes its time.
      Draw draw = Draw.of(request, contract());
      return drawn(batcher.submit(draw.rows(), urgency, true), draw);
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
   *     long as no worker has begun; later, what no worker has is given up and the future fails
   *     when those are done. What depends on it runs on a worker unless told otherwise, and should
   *     be quick.
   */
  public CompletableFuture<Void> submit(Rows rows, Urgency urgency) {
    try {
      rows.check(contract());
      return batcher.submit(rows, urgency, true);
    } catch (SamplerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** {@return the model's own inputs, as it names and types them, without data} */
  public List<ModelTensor> ownInputs() {
    return tensors.inputs();
  }

  /** {@return the model's own outputs, as it names and types them, without data} */
  public List<ModelTensor> ownOutputs() {
    return tensors.outputs();
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
    return tensors.submit(inputs, outputs);
  }

  /**
   * Asks for a part of a stream, which the queue's bound does not refuse. Cancelling it takes it
   * back if no worker has begun.
   */
  CompletableFuture<Samples> sampleAhead(SampleRequest part) {
    Draw draw = Draw.of(part, contract());
    return drawn(batcher.submit(draw.rows(), Urgency.DEFAULT, false), draw);
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
    return Duration.ofNanos(batcher.stalledNanos());
  }

  /** {@return what this sampler has done, and is doing} */
  public SamplerStatistics statistics() {
    return batcher.statistics();
  }

  /**
   * Finishes what was accepted, then frees what is native; a run that goes on for ten seconds from
   * now is stopped. Closing again does nothing.
   */
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
