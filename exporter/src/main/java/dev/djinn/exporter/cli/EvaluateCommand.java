package dev.djinn.exporter.cli;

import com.google.gson.GsonBuilder;
import dev.djinn.data.DataOptions;
import dev.djinn.exporter.judge.Judgement;
import dev.djinn.exporter.judge.Judging;
import dev.djinn.progress.ProgressLine;
import dev.djinn.report.RunReport;
import dev.djinn.trainer.cli.DataChoices;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    customSynopsis = "djinn evaluate RUN|MODEL|PICTURES [OPTION]...",
    description = {
      "Say how good generated pictures are, beside what real ones get.",
      "Compares them with real pictures in the features of a small classifier of the data."
    },
    footer = {
      "Examples:",
      "  djinn evaluate runs/quick --json",
      "  djinn evaluate exports/quick/model.onnx --data mnist-10k --page quality.html",
      "  djinn evaluate samples.npz --data photos --classifier photos.safetensors"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN|MODEL|PICTURES",
      description =
          "A run's folder, an .onnx file, a name in models, or pictures as NPY, NPZ or zip.")
  private String source;

  @Option(
      names = "--data",
      paramLabel = "NAME|PATH",
      description = "The real pictures. Default: what the generator was trained on.")
  private String data;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "Pictures to compare, of each side; at most half of the real ones. Default: 10,000, and "
              + "26,000 for stacked-mnist.")
  private Integer samples;

  @Option(
      names = "--classifier",
      paramLabel = "NAME|FILE",
      description =
          "mnist, fashion-mnist, a file made by djinn classifier, or random features. Default: "
              + "the one of the data, else random.")
  private String classifier;

  @Option(
      names = "--checkpoint",
      paramLabel = "STEP",
      description = "Of a run, the checkpoint of that step. Default: the last one.")
  private Long step;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      description =
          "Judge so many times, with other latents and other real pictures. Default:"
              + " ${DEFAULT-VALUE}.")
  private int repeats = 1;

  @Option(
      names = "--skip-cas",
      description =
          "Train no classifiers on the samples and on real pictures, which takes minutes.")
  private boolean skipCas;

  @Option(
      names = "--untrained",
      description = "Of a run, also the Fréchet distance that it started from.")
  private boolean untrained;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--page",
      paramLabel = "FILE.html",
      description = "Also write a page with figures and pictures.")
  private Path page;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, gpu or gpu:N. Default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Mixin private DataChoices choices = new DataChoices();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Judgement judgement = judging().run(ProgressLine.on(err));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new GsonBuilder().setPrettyPrinting().create().toJson(judgement.toJson()));
    } else {
      out.print(judgement.text());
    }
    out.flush();
    if (page != null) {
      judgement.page(commandLine()).write(page);
      err.println("page in " + page);
    }
    return 0;
  }

  private Judging judging() {
    return new Judging(
        new Judging.Generated(source, step == null ? OptionalLong.empty() : OptionalLong.of(step)),
        new Judging.Real(
            Optional.ofNullable(data), this::dataOptions, Optional.ofNullable(classifier)),
        new Judging.Effort(
            samples == null ? OptionalInt.empty() : OptionalInt.of(samples),
            seed,
            repeats,
            new Judging.Scores(!skipCas, untrained)),
        device);
  }

  /** What is not said again is as the run remembers it. */
  private DataOptions dataOptions(Map<String, String> remembered) {
    choices.restore(remembered);
    return choices.options(true).withLog(spec.commandLine().getErr()::println);
  }

  /** What was typed, as a shell takes it. */
  private String commandLine() {
    return Stream.concat(
            Stream.of("djinn"), spec.commandLine().getParseResult().originalArgs().stream())
        .map(RunReport::quoted)
        .collect(Collectors.joining(" "));
  }
}
