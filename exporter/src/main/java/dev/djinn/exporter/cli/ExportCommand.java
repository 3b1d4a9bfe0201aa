package dev.djinn.exporter.cli;

import dev.djinn.exporter.ExportOptions;
import dev.djinn.exporter.ExportResult;
import dev.djinn.exporter.Precision;
import dev.djinn.exporter.RunExport;
import dev.djinn.exporter.Target;
import dev.djinn.exporter.block.BlockResult;
import dev.djinn.exporter.block.ClassifierExport;
import dev.djinn.graph.Graph;
import dev.djinn.graph.pass.Optimization;
import dev.djinn.sampler.ModelFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    customSynopsis = {
      "djinn export RUN|CLASSIFIER -o DIR [OPTION]...",
      "djinn export RUN --repository DIR [OPTION]..."
    },
    description = {
      "Write a run's generator as model.onnx, and prove it.",
      "The file appears only if ONNX Runtime computes with it what the trained network computes."
    },
    footer = {
      "Examples:",
      "  djinn export runs/quick --repository models --name digits",
      "  djinn export runs/quick -o exports/quick",
      "  djinn export runs/quick -o web --checkpoint 1200 --target web",
      "  djinn export runs/quick -o small --precision int8",
      "  djinn export photos.safetensors -o classifier"
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN|CLASSIFIER",
      description =
          "The folder of a run; or mnist, fashion-mnist or a file made by djinn classifier.")
  private Path run;

  @ArgGroup(multiplicity = "1")
  private Place place;

  private static final class Place {
    @Option(
        names = {"-o", "--out"},
        paramLabel = "DIR",
        description = "The folder for model.onnx; made if it is not there.")
    private Path out;

    @Option(
        names = "--repository",
        paramLabel = "DIR",
        description =
            "A model repository, as djinn serve and Triton read it: adds the next version of "
                + "the model, with its configuration, model card and samples.")
    private Path repository;
  }

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The model's name in the repository. Default: the preset's.")
  private String name;

  @Mixin private RunArguments against;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      description =
          "server: fastest in ONNX Runtime on CPUs. web: fastest in WebAssembly. "
              + "plain: the layers one by one. Default: ${DEFAULT-VALUE}.",
      defaultValue = "server")
  private Target target;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      description =
          "fp32: as trained. fp16: weights in 16 bits, half the file. "
              + "int8: 8 bits, calibrated on 512 latents; a quarter of the file and several times "
              + "as fast. Default: ${DEFAULT-VALUE}.",
      defaultValue = "fp32")
  private Precision precision;

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
      names = "--quality",
      paramLabel = "FILE.json",
      description = "What djinn evaluate --json said of the run, for the file and its model card.")
  private Path quality;

  @Option(
      names = "--max-copies",
      paramLabel = "SHARE",
      description =
          "Refuse a run if more of its pictures, 0 to 1, lie nearer to a training picture than real "
              + "ones do; as --quality says, else looked for. Default: no bound.")
  private Double maxCopies;

  @Option(
      names = "--skip-copies",
      description =
          "Do not look for copies of training pictures, which takes some seconds and the data.")
  private boolean skipCopies;

  @Option(
      names = "--licence",
      paramLabel = "TEXT",
      description =
          "Licence of what it learnt from, in one line, for the file and its model card."
              + " Default: that of a data set that Djinn knows.")
  private String licence;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (ClassifierExport.isClassifier(run)) {
      exportClassifier();
    } else {
      exportGenerator();
    }
    return 0;
  }

  private void exportGenerator() {
    if (name != null && place.repository == null) {
      throw usage("--name goes with --repository");
    }
    if (skipCopies && maxCopies != null) {
      throw usage("give either --skip-copies or --max-copies");
    }
    PrintWriter out = spec.commandLine().getOut();
    ExportResult result =
        new RunExport(
                run,
                against.checkpoint(),
                place.repository == null
                    ? new RunExport.Folder(place.out)
                    : new RunExport.Repository(place.repository, Optional.ofNullable(name)),
                new ExportOptions(target, with, without, precision, against.maxError()),
                new RunExport.Judged(
                    Optional.ofNullable(quality),
                    skipCopies ? RunExport.Search.NONE : RunExport.Search.COPIES,
                    maxCopies == null ? OptionalDouble.empty() : OptionalDouble.of(maxCopies)),
                Optional.ofNullable(licence))
            .write(out::println);
    printWritten(result.file(), result.bytes(), result.graph(), result.parity());
    if (result.precision() != precision) {
      out.printf("too small to be worth %s: it is in %s%n", precision, result.precision());
    }
    result
        .precisionLoss()
        .ifPresent(
            loss -> out.printf("Fréchet distance to the pictures in full precision: %.2e%n", loss));
  }

  private void exportClassifier() {
    Stream.of(
            "--repository",
            "--name",
            "--checkpoint",
            "--quality",
            "--max-copies",
            "--skip-copies",
            "--licence",
            "--precision",
            "--with",
            "--without")
        .filter(spec.commandLine().getParseResult()::hasMatchedOption)
        .findFirst()
        .ifPresent(
            option -> {
              throw usage(option + " is for a run, and " + run + " is a classifier");
            });
    BlockResult result =
        ClassifierExport.write(
            run.toString(),
            target,
            against.maxError().orElse(precision.tolerance()),
            place.out.resolve(ModelFiles.FILE));
    printWritten(result.file(), result.bytes(), result.graph(), result.proof());
  }

  private void printWritten(Path file, long bytes, Graph graph, Object proof) {
    spec.commandLine()
        .getOut()
        .printf("%s: %,d bytes, %d nodes%nproven: %s%n", file, bytes, graph.nodes().size(), proof);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
