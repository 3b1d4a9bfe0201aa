package dev.djinn.trainer.cli;

import dev.djinn.data.DataSets;
import dev.djinn.trainer.PrintedProgress;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.TrainingRun;
import dev.djinn.watch.WatchServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

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
      converter = Count.class,
      description = "Train so many steps. Default: the preset's.")
  private Integer steps;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      converter = Count.class,
      description = "Or so many epochs.")
  private Integer epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      converter = Count.class,
      description = "Pictures in a batch. Default: the preset's.")
  private Integer batch;

  @Option(
      names = "--unconditional",
      description = "Leave the data's labels unused, where the preset can do without, as modern.")
  private boolean unconditional;

  @Option(
      names = "--from",
      paramLabel = "RUN|MODEL",
      description =
          "Start from the networks of another run, or of a model that carries them, where shapes"
              + " agree. Default: from nothing.")
  private String from;

  @Option(
      names = "--mirror",
      description = "Mirror real pictures at random, where left and right may be exchanged.")
  private boolean mirror;

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
      converter = Count.class,
      description = "Native threads. Default: one a core.")
  private Integer threads;

  @Option(
      names = "--precision",
      paramLabel = "fp32|bf16",
      description =
          "What the networks multiply when they learn; bf16 needs a processor with AVX512-BF16 or"
              + " AMX, or a GPU that has it. Default: fp32, or what the preset or run says.")
  private String precision;

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
      converter = Time.class,
      description = "Save and end after 90m, 1h30m or 45s of training; --resume goes on.")
  private Duration most = ChronoUnit.FOREVER.getDuration();

  @Option(
      names = "--metrics",
      description = "Measure quality at every checkpoint, into metrics.csv.")
  private boolean metrics;

  @Option(
      names = "--target",
      paramLabel = "fcd=X",
      converter = Target.class,
      description = "End once the Fréchet distance is at most X; implies --metrics.")
  private OptionalDouble target = OptionalDouble.empty();

  @Option(
      names = "--classifier",
      paramLabel = "NAME|FILE",
      description =
          "What --metrics sees with: mnist, fashion-mnist, a file made by djinn classifier, or "
              + "random features. Default: the one of the data, else random.")
  private String classifier;

  @Option(
      names = "--tensorboard",
      description = "Write what TensorBoard reads into the run's folder, too.")
  private boolean tensorBoard;

  @Option(
      names = "--watch",
      description = "Show the run in the browser while it trains, as djinn watch does.")
  private boolean watch;

  @Option(
      names = "--dry-run",
      description =
          "Print settings and both networks, try some steps to tell time and memory, and leave"
              + " nothing behind.")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException {
    TrainingRequest request = request();
    TrainingListener listener = PrintedProgress.to(System.err);
    if (dryRun) {
      System.out.print(request.estimate(listener));
      return 0;
    }
    TrainingRun prepared = request.prepare(listener);
    try (TrainingRun run = prepared) {
      Thread hook = new Thread(() -> run.interrupt(SECONDS_TO_SAVE), "save-on-exit");
      Runtime.getRuntime().addShutdownHook(hook);
      if (watch) {
        watched(run);
      } else {
        run.run(most);
      }
    }
    return 0;
  }

  private void watched(TrainingRun run) throws IOException {
    try (WatchServer server = WatchServer.openNear(run.folder(), WatchCommand.PORT)) {
      System.err.println("watch: " + server.address());
      run.run(most);
      server.showEnd();
    }
  }

  private TrainingRequest request() {
    if (!resume && !allow.isEmpty()) {
      throw new IllegalArgumentException("--allow is for --resume");
    }
    return new TrainingRequest(
        Optional.ofNullable(preset),
        Optional.ofNullable(out),
        changes(),
        new TrainingRequest.Data(Optional.ofNullable(data), choices.chosen()),
        new TrainingRequest.Machine(
            Optional.ofNullable(device),
            threads == null ? OptionalInt.empty() : OptionalInt.of(threads)),
        new TrainingRequest.Measuring(metrics, Optional.ofNullable(classifier), target),
        resume ? Optional.of(allow) : Optional.empty(),
        Optional.empty());
  }

  /** What has an option of its own is a setting, too. */
  private Map<String, String> changes() {
    if (steps != null && epochs != null) {
      throw new IllegalArgumentException("give either --steps or --epochs");
    }
    Map<String, String> all = new LinkedHashMap<>(set);
    put(all, "steps", steps);
    put(all, "epochs", epochs);
    put(all, "batch", batch);
    put(all, "seed", seed);
    put(all, "from", from);
    put(all, "precision", precision);
    if (mirror) {
      all.put("mirror", "true");
    }
    if (unconditional) {
      all.put("classes", "0");
    }
    if (tensorBoard) {
      all.put("tensorboard", "true");
    }
    return all;
  }

  private static void put(Map<String, String> all, String key, Object value) {
    if (value != null) {
      all.put(key, value.toString());
    }
  }

  /** {@code 90m}, {@code 1h30m} or {@code 45s}. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("(?=[0-9])([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?")) {
        throw new TypeConversionException("must be a time such as 90m, 1h30m or 45s, got " + text);
      }
      Duration time = Duration.parse("PT" + text);
      if (time.isZero()) {
        throw new TypeConversionException("must be at least 1s, got " + text);
      }
      return time;
    }
  }

  /** {@code fcd=5}. */
  static final class Target implements ITypeConverter<OptionalDouble> {
    @Override
    public OptionalDouble convert(String text) {
      if (!text.matches("fcd=[0-9]{1,6}([.][0-9]{1,9})?")) {
        throw new TypeConversionException("must be such as fcd=5, got " + text);
      }
      return OptionalDouble.of(Double.parseDouble(text.substring(4)));
    }
  }

  /** A whole number from 1 on. */
  static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("-?[0-9]{1,9}")) {
        throw new TypeConversionException("must be a whole number, got " + text);
      }
      int count = Integer.parseInt(text);
      if (count < 1) {
        throw new TypeConversionException("must be at least 1, got " + count);
      }
      return count;
    }
  }
}
