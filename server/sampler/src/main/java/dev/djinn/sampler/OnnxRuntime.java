package dev.djinn.sampler;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Optional;

/** The one ONNX Runtime of this JVM, and where it runs models. */
public final class OnnxRuntime {
  private static OrtEnvironment environment;

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

  static synchronized OrtEnvironment environment() {
    if (environment == null) {
      Telemetry.turnOff();
      environment = start();
    }
    return environment;
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
    return new Placement("cpu", Cuda.hasDriver() ? "no CUDA: " + problem.get() : "no GPU");
  }

  /** Adds the provider, or gives the reason why it cannot be added. */
  private static Optional<String> addCuda(Device device, SessionOptions settings) {
    try {
      Natives.addCuda();
      settings.addCUDA(device.index());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("CUDA's part of ONNX Runtime cannot be unpacked: " + e);
    } catch (OrtException e) {
      return Optional.of(OneLine.first(e));
    }
  }

  private static OrtEnvironment start() {
    try {
      return Natives.with(
          () -> Cuda.problem().isEmpty(),
          () -> {
            if (startedByTheApplication()) {
              return OrtEnvironment.getEnvironment(); // as it is: its settings are not ours
            }
            OrtEnvironment started =
                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "djinn");
            if (!Telemetry.decided()) {
              started.setTelemetry(false); // on Windows, and what is left elsewhere
            }
            return started;
          });
    } catch (SamplerException e) {
      throw e;
    } catch (OrtException e) {
      throw new SamplerException(
          Reason.UNAVAILABLE_DEVICE, "ONNX Runtime does not start: " + OneLine.first(e), e);
    } catch (Exception | LinkageError e) {
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

  /** ONNX Runtime has one environment in a class loader, and says who made it to nobody. */
  private static boolean startedByTheApplication() {
    try {
      Field instance = OrtEnvironment.class.getDeclaredField("INSTANCE");
      instance.setAccessible(true);
      return instance.get(null) != null;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false; // At worst ONNX Runtime warns that it is not made anew.
    }
  }
}
