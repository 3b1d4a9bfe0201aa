package dev.djinn.exporter.cli;

import ai.djl.ndarray.NDManager;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.djinn.data.DataException;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifier;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.evaluation.Evaluation;
import dev.djinn.evaluation.NearestPictures;
import dev.djinn.evaluation.Quality;
import dev.djinn.evaluation.QualitySummary;
import dev.djinn.evaluation.SampleSource;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.OnnxGenerator;
import dev.djinn.exporter.TrainedRun;
import dev.djinn.report.QualityPage;
import dev.djinn.report.RunReport;
import dev.djinn.report.SampleGrid;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.trainer.TrainedGenerator;
import dev.djinn.trainer.cli.DataChoices;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
  private static final int STACKED_SAMPLES = 26_000;
  private static final int SHOWN = 100;

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
          "mnist, fashion-mnist or a file made by djinn classifier. Default: the one of the data.")
  private String classifierName;

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
          "Judge so many times, with other latents and other real pictures. Default: ${DEFAULT-VALUE}.")
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
    if (repeats < 1) {
      throw usage("--repeats must be at least 1, got " + repeats);
    }
    if (samples != null && samples < Evaluation.FEWEST) {
      throw usage("--samples must be at least " + Evaluation.FEWEST + ", got " + samples);
    }
    boolean run = Files.isRegularFile(Path.of(source, "run.yaml"));
    if (!run && (step != null || untrained)) {
      throw usage("--checkpoint and --untrained are for a run, and " + source + " is none");
    }
    TorchEngine.Choice choice = TorchEngine.device(device);
    try (NDManager manager = NDManager.newBaseManager(choice.device(), "PyTorch")) {
      if (run) {
        RunFolder folder = RunFolder.open(Path.of(source));
        data = data == null ? folder.facts().data() : data;
        choices.restore(folder.facts().dataOptions());
        Checkpoint checkpoint =
            step == null ? TrainedRun.lastCheckpoint(folder) : folder.checkpoint(step);
        judge(TrainedGenerator.of(folder, checkpoint, manager), folder, manager);
      } else if (source.matches("(?i).*\\.(npy|npz|zip)")) {
        ImageSet pictures = open(source);
        judge((count, by) -> some(pictures, count, by), null, manager);
      } else {
        try (OnnxGenerator generator = new OnnxGenerator(ModelFiles.resolve(source))) {
          if (data == null
              && generator.contract().provenance().get("data") instanceof Map<?, ?> trained) {
            data = String.valueOf(trained.get("name"));
          }
          judge(generator, null, manager);
        }
      }
    }
    return 0;
  }

  private void judge(SampleSource generator, RunFolder run, NDManager manager) throws IOException {
    if (data == null) {
      throw usage("say what the real pictures are: --data NAME|PATH");
    }
    if (classifierName == null) {
      classifierName = Classifiers.of(data).orElseThrow(() -> usage(Classifiers.missing(data)));
    }
    ImageSet real = open(data);
    Evaluation.checkAlike(generator.draw(1, seed), real);
    int most = samples != null ? samples : stacked(real) ? STACKED_SAMPLES : 10_000;
    List<Quality> all = new ArrayList<>();
    OptionalDouble start = OptionalDouble.empty();
    ImageSet shown = null;
    String sha256;
    try (Classifier classifier = Classifiers.open(classifierName, manager)) {
      sha256 = classifier.sha256();
      for (int i = 0; i < repeats; i++) {
        try (Evaluation evaluation = new Evaluation(real, most, classifier, seed + i, manager)) {
          shown = generator.draw(evaluation.samples(), seed + i);
          all.add(evaluation.judge(shown, !skipCas && !stacked(real)));
          if (i == 0 && untrained) {
            ImageSet first =
                TrainedGenerator.untrained(run, manager).draw(evaluation.samples(), seed);
            start = OptionalDouble.of(evaluation.frechetDistance(first));
          }
        }
        if (repeats > 1) {
          spec.commandLine().getErr().printf("judged %d of %d%n", i + 1, repeats);
        }
      }
    }
    QualitySummary summary = new QualitySummary(all, start);
    print(summary, sha256);
    if (page != null) {
      writePage(summary, shown, real);
    }
  }

  private ImageSet open(String nameOrPath) {
    return DataSets.open(
        nameOrPath, choices.options(true).withLog(spec.commandLine().getErr()::println));
  }

  /** So many of the pictures, in the order that a seed gives them. */
  private ImageSet some(ImageSet pictures, int count, long by) {
    if (count > pictures.count()) {
      throw new ExportException(
          String.format(
              "%s has %d pictures, fewer than %d; give --samples",
              source, pictures.count(), count));
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, pictures.count()).boxed().toList());
    Collections.shuffle(order, new Random(by));
    return pictures.pick(order.stream().limit(count).mapToInt(Integer::intValue).toArray());
  }

  private static boolean stacked(ImageSet real) {
    return real.classes().size() == 1000 && real.channels() == 3;
  }

  private void print(QualitySummary summary, String sha256) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("source", source);
      object.addProperty("data", data);
      object.addProperty("classifier", classifierName);
      object.addProperty("classifier_sha256", sha256);
      summary.addTo(object);
      out.println(new GsonBuilder().setPrettyPrinting().create().toJson(object));
    } else {
      out.printf("%,d pictures of %s against as many of %s%n", summary.samples(), source, data);
      out.printf("in the features of classifier %s %.12s%n%n", classifierName, sha256);
      RunReport.Table table = summary.table();
      line(out, table.columns());
      table.rows().forEach(row -> line(out, row));
    }
    out.flush();
  }

  private static void line(PrintWriter out, List<String> cells) {
    out.printf("%-36s %20s %20s%n", cells.get(0), cells.get(1), cells.get(2));
  }

  private void writePage(QualitySummary summary, ImageSet shown, ImageSet real) throws IOException {
    Map<String, BufferedImage> pictures = new LinkedHashMap<>();
    pictures.put("Generated", grid(shown));
    pictures.put("Real", grid(real));
    pictures.put(
        "Generated on top; below, the five real pictures nearest to it",
        NearestPictures.sheet(shown, real));
    QualityPage written =
        new QualityPage(
            source,
            String.format(
                Locale.ROOT, "%,d pictures against as many of %s", summary.samples(), data),
            summary.table(),
            summary.classes(),
            pictures,
            commandLine());
    try {
      written.write(page);
    } catch (IOException e) {
      throw DataException.writing(page, e);
    }
    spec.commandLine().getErr().println("page in " + page);
  }

  /** What was typed, as a shell takes it. */
  private String commandLine() {
    return Stream.concat(
            Stream.of("djinn"), spec.commandLine().getParseResult().originalArgs().stream())
        .map(RunReport::quoted)
        .collect(Collectors.joining(" "));
  }

  private static BufferedImage grid(ImageSet set) {
    ImageSet first = set.pick(IntStream.range(0, Math.min(SHOWN, set.count())).toArray());
    return SampleGrid.columns(10)
        .ofBytes(first.pixels(), first.channels(), first.height(), first.width());
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
