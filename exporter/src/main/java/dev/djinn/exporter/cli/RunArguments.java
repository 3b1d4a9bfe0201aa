package dev.djinn.exporter.cli;

import dev.djinn.exporter.Generator;
import dev.djinn.exporter.TrainedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

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

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  /** Returns the largest error allowed on {@code image}, if one is stated. */
  OptionalDouble maxError() {
    return maxError == null ? OptionalDouble.empty() : OptionalDouble.of(maxError);
  }

  /** Reads the generator; a folder that is not there is bad usage. */
  Generator generator(Path run) {
    if (!Files.isDirectory(run)) {
      throw new ParameterException(
          spec.commandLine(), run + " is no folder; give the folder of a run, such as runs/quick");
    }
    return step == null ? TrainedRun.last(run) : TrainedRun.at(run, step);
  }
}
