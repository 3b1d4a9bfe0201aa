package dev.djinn.exporter.doctor;

import dev.djinn.run.Processors;
import dev.djinn.run.TorchEngine;
import dev.djinn.sampler.Device;
import dev.djinn.sampler.OnnxRuntime;
import dev.djinn.sampler.SamplerException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/** What Djinn would run on here, line by line, and whether it does. */
public final class Doctor {
  private final BiConsumer<String, String> out;

  private Doctor(BiConsumer<String, String> out) {
    this.out = out;
  }

  /**
   * Looks at everything, and at last trains, exports and samples a moment.
   *
   * @param out takes each line: what it is about, and what was found
   * @return whether all of it works
   */
  public static boolean examine(BiConsumer<String, String> out) {
    Doctor doctor = new Doctor(out);
    doctor.machine();
    boolean torch = doctor.torch();
    boolean runtime = doctor.onnxRuntime();
    doctor.places();
    return torch && runtime && doctor.selfTest();
  }

  private void machine() {
    out.accept(
        "system",
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    out.accept(
        "java",
        "%s (%s), in %s"
            .formatted(
                System.getProperty("java.version"),
                System.getProperty("java.vendor"),
                System.getProperty("java.home")));
    Processors processors = Processors.of(Path.of("/proc/cpuinfo"));
    out.accept(
        "processors", Runtime.getRuntime().availableProcessors() + " of " + processors.model());
    out.accept("", processors.told());
    Memory memory = Memory.of(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    out.accept("memory", memory.told());
    out.accept("container", memory.limits());
  }

  private boolean torch() {
    try {
      Map<String, String> versions = TorchEngine.versions();
      out.accept("djinn", versions.get("djinn"));
      out.accept(
          "libtorch",
          "%s through DJL %s, in %s"
              .formatted(
                  versions.get("libtorch"), versions.get("djl"), Places.library("libtorch_cpu")));
      out.accept("device", TorchEngine.device("auto").reason().replaceFirst("^device ", ""));
      String threshold = System.getenv("MALLOC_MMAP_THRESHOLD_");
      out.accept(
          "allocator",
          threshold == null
              ? "the system's: start through scripts/djinn for faster training"
              : "tuned by the launcher");
      return true;
    } catch (RuntimeException e) {
      out.accept("libtorch", "does not work: " + e.getMessage());
      return false;
    }
  }

  private boolean onnxRuntime() {
    try {
      String version = OnnxRuntime.version();
      out.accept("onnxruntime", version + ", in " + Places.library("libonnxruntime."));
    } catch (SamplerException e) {
      out.accept("onnxruntime", "does not work: " + e.getMessage());
      return false;
    }
    try {
      Device.gpu(0).checkAvailable();
      out.accept("", "CUDA's libraries are all here");
    } catch (SamplerException e) {
      out.accept("", e.getMessage().replaceFirst("^.*cannot be used: ", "no GPU: "));
    }
    return true;
  }

  private void places() {
    Places.told().forEach(out);
    out.accept(
        "locale",
        "%s, files' names in %s, texts in %s"
            .formatted(
                Locale.getDefault().toLanguageTag(),
                System.getProperty("sun.jnu.encoding"),
                Charset.defaultCharset()));
    out.accept(
        "telemetry",
        "1".equals(System.getenv("ORT_DISABLE_TELEMETRY"))
            ? "off"
            : "ONNX Runtime's own: set ORT_DISABLE_TELEMETRY=1 before the JVM starts");
  }

  private boolean selfTest() {
    SelfTest test = new SelfTest((what, found) -> out.accept("self-test", what + " " + found));
    return test.run();
  }
}
