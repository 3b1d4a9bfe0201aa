package dev.djinn.exporter.cli;

import dev.djinn.exporter.OnnxExporter;
import dev.djinn.exporter.Parity;
import dev.djinn.exporter.TrainedRun;
import dev.djinn.sampler.ModelFiles;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    customSynopsis = "djinn verify MODEL RUN [OPTION]...",
    description = "Compare an exported file with the run it came from.",
    footer = {
      "Examples:",
      "  djinn verify exports/quick/model.onnx runs/quick",
      "  djinn verify web/model.onnx runs/quick --checkpoint 1200"
    })
final class VerifyCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "An .onnx file, a folder that holds one, or a name in models.")
  private String model;

  @Parameters(index = "1", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Mixin private RunArguments against;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Path file = ModelFiles.resolve(model);
    Parity parity =
        OnnxExporter.verify(
            file, TrainedRun.generator(run, against.checkpoint()), against.maxError());
    spec.commandLine().getOut().printf("%s is the network of %s: %s%n", file, run, parity);
    return 0;
  }
}
