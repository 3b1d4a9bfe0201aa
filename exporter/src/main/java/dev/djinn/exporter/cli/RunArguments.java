package dev.djinn.exporter.cli;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** Which checkpoint of a run a file is held against, and how closely. */
final class RunArguments {
  @Option(
      names = "--checkpoint",
      paramLabel = "STEP",
      description = "The checkpoint of that step. Default: the last one.")
  private Long step;

  @Option(
      names = "--max-error",
      paramLabel = "ERROR",
      description =
          "The largest difference from the trained network allowed on image, in [0, 1]. "
              + "Default: 1e-4, for fp16 1e-2, for int8 1, "
              + "where the mean over all pixels may be 0.02.")
  private Double maxError;

  /** {@return the largest error allowed on {@code image}, if one is stated} */
  OptionalDouble maxError() {
    return maxError == null ? OptionalDouble.empty() : OptionalDouble.of(maxError);
  }

  /** {@return the finished steps of the checkpoint that is meant, if they are stated} */
  OptionalLong checkpoint() {
    return step == null ? OptionalLong.empty() : OptionalLong.of(step);
  }
}
