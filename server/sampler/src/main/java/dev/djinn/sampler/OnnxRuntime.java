package dev.djinn.sampler;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.djinn.sampler.SamplerException.Reason;
import java.util.Optional;

/** The one ONNX Runtime of this JVM, and where it runs models. */
public final class OnnxRuntime {
  private OnnxRuntime() {}

  /**
   * Loads ONNX Runtime and gives its version.
   *
   * @return such as {@code 1.29.0}
   * @throws SamplerException if it cannot be loaded on this machine
   */
  public static String version() {
    return environment().getVersion();
  }

  static OrtEnvironment environment() {
    return environment(false);
  }

  /**
   * Where a session runs.
   *
   * @param provider {@code cpu} or {@code cuda:N}
   * @param reason why, in one line
   */
  record Placement(String provider, String reason) {}

  /** Adds the CUDA provider to the settings if the device asks for it and it is there. */
  static Placement place(Device device, SessionOptions settings) {
    if (device.kind() == Device.Kind.CPU) {
      return new Placement("cpu", "the CPU was demanded");
    }
    Optional<String> problem = Cuda.problem();
    if (problem.isEmpty()) {
      problem = addCuda(device, settings);
    }
    if (problem.isEmpty()) {
      return new Placement("cuda:" + device.index(), "CUDA was found");
    }
    if (device.kind() == Device.Kind.GPU) {
      throw device.unavailable(problem.get());
    }
    return new Placement("cpu", "no CUDA: " + problem.get());
  }

  /** Adds the provider, or gives the reason why it cannot be added. */
  private static Optional<String> addCuda(Device device, SessionOptions settings) {
    environment(true);
    try {
      settings.addCUDA(device.index());
      return Optional.empty();
    } catch (OrtException e) {
      return Optional.of(GeneratorModel.line(e));
    }
  }

  private static synchronized OrtEnvironment environment(boolean cuda) {
    Natives.use(cuda);
    Telemetry.turnOff();
    try {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "djinn");
      if (!Telemetry.decided()) {
        environment.setTelemetry(false); // on Windows, and what is left elsewhere
      }
      return environment;
    } catch (OrtException e) {
      throw new SamplerException(
          Reason.UNAVAILABLE_DEVICE, "ONNX Runtime does not start: " + GeneratorModel.line(e), e);
    } catch (LinkageError | IllegalStateException e) {
      throw new SamplerException(
          Reason.UNAVAILABLE_DEVICE,
          "ONNX Runtime cannot be loaded on "
              + Natives.platform()
              + " from "
              + System.getProperty(Natives.PROPERTY, "its jar")
              + ": "
              + e,
          e);
    }
  }
}
