package dev.djinn.trainer.cli;

import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.run.Preset;
import dev.djinn.run.Presets;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsTable;
import dev.djinn.trainer.TrainingRun;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    customSynopsis = {
      "djinn train PRESET|FILE [OPTION]...",
      "djinn train --resume --out DIR [OPTION]..."
    },
    description = "Train a generator against a discriminator.",
    footer = {
      "Examples:",
      "  djinn train quick",
      "  djinn train dcgan --data ~/mnist --out runs/digits",
      "  djinn train dcgan --set generator.rate=5e-4 --set sample-every=100 --dry-run",
      "  djinn train --resume --out runs/digits",
      "  djinn train runs/digits/run.yaml --out runs/again"
    })
final class TrainCommand implements Callable<Integer> {
  private static final int SECONDS_TO_SAVE = 120;

  @Parameters(
      arity = "0..1",
      paramLabel = "PRESET|FILE",
      description = "A preset (see djinn presets), a network file or another run's run.yaml.")
  private String preset;

  @Option(
      names = "--data",
      paramLabel = "NAME|PATH",
      description = "What to learn from (see djinn data). Default: " + DataSets.DEFAULT + ".")
  private String data;

  @Mixin private DataChoices choices = new DataChoices();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "The run's folder. Default: runs/ and the preset's name.")
  private Path out;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Train so many steps. Default: the preset's.")
  private Integer steps;

  @Option(names = "--epochs", paramLabel = "N", description = "Or so many epochs.")
  private Integer epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Pictures in a batch. Default: the preset's.")
  private Integer batch;

  @Option(
      names = "--unconditional",
      description = "Leave the data's labels unused, where the preset can do without, as modern.")
  private boolean unconditional;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the whole run. Default: the preset's.")
  private Long seed;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, gpu or gpu:N. Default: auto, or what a run.yaml says.")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Native threads. Default: one a core.")
  private Integer threads;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Change any key of the preset, as generator.rate=1e-4. Repeatable.")
  private Map<String, String> set = new LinkedHashMap<>();

  @Option(names = "--resume", description = "Go on with the run in --out from its last checkpoint.")
  private boolean resume;

  @Option(
      names = "--allow",
      paramLabel = "key",
      split = ",",
      description = "With --resume: let this setting differ from the run's own. Repeatable.")
  private Set<String> allow = new LinkedHashSet<>();

  @Option(
      names = "--stop-after",
      paramLabel = "TIME",
      description = "Save and end after 90m, 1h30m or 45s of training; --resume goes on.")
  private String stopAfter;

  @Option(
      names = "--metrics",
      description = "Measure quality at every checkpoint, into metrics.csv.")
  private boolean metrics;

  @Option(
      names = "--target",
      paramLabel = "fcd=X",
      description = "End once the Fréchet distance is at most X; implies --metrics.")
  private String target;

  @Option(
      names = "--classifier",
      paramLabel = "NAME|FILE",
      description =
          "What --metrics sees with: mnist, fashion-mnist or a file made by djinn classifier. "
              + "Default: the one of the data.")
  private String classifier;

  @Option(
      names = "--dry-run",
      description = "Print the resolved settings and both networks, and train nothing.")
  private boolean dryRun;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Duration most = mostTime();
    Optional<TrainingRun> opened = open();
    if (opened.isPresent()) {
      TrainingRun run = opened.get();
      Thread hook = new Thread(() -> run.interrupt(SECONDS_TO_SAVE), "save-on-exit");
      Runtime.getRuntime().addShutdownHook(hook);
      run.run(most);
    }
    return 0;
  }

  /** The run, or nothing if its settings were only to be printed. */
  private Optional<TrainingRun> open() {
    int useThreads = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    check("--threads", useThreads);
    if (preset == null && !resume) {
      throw usage("give a PRESET or FILE: " + String.join(", ", Presets.names()));
    }
    if (resume && out == null && preset == null) {
      throw usage("--resume needs the run's folder: --out DIR");
    }
    if (!resume && !allow.isEmpty()) {
      throw usage("--allow is for --resume");
    }
    Map<String, String> changes = allChanges();
    Preset source = preset == null ? null : Presets.open(preset);
    if (out == null) {
      out = Path.of("runs", source.runName(changes));
    }
    if (source == null) {
      source = RunFolder.preset(out);
    }
    Optional<RunFolder.Facts> before =
        resume ? Optional.of(RunFolder.open(out).facts()) : source.run();
    Optional<RunFolder.Metrics> wish = before.flatMap(RunFolder.Facts::metrics);
    boolean measures = metrics || target != null || wish.isPresent();
    if (classifier != null && !measures) {
      throw usage("--classifier is for --metrics or --target");
    }
    boolean otherData = data != null;
    if (before.isPresent()) {
      // What is not said again is as it was.
      useThreads = threads == null ? before.get().threads() : threads;
      data = otherData ? data : before.get().data();
      choices.restore(before.get().dataOptions());
    }
    if (device == null) {
      device = before.flatMap(RunFolder.Facts::device).orElse("auto");
    }
    data = data == null ? DataSets.DEFAULT : data;
    // What a run has learnt from can be read again, with labels or without.
    ImageSet images =
        DataSets.open(
            data,
            choices.options(unconditional || before.isPresent()).withLog(System.err::println));
    tellCopies(images);
    if (!resume && before.isPresent()) {
      checkSame(images, before.get(), otherData);
    }
    // The networks of a preset take the size of the pictures, unless told otherwise.
    changes.putIfAbsent("image.side", Integer.toString(images.height()));
    changes.putIfAbsent("image.channels", Integer.toString(images.channels()));
    Settings settings = source.settings(changes, images.classes().size());
    if (dryRun) {
      System.out.print(SettingsTable.describe(settings, images));
      return Optional.empty();
    }
    String sees = measures ? classifierName(wish) : null;
    OptionalDouble targetFcd = targetFcd(wish);
    TrainingRun.Source from =
        new TrainingRun.Source(images, DataSets.portable(data), choices.remember(), useThreads);
    TrainingRun run =
        resume
            ? TrainingRun.resume(out, settings, from, allow, device, System.err)
            : TrainingRun.start(out, settings, from, device, System.err);
    if (measures) {
      run.measure(sees, targetFcd);
    }
    return Optional.of(run);
  }

  private static void tellCopies(ImageSet images) {
    int copies = images.copies();
    if (copies > 0) {
      System.err.printf(
          "%s: %,d of %,d images are exactly equal to another before them%n",
          images.name(), copies, images.count());
    }
  }

  /** Running a {@code run.yaml} again on other pictures must be meant. */
  private void checkSame(ImageSet images, RunFolder.Facts before, boolean meant) {
    if (images.checksum().equals(before.dataChecksum())) {
      return;
    }
    String differs =
        "%s is not what %s was trained on, %s: its checksum was %s, now it is %s"
            .formatted(
                data,
                preset,
                before.comparedTo(images.count(), images.classes()),
                before.dataChecksum(),
                images.checksum());
    if (!meant) {
      throw new TrainingException(differs + "; to train on it all the same, give it as --data");
    }
    System.err.println(differs + "; this run will be another");
  }

  private String classifierName(Optional<RunFolder.Metrics> wish) {
    if (classifier != null) {
      return Classifiers.portable(classifier);
    }
    return wish.map(RunFolder.Metrics::classifier)
        .or(() -> Classifiers.of(data))
        .orElseThrow(() -> usage(Classifiers.missing(data)));
  }

  private OptionalDouble targetFcd(Optional<RunFolder.Metrics> wish) {
    if (target == null) {
      return wish.map(RunFolder.Metrics::targetFcd).orElse(OptionalDouble.empty());
    }
    if (!target.matches("fcd=[0-9]{1,6}([.][0-9]{1,9})?")) {
      throw usage("--target must be such as fcd=5, got " + target);
    }
    return OptionalDouble.of(Double.parseDouble(target.substring(4)));
  }

  private Duration mostTime() {
    if (stopAfter == null) {
      return ChronoUnit.FOREVER.getDuration();
    }
    if (!stopAfter.matches("(?=[0-9])([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?")) {
      throw usage("--stop-after must be a time such as 90m, 1h30m or 45s, got " + stopAfter);
    }
    Duration most = Duration.parse("PT" + stopAfter);
    if (most.isZero()) {
      throw usage("--stop-after must be at least 1s, got " + stopAfter);
    }
    return most;
  }

  private Map<String, String> allChanges() {
    if (steps != null && epochs != null) {
      throw usage("give either --steps or --epochs");
    }
    Map<String, String> all = new LinkedHashMap<>(set);
    put(all, "steps", steps);
    put(all, "epochs", epochs);
    put(all, "batch", batch);
    if (unconditional) {
      all.put("classes", "0");
    }
    if (seed != null) {
      all.put("seed", seed.toString());
    }
    return all;
  }

  private void put(Map<String, String> all, String key, Integer value) {
    if (value != null) {
      check("--" + key, value);
      all.put(key, value.toString());
    }
  }

  private void check(String option, int value) {
    if (value < 1) {
      throw usage(option + " must be at least 1, got " + value);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
