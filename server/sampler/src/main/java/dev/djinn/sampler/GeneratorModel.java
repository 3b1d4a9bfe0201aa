package dev.djinn.sampler;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.OnnxRuntime.Placement;
import dev.djinn.sampler.SamplerException.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An ONNX Runtime session of a generator. Any number of threads may run it at once. */
final class GeneratorModel implements AutoCloseable {
  /** Of the thread that reads a model: graphs nest, and the main thread has as much. */
  private static final long STACK = 8 << 20;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Binding binding;
  private final Placement placement;
  private final RunBound bound;
  private final Optional<ForeignModel> foreign;

  private GeneratorModel(
      OrtEnvironment environment,
      OrtSession session,
      Binding binding,
      Placement placement,
      RunBound bound,
      Optional<ForeignModel> foreign) {
    this.environment = environment;
    this.session = session;
    this.binding = binding;
    this.placement = placement;
    this.bound = bound;
    this.foreign = foreign;
  }

  /** A session, and where it runs. */
  private record Opened(OrtSession session, Placement placement) {}

  /** Loads a model and matches it with its contract; on failure nothing native is left. */
  static GeneratorModel load(ModelSource source, SamplerOptions options) {
    OrtEnvironment environment = OnnxRuntime.environment();
    Opened opened =
        within(options.bounds().load(), source.name(), () -> open(environment, source, options));
    RunBound bound = new RunBound(options.bounds().run());
    try {
      Optional<ForeignModel> foreign = foreign(opened.session(), source, options);
      Binding binding =
          foreign.isEmpty()
              ? Binding.ofOwn(opened.session())
              : new ForeignBinding(environment, opened.session(), bound, foreign.get()).find();
      return new GeneratorModel(
          environment, opened.session(), binding, opened.placement(), bound, foreign);
    } catch (RuntimeException | OrtException e) {
      SamplerException failure =
          new SamplerException(Reason.INVALID_MODEL, source.name() + ": " + OneLine.first(e), e);
      bound.close();
      try {
        opened.session().close();
      } catch (OrtException suppressed) {
        failure.addSuppressed(suppressed);
      }
      throw failure;
    }
  }

  private static Opened open(
      OrtEnvironment environment, ModelSource source, SamplerOptions options) {
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(options.threads());
      settings.setInterOpNumThreads(1);
      // What goes wrong is thrown, and said once by us: the names in it may be anything.
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      Placement placement = OnnxRuntime.place(options.device(), settings);
      return new Opened(source.open(environment, settings), placement);
    } catch (OrtException e) {
      throw new SamplerException(
          Reason.INVALID_MODEL,
          source.name() + " is not an ONNX model that can be run: " + OneLine.first(e),
          e);
    }
  }

  /** What a file says itself comes first, then what lies beside it, then what was said of it. */
  private static Optional<ForeignModel> foreign(
      OrtSession session, ModelSource source, SamplerOptions options) throws OrtException {
    boolean own = session.getMetadata().getCustomMetadata().containsKey("djinn.contract");
    return own ? Optional.empty() : source.description().or(options::foreign);
  }

  /**
   * Reads a model on another thread, for a bounded time. One that is given up cannot be stopped: if
   * it comes to an end, what it made is freed.
   */
  private static Opened within(Duration time, String name, Callable<Opened> reading) {
    CompletableFuture<Opened> result = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            Opened opened = reading.call();
            if (!result.complete(opened)) {
              opened.session().close();
            }
          } catch (Throwable e) { // Whoever waits is told, whatever it is.
            result.completeExceptionally(e);
          }
        };
    Thread thread = new Thread(null, task, "djinn-load", STACK);
    thread.setDaemon(true);
    thread.start();
    try {
      return result.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      SamplerException late = late(name, time, e);
      if (result.completeExceptionally(late)) {
        throw late;
      }
      return result.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      SamplerException interrupted =
          new SamplerException(Reason.FAILED, name + ": interrupted while it was loaded", e);
      if (result.completeExceptionally(interrupted)) {
        throw interrupted;
      }
      return result.join();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new SamplerException(Reason.FAILED, name + ": " + e.getCause(), e.getCause());
    }
  }

  private static SamplerException late(String name, Duration time, Exception e) {
    return new SamplerException(
        Reason.INVALID_MODEL,
        name + " was not loaded within " + RunBound.seconds(time) + " and is given up",
        e);
  }

  /** {@return the same session, run with so many rows each time} */
  GeneratorModel withBatch(int rows) {
    return new GeneratorModel(
        environment, session, binding.withBatch(rows), placement, bound, foreign);
  }

  Binding binding() {
    return binding;
  }

  Placement placement() {
    return placement;
  }

  OrtEnvironment environment() {
    return environment;
  }

  OrtSession session() {
    return session;
  }

  /** {@return what was said of it; empty if it says so itself} */
  Optional<ForeignModel> foreign() {
    return foreign;
  }

  /** {@return what stops its runs} */
  RunBound bound() {
    return bound;
  }

  @Override
  public void close() {
    bound.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new SamplerException(Reason.FAILED, "cannot close the model: " + OneLine.first(e), e);
    }
  }
}
