package dev.djinn.run;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where products of bfloat16 are computed as such, and so pay. */
public final class Bf16 {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  /** What Linux calls the instructions that multiply bfloat16. */
  private static final List<String> INSTRUCTIONS = List.of("avx512_bf16", "amx_bf16");

  /** Ampere, the first NVIDIA GPUs with it; as major and minor version in one number. */
  private static final int AMPERE = 80;

  private Bf16() {}

  /**
   * Refuses a device without it.
   *
   * @param device what a run would compute on
   * @throws TrainingException saying what is missing and what to do
   */
  public static void check(Device device) {
    missing(device)
        .ifPresent(
            reason -> {
              throw new TrainingException(
                  "--precision bf16: " + reason + "; train with --precision fp32");
            });
  }

  private static Optional<String> missing(Device device) {
    if (device.isGpu()) {
      String capability = CudaUtils.getComputeCapability(device.getDeviceId());
      return Integer.parseInt(capability) >= AMPERE
          ? Optional.empty()
          : Optional.of(
              device + " has compute capability " + capability + ", and bfloat16 comes with 80");
    }
    return missing(PROCESSORS);
  }

  /**
   * What keeps processors from multiplying bfloat16.
   *
   * @param processors a file like Linux's {@code /proc/cpuinfo}
   * @return a clause, empty if they do
   */
  static Optional<String> missing(Path processors) {
    if (INSTRUCTIONS.stream().anyMatch(Processors.of(processors).flags()::contains)) {
      return Optional.empty();
    }
    return Optional.of(
        Files.isReadable(processors)
            ? "the processor has neither AVX512-BF16 nor AMX, so it would be slower than float32"
            : "whether the processor has AVX512-BF16 or AMX is only known on Linux, from "
                + PROCESSORS);
  }
}
