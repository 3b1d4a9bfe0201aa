package dev.djinn.trainer.cli;

import dev.djinn.report.RunReport;
import dev.djinn.settings.Recording.BestBy;
import dev.djinn.trainer.PrintedProgress;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.sweep.Sweep;
import dev.djinn.trainer.sweep.SweepTable;
import dev.djinn.trainer.sweep.SweepWish;
import dev.djinn.trainer.sweep.Vary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "sweep",
    customSynopsis = "djinn sweep PRESET|FILE --vary KEY=V,V... --out DIR [OPTION]...",
    description = {
      "Train a recipe under settings that vary, from several seeds, and say which is best.",
      "All runs train a while, the better half goes on twice as long, and so on. Called again it"
          + " goes on where it was."
    },
    footer = {
      "Examples:",
      "  djinn sweep quick --vary generator.rate=5e-4,1e-3,2e-3 --seeds 3 --out runs/rates",
      "  djinn sweep modern --data photos --vary batch=32,64 --vary mirror=true,false"
          + " --budget 4h --out runs/photos",
      "  djinn sweep quick --vary batch=32,64 --out runs/batch --index 1"
    })
final class SweepCommand implements Callable<Integer> {
  private static final int SECONDS_TO_SAVE = 60;

  @Parameters(paramLabel = "PRESET|FILE", description = "A preset's name or a network file.")
  private String preset;

  @Option(
      names = "--vary",
      paramLabel = "KEY=V,V",
      required = true,
      converter = Varied.class,
      description =
          "A key of the preset, as --set of djinn train takes it, and its values. Repeatable: every"
              + " combination is tried.")
  private List<Vary> vary;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The folder for plan, runs, results and table.")
  private Path out;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Runs of each combination, from seeds 1, 2, and so on. Default: ${DEFAULT-VALUE}.")
  private int seeds = 1;

  @Option(
      names = "--budget",
      paramLabel = "TIME",
      converter = TrainCommand.Time.class,
      description =
          "About how long it takes on this machine, as 4h or 90m: runs get shorter to fit. Default:"
              + " runs as long as the preset's.")
  private Duration budget;

  @Option(
      names = "--halvings",
      paramLabel = "N",
      description =
          "How often the worse half is left out; 0 for never. Default: until one is left, at most"
              + " 3.")
  private Integer halvings;

  @Option(
      names = "--by",
      paramLabel = "FIGURE",
      description = "What judges: fcd, kid or coverage. Default: fcd.")
  private BestBy by = BestBy.FCD;

  @Option(
      names = "--index",
      paramLabel = "N",
      description =
          "Do only what run N, from 0, has to do for now; machines that share --out can each do"
              + " some. Default: all runs.")
  private Integer index;

  @Option(
      names = "--wait",
      description = "With --index: wait for other runs instead of ending; they must run meanwhile.")
  private boolean wait;

  @Option(names = "--plan", description = "Write the plan, list its runs by number, and end.")
  private boolean planOnly;

  @Option(
      names = "--data",
      paramLabel = "NAME|PATH",
      description = "What to learn from, as djinn train takes it. Default: mnist-10k.")
  private String data;

  @Mixin private DataChoices choices = new DataChoices();

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Change a key of the preset for all runs, as steps=2000. Repeatable.")
  private Map<String, String> set = new LinkedHashMap<>();

  @Option(
      names = "--classifier",
      paramLabel = "NAME|FILE",
      description =
          "What judges see with: mnist, fashion-mnist, a file made by djinn classifier, or random"
              + " features. Default: the one of the data, else random.")
  private String classifier;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, gpu or gpu:N. Default: auto.")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = TrainCommand.Count.class,
      description = "Native threads. Default: one a core.")
  private Integer threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (wait && index == null) {
      throw new IllegalArgumentException("--wait is for --index");
    }
    TrainingRequest recipe =
        new TrainingRequest(
            Optional.of(preset),
            Optional.empty(),
            set,
            new TrainingRequest.Data(Optional.ofNullable(data), choices.chosen()),
            new TrainingRequest.Machine(
                Optional.ofNullable(device),
                threads == null ? OptionalInt.empty() : OptionalInt.of(threads)),
            new TrainingRequest.Measuring(
                false, Optional.ofNullable(classifier), OptionalDouble.empty()),
            Optional.empty(),
            Optional.empty());
    SweepWish.Effort effort =
        new SweepWish.Effort(
            seeds,
            halvings == null ? OptionalInt.empty() : OptionalInt.of(halvings),
            Optional.ofNullable(budget),
            by);
    TrainingListener listener = PrintedProgress.to(System.err);
    try (Sweep sweep = Sweep.open(new SweepWish(recipe, vary, effort), out, listener)) {
      System.err.println(sweep.told());
      if (planOnly) {
        System.out.print(sweep.list());
        return 0;
      }
      Thread hook = new Thread(() -> sweep.stop(SECONDS_TO_SAVE), "save-on-exit");
      Runtime.getRuntime().addShutdownHook(hook);
      Optional<SweepTable> table =
          index == null
              ? Optional.of(sweep.run())
              : wait ? sweep.runToItsEnd(index) : sweep.run(index);
      table.ifPresent(best -> tell(sweep, best));
    }
    return 0;
  }

  private void tell(Sweep sweep, SweepTable table) {
    Path best = sweep.write(table, commandLine());
    System.out.print(table.text());
    System.err.println("page in " + out.resolve("sweep.html"));
    System.err.println("the best settings: djinn train " + RunReport.quoted(best.toString()));
  }

  /** What was typed, as a shell takes it. */
  private String commandLine() {
    return Stream.concat(
            Stream.of("djinn"), spec.commandLine().getParseResult().originalArgs().stream())
        .map(RunReport::quoted)
        .collect(Collectors.joining(" "));
  }

  /** {@code key=value,value}. */
  static final class Varied implements ITypeConverter<Vary> {
    @Override
    public Vary convert(String text) {
      try {
        return Vary.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage().replaceFirst("^--vary ", ""));
      }
    }
  }
}
