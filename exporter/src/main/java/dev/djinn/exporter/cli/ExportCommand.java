package dev.djinn.exporter.cli;

import dev.djinn.exporter.ExportOptions;
import dev.djinn.exporter.ExportResult;
import dev.djinn.exporter.OnnxExporter;
import dev.djinn.exporter.Target;
import dev.djinn.graph.pass.Optimization;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    description = {
      "Write a run's generator as model.onnx, and prove it.",
      "The file appears only if ONNX Runtime computes with it what the trained network computes."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  djinn export runs/quick -o models/quick",
      "  djinn export runs/quick -o web --checkpoint 800 --target web",
      ""
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "DIR",
      description = "The folder for model.onnx; made if it is not there.")
  private Path out;

  @Mixin private RunArguments checkpoint;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      description =
          "server: fastest in ONNX Runtime on CPUs. web: fastest in WebAssembly. "
              + "plain: the layers one by one. Default: ${DEFAULT-VALUE}.",
      defaultValue = "server")
  private Target target;

  @Option(
      names = "--with",
      paramLabel = "REWRITE",
      split = ",",
      description = "Make a rewrite that the target leaves out. Repeatable.")
  private Set<Optimization> with = new LinkedHashSet<>();

  @Option(
      names = "--without",
      paramLabel = "REWRITE",
      split = ",",
      description = "Leave out a rewrite of the target: ${COMPLETION-CANDIDATES}. Repeatable.")
  private Set<Optimization> without = new LinkedHashSet<>();

  @Option(
      names = "--max-error",
      paramLabel = "ERROR",
      description =
          "The largest difference from the trained network allowed on image, in [0, 1]. "
              + "Default: ${DEFAULT-VALUE}.",
      defaultValue = "1e-4")
  private double maxError;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ExportOptions options = new ExportOptions(target, with, without, maxError);
    ExportResult result = OnnxExporter.export(checkpoint.generator(run), options, out);
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %,d bytes, %d nodes%nproven: %s%n",
            result.file(), result.bytes(), result.graph().nodes().size(), result.parity());
    return 0;
  }
}
