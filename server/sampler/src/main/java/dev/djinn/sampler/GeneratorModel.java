package dev.djinn.sampler;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.OnnxRuntime.Placement;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ONNX Runtime session of a generator. Any number of threads may run it at once. */
final class GeneratorModel implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Binding binding;
  private final Placement placement;

  private GeneratorModel(
      OrtEnvironment environment, OrtSession session, Binding binding, Placement placement) {
    this.environment = environment;
    this.session = session;
    this.binding = binding;
    this.placement = placement;
  }

  /** Loads a model and matches it with its contract; on failure nothing native is left. */
  static GeneratorModel load(Path file, SamplerOptions options) {
    if (!Files.isRegularFile(file)) {
      throw new SamplerException(Reason.NOT_FOUND, "no model file " + file);
    }
    OrtEnvironment environment = OnnxRuntime.environment();
    OrtSession session;
    Placement placement;
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(options.threads());
      settings.setInterOpNumThreads(1);
      placement = OnnxRuntime.place(options.device(), settings);
      session = environment.createSession(readable(file).toString(), settings);
    } catch (OrtException e) {
      throw new SamplerException(
          Reason.INVALID_MODEL, file + " is not an ONNX model that can be run: " + line(e), e);
    }
    try {
      return new GeneratorModel(
          environment, session, Binding.of(session, options.foreign()), placement);
    } catch (SamplerException | OrtException e) {
      SamplerException failure =
          new SamplerException(Reason.INVALID_MODEL, file + ": " + line(e), e);
      try {
        session.close();
      } catch (OrtException suppressed) {
        failure.addSuppressed(suppressed);
      }
      throw failure;
    }
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

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new SamplerException(Reason.FAILED, "cannot close the model: " + line(e), e);
    }
  }

  /** Gives what ONNX Runtime says on its first line, which is enough for one of ours. */
  static String line(Exception e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message).strip();
  }

  private static Path readable(Path file) {
    try (var in = Files.newInputStream(file)) {
      if (in.read() < 0) {
        throw SamplerException.invalidModel(file + " is not an ONNX model: it is empty");
      }
      return file.toAbsolutePath();
    } catch (IOException e) {
      throw new SamplerException(
          Reason.INVALID_MODEL, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
