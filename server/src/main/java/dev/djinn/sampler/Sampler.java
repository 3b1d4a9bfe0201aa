package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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
  private final SamplerOptions options;
  private final ConcurrentLinkedQueue<Workspace> workspaces = new ConcurrentLinkedQueue<>();
  private final ExecutorService workers;

  /** Read by calls, written by close: a session must not go while something runs in it. */
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();

  private boolean closed;

  private Sampler(GeneratorModel model, SamplerOptions options) {
    this.model = model;
    this.options = options;
    this.workers =
        Executors.newFixedThreadPool(
            options.workers(),
            task -> {
              Thread thread = new Thread(task, "djinn-sampler");
              thread.setDaemon(true);
              return thread;
            });
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
    Sampler sampler = new Sampler(GeneratorModel.load(file, options), options);
    try {
      sampler.sample(SampleRequest.of(1)); // A model that cannot run should fail here, not later.
    } catch (SamplerException e) {
      sampler.close();
      throw new SamplerException(Reason.INVALID_MODEL, file + ": " + e.getMessage(), e);
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
    run(draw.rows());
    return draw.samples();
  }

  /**
   * Draws samples on one of the workers.
   *
   * @param request which
   * @return the samples, or a {@link SamplerException} as {@link #sample} throws
   */
  public CompletableFuture<Samples> sampleAsync(SampleRequest request) {
    try {
      Draw draw = Draw.of(request, contract());
      return submit(draw.rows()).thenApply(done -> draw.samples());
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
   * Runs given inputs into given buffers and waits.
   *
   * @param rows inputs and the buffers for the outputs
   * @throws SamplerException if a buffer's size or a value does not fit, the model fails, or the
   *     sampler is closed; the outputs are then undefined
   */
  public void run(Rows rows) {
    rows.check(contract());
    life.readLock().lock();
    try {
      if (closed) {
        throw new SamplerException(Reason.CLOSED, "the sampler is closed");
      }
      Workspace workspace =
          Objects.requireNonNullElseGet(workspaces.poll(), () -> new Workspace(model));
      try {
        for (int first = 0; first < rows.count(); first += workspace.rows()) {
          runBatch(workspace, rows, first, Math.min(workspace.rows(), rows.count() - first));
        }
      } finally {
        workspaces.add(workspace);
      }
    } finally {
      life.readLock().unlock();
    }
  }

  /**
   * Runs given inputs into given buffers on one of the workers. Never blocks.
   *
   * @param rows inputs and the buffers for the outputs, which must not be touched until the future
   *     is done
   * @return done when the outputs are written, or fails with a {@link SamplerException} as {@link
   *     #run} throws
   */
  public CompletableFuture<Void> submit(Rows rows) {
    try {
      rows.check(contract());
      return CompletableFuture.runAsync(() -> run(rows), workers);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new SamplerException(Reason.CLOSED, "the sampler is closed", e));
    } catch (SamplerException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void runBatch(Workspace workspace, Rows rows, int first, int count) {
    int latentSize = contract().latent().size();
    int imageSize = contract().image().size();
    FloatBuffer latents = rows.latents();
    workspace.latents.put(0, latents, latents.position() + first * latentSize, count * latentSize);
    LongBuffer labels = rows.labels();
    if (labels != null) {
      workspace.labels.put(0, labels, labels.position() + first, count);
    }
    FloatBuffer image = rows.image();
    ByteBuffer pixels = rows.pixels();
    workspace.run(count, image != null, pixels != null);
    if (image != null) {
      image.put(image.position() + first * imageSize, workspace.image, 0, count * imageSize);
    }
    if (pixels != null) {
      pixels.put(pixels.position() + first * imageSize, workspace.pixels, 0, count * imageSize);
    }
  }

  /** Waits for running calls, then frees what is native. Closing again does nothing. */
  @Override
  public void close() {
    workers.shutdown();
    life.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        workspaces.clear();
        model.close();
      }
    } finally {
      life.writeLock().unlock();
    }
  }
}
