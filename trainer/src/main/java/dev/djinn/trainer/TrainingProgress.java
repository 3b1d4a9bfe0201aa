package dev.djinn.trainer;

import dev.djinn.progress.ProgressLine;
import dev.djinn.run.RunStatus;
import dev.djinn.step.AdversarialStep;
import java.io.PrintStream;
import java.util.Locale;

/** What the progress line says of a training. */
final class TrainingProgress {
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long LOG_NANOS = 10_000_000_000L;

  private final ProgressLine line;
  private final boolean terminal;
  private final long first;
  private final long last;
  private final int batch;
  private final long start = System.nanoTime();
  private long shown = start;
  private long batches;
  private long epochStart = start;

  TrainingProgress(PrintStream out, boolean terminal, long first, long last, int batch) {
    line = ProgressLine.on(out, terminal);
    this.terminal = terminal;
    this.first = first;
    this.last = last;
    this.batch = batch;
  }

  /**
   * Shows a step if it is time to, or if it is the last.
   *
   * @param done finished steps
   * @param batches batches of real pictures since the start
   * @param result what the step gave
   */
  void step(long done, long batches, AdversarialStep.Result result) {
    this.batches = batches;
    long now = System.nanoTime();
    if (done < last && now - shown < (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
      return;
    }
    shown = now;
    line.show(
        String.format(
            Locale.ROOT,
            "step %,d/%,d  d_loss %.3f  g_loss %.3f  d_accuracy %3.0f%%  %,.0f images/s  %s left",
            done,
            last,
            result.discriminatorLoss(),
            result.generatorLoss(),
            100 * result.accuracy(),
            imagesPerSecond(batches),
            duration((long) secondsLeft(done))));
  }

  /** Says how an epoch ended and how long it took, or what this process did of it. */
  void epoch(long done, long last, AdversarialStep.Result result) {
    long now = System.nanoTime();
    say(
        String.format(
            Locale.ROOT,
            "epoch %,d/%,d  d_loss %.3f  g_loss %.3f  %.1f s",
            done,
            last,
            result.discriminatorLoss(),
            result.generatorLoss(),
            (now - epochStart) / 1e9));
    epochStart = now;
  }

  private double secondsLeft(long done) {
    return done == first ? 0 : seconds() / (done - first) * (last - done);
  }

  /** The same for whoever watches from another process. */
  RunStatus status(long done) {
    return RunStatus.now(done, last, imagesPerSecond(batches), secondsLeft(done));
  }

  /** Real pictures per second since the start, from the batches taken since then. */
  double imagesPerSecond(long batches) {
    return batches * (double) batch / Math.max(1e-9, seconds());
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Prints a line of its own. */
  void say(String said) {
    line.accept(said);
  }

  /** Leaves the terminal's line. */
  void end() {
    line.end();
  }

  /** How long it has been, as a clock shows it. */
  String time() {
    return duration((long) seconds());
  }

  static String duration(long seconds) {
    return ProgressLine.clock(seconds);
  }
}
