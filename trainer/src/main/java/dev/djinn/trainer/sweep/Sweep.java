package dev.djinn.trainer.sweep;

import dev.djinn.files.FileProblem;
import dev.djinn.run.DivergenceException;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a recipe under settings that vary, from several seeds each, and says which is best.
 *
 * <p>Successive halving (Jamieson and Talwalkar 2016): all runs train to a first number of steps
 * and are judged, the better half of the settings goes on to twice as many, and so on to the end. A
 * run that goes on is bit for bit the one that never stopped, so what is measured on the way is
 * what a full run has there. All that is decided lies in the folder: a sweep that was killed and is
 * called again gives the same table, and so does one whose runs were spread over machines.
 *
 * <p>Runs in the calling thread; {@link #stop} may be called from any other.
 */
public final class Sweep implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final SweepWish wish;
  private final Path folder;
  private final TrainingListener listener;
  private final SweepPlan plan;
  private final SweepResults results;
  private Optional<SweepJudge> judge = Optional.empty();
  private volatile Optional<TrainingRun> running = Optional.empty();
  private volatile boolean stopped;

  private Sweep(SweepWish wish, Path folder, SweepPlan plan, TrainingListener listener) {
    this.wish = wish;
    this.folder = folder;
    this.plan = plan;
    this.listener = listener;
    results = new SweepResults(folder.resolve("results"), plan, wish.effort().by());
  }

  /**
   * Plans a sweep, or finds the plan that is there.
   *
   * @param wish what to try
   * @param folder where its runs go; one that holds a sweep goes on with it
   * @param listener is told what happens
   * @return a sweep, not yet running; the caller closes it
   * @throws IllegalArgumentException if the wish contradicts itself
   * @throws TrainingException if the recipe cannot be trained as it is, the budget is too short, or
   *     the folder holds something else
   */
  public static Sweep open(SweepWish wish, Path folder, TrainingListener listener) {
    List<Map<String, String>> choices = SweepPlan.combine(wish.vary());
    int seeds = wish.effort().seeds();
    Path file = folder.resolve(SweepPlan.FILE);
    try {
      if (Files.exists(file)) {
        SweepPlan old = new SweepPlan(choices, seeds, SweepPlan.rungs(file, wish.text()));
        return new Sweep(wish, folder, old, listener);
      }
      RunFolder.checkUnused(folder);
      int most = Math.min(3, 31 - Integer.numberOfLeadingZeros(choices.size()));
      int halvings = wish.effort().halvings().orElse(most);
      SweepPlan full = SweepPlan.of(choices, seeds, halvings, length(wish, choices, folder));
      Sweep sweep = new Sweep(wish, folder, full, listener);
      SweepPlan plan =
          wish.effort().budget().isEmpty()
              ? full
              : SweepPlan.of(
                  choices, seeds, halvings, sweep.affordable(wish.effort().budget().get()));
      Files.createDirectories(folder);
      plan.write(file, wish.text());
      return new Sweep(wish, folder, plan, listener);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /** Steps of a full run that make everything fit into a time. */
  private long affordable(Duration budget) throws IOException {
    listener.line("measuring the speed, for some seconds");
    return SweepBudget.measure(wish.trained(), folder.resolve(".pilot.tmp"), this::newJudge)
        .steps(budget, plan);
  }

  private static TrainingException unwritable(Path folder, IOException e) {
    return new TrainingException("cannot write to " + folder + ": " + FileProblem.reason(e), e);
  }

  /** Steps of a full run. Every combination is read, so that a mistake in one is told at once. */
  private static long length(SweepWish wish, List<Map<String, String>> choices, Path folder) {
    TrainingListener silent = new TrainingListener() {};
    TrainingRequest recipe = wish.trained().into(folder.resolve("runs"));
    try (TrainingRun run = recipe.prepare(choices, silent)) {
      return run.steps();
    }
  }

  private static TrainingRequest with(TrainingRequest recipe, Map<String, String> choice) {
    TrainingRequest request = recipe;
    for (Map.Entry<String, String> entry : choice.entrySet()) {
      request = request.with(entry.getKey(), entry.getValue());
    }
    return request;
  }

  /** {@return the plan in words} */
  public String told() {
    return plan.told();
  }

  /** {@return a line for each run: its number, its settings and its seed} */
  public String list() {
    return plan.list();
  }

  /**
   * Does all that is left to do.
   *
   * @return which settings are best
   * @throws TrainingException as {@link TrainingRun#run}; a run whose numbers are no longer finite
   *     counts as worst and ends nothing
   */
  public SweepTable run() {
    for (int rung = 0; rung < plan.rungs().size(); rung++) {
      for (int choice : results.judged(rung).orElseThrow()) {
        for (int index : plan.indexes(choice)) {
          if (!train(index, rung)) {
            throw new TrainingException(
                "the sweep in " + folder + " was stopped; call it again to go on");
          }
        }
      }
    }
    return table().orElseThrow();
  }

  /**
   * Does all that one run has to do, and waits where it must for others, which others do meanwhile.
   *
   * @param index from 0
   * @return the table if this was the last that was missing
   * @throws IllegalArgumentException if there is no such run
   * @throws InterruptedException if this thread is interrupted while it waits
   */
  public Optional<SweepTable> runToItsEnd(int index) throws InterruptedException {
    Optional<SweepTable> table = run(index);
    while (!stopped && waits(index)) {
      Thread.sleep(BETWEEN_LOOKS.toMillis());
      if (!waits(index)) {
        table = run(index);
      }
    }
    return table;
  }

  /** Whether others must go on before this run can, or is out. */
  private boolean waits(int index) {
    for (int rung = 0; rung < plan.rungs().size(); rung++) {
      Optional<List<Integer>> judged = results.judged(rung);
      if (judged.isEmpty() || !judged.get().contains(plan.choice(index))) {
        return judged.isEmpty();
      }
    }
    return false;
  }

  /**
   * Does all that one run has to do for now. Any number of machines that share the folder can each
   * do some; which waits for others says so and is called again when they are done.
   *
   * @param index from 0
   * @return the table if this was the last that was missing
   * @throws IllegalArgumentException if there is no such run
   */
  public Optional<SweepTable> run(int index) {
    if (index < 0 || index >= plan.runs()) {
      throw new IllegalArgumentException(
          "--index must be from 0 to %d, got %d".formatted(plan.runs() - 1, index));
    }
    for (int rung = 0; rung < plan.rungs().size(); rung++) {
      Optional<List<Integer>> judged = results.judged(rung);
      if (judged.isEmpty()) {
        listener.line(
            "run %d waits at step %,d for others; call it again when they are there"
                .formatted(index, plan.rungs().get(rung - 1)));
        return Optional.empty();
      }
      if (!judged.get().contains(plan.choice(index))) {
        listener.line("run %d is out after step %,d".formatted(index, plan.rungs().get(rung - 1)));
        return table();
      }
      if (!train(index, rung)) {
        return Optional.empty();
      }
    }
    return table();
  }

  /**
   * Which settings are best.
   *
   * @return empty while runs are missing
   */
  public Optional<SweepTable> table() {
    return results.ranked(plan.rungs().size() - 1).map(best -> SweepTable.of(plan, results, best));
  }

  /** Brings a run to a rung and judges it, unless that is done; false if stopped before. */
  private boolean train(int index, int rung) {
    if (results.has(index, rung)) {
      return true;
    }
    if (stopped) {
      return false;
    }
    long steps = plan.rungs().get(rung);
    Path home = folder.resolve("runs").resolve(String.format(Locale.ROOT, "%03d", index));
    listener.line(
        String.format(
            Locale.ROOT,
            "run %d of %d to step %,d: %s, seed %d",
            index,
            plan.runs(),
            steps,
            SweepPlan.name(plan.choices().get(plan.choice(index))),
            plan.seed(index)));
    try {
      if (rung > 0 && results.figure(index, rung - 1).isEmpty()) {
        results.writeDiverged(index, rung);
        return true;
      }
      if (reached(home) < steps && !train(index, home, steps)) {
        return false;
      }
      RunFolder run = RunFolder.open(home);
      if (judge.isEmpty()) {
        judge = Optional.of(newJudge(run));
      }
      results.write(index, rung, judge.get().figures(run, run.checkpoint(steps)));
      listener.line(
          String.format(
              Locale.ROOT,
              "run %d: %s %.4g",
              index,
              wish.effort().by().name().toLowerCase(Locale.ROOT),
              results.figure(index, rung).orElseThrow()));
      return true;
    } catch (DivergenceException e) {
      listener.line("run %d diverged: %s".formatted(index, e.getMessage()));
      try {
        results.writeDiverged(index, rung);
      } catch (IOException problem) {
        throw unwritable(folder, problem);
      }
      return true;
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  private static long reached(Path home) {
    List<Long> steps = RunFolder.holdsRun(home) ? RunFolder.open(home).checkpoints() : List.of();
    return steps.isEmpty() ? 0 : steps.get(steps.size() - 1);
  }

  private SweepJudge newJudge(RunFolder run) {
    return new SweepJudge(
        run,
        wish.recipe().measuring().classifier(),
        wish.recipe().machine().device().orElse("auto"));
  }

  private boolean train(int index, Path home, long steps) {
    long last = plan.rungs().get(plan.rungs().size() - 1);
    TrainingRequest request =
        RunFolder.holdsRun(home)
            ? TrainingRequest.resuming(home)
            : with(wish.trained(), plan.choices().get(plan.choice(index)))
                .with("seed", plan.seed(index))
                .with("steps", last)
                .into(home);
    TrainingListener until =
        new TrainingListener() {
          @Override
          public void step(Progress at) {
            listener.step(at);
            if (at.done() >= steps) {
              running.ifPresent(TrainingRun::stop);
            }
          }

          @Override
          public void ended() {
            listener.ended();
          }
        };
    try (TrainingRun run = request.prepare(until)) {
      running = Optional.of(run);
      if (stopped) {
        return false;
      }
      return run.run() >= steps;
    } finally {
      running = Optional.empty();
    }
  }

  /**
   * Writes {@code table.csv}, {@code sweep.html} and {@code best.yaml}, the winning settings as a
   * file that {@code djinn train} takes.
   *
   * @param table of {@link #run}
   * @param command what was typed
   * @return the file of the winning settings
   */
  public Path write(SweepTable table, String command) {
    try {
      return table.write(folder, command);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /**
   * Asks the run that is training to save a checkpoint and end, starts no other, and waits.
   *
   * @param seconds how long to wait at most
   */
  public void stop(long seconds) {
    stopped = true;
    running.ifPresent(run -> run.interrupt(seconds));
  }

  @Override
  public void close() {
    judge.ifPresent(SweepJudge::close);
  }
}
