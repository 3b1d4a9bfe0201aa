package dev.djinn.trainer.sweep;

import dev.djinn.files.Folders;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a sweep takes on this machine.
 *
 * @param step seconds
 * @param judgement seconds
 */
record SweepBudget(double step, double judgement) {
  private static final Duration PILOT = Duration.ofSeconds(10);

  /** The first steps are slower than those after them. */
  private static final int FIRST = 3;

  /** Notes when steps end. */
  private static final class Clock implements TrainingListener {
    private double begin = Double.NaN;
    private double end;
    private long counted;

    @Override
    public void step(Progress at) {
      end = System.nanoTime() / 1e9;
      if (at.done() <= FIRST) {
        begin = end;
      } else {
        counted++;
      }
    }

    double seconds(double since) {
      return counted > 0 ? (end - begin) / counted : end - since;
    }
  }

  /**
   * Trains for some seconds and judges once.
   *
   * @param recipe what to train
   * @param trial a folder, which is deleted again
   * @param judges makes a judge for a run
   */
  static SweepBudget measure(
      TrainingRequest recipe, Path trial, Function<RunFolder, SweepJudge> judges)
      throws IOException {
    Folders.delete(trial);
    Clock clock = new Clock();
    try {
      double start;
      try (TrainingRun run = recipe.into(trial).prepare(clock)) {
        start = System.nanoTime() / 1e9;
        run.run(PILOT);
      }
      RunFolder run = RunFolder.open(trial);
      try (SweepJudge judge = judges.apply(run)) {
        double before = System.nanoTime() / 1e9;
        judge.figures(run, run.lastCheckpoint().orElseThrow());
        return new SweepBudget(clock.seconds(start), System.nanoTime() / 1e9 - before);
      }
    } finally {
      Folders.delete(trial);
    }
  }

  /**
   * The steps of a full run with which a plan fits.
   *
   * @param budget for all of it
   * @param plan with runs as long as they may be
   * @throws TrainingException if none do
   */
  long steps(Duration budget, SweepPlan plan) {
    long full = plan.rungs().get(plan.rungs().size() - 1);
    double judging = 0;
    double fullRuns = 0;
    long before = 0;
    for (int rung = 0; rung < plan.rungs().size(); rung++) {
      int runs = plan.kept(rung) * plan.seeds();
      judging += runs * judgement;
      fullRuns += runs * (double) (plan.rungs().get(rung) - before) / full;
      before = plan.rungs().get(rung);
    }
    long steps = (long) ((budget.toSeconds() - judging) / (fullRuns * step));
    int least = 1 << (plan.rungs().size() - 1);
    if (steps < least) {
      throw new TrainingException(
          String.format(
              Locale.ROOT,
              "%d runs do not fit into %d s: judging takes %.0f s and a step %.2f s; give more"
                  + " --budget, fewer --seeds or fewer values",
              plan.runs(),
              budget.toSeconds(),
              judging,
              step));
    }
    return Math.min(full, steps);
  }
}
