package dev.djinn.trainer;

import dev.djinn.progress.ProgressLine;
import dev.djinn.run.RunStatus;
import dev.djinn.step.AdversarialStep;
import java.util.Locale;

/** How far a run is and how fast, as its listener is told. */
final class TrainingProgress {
  private final TrainingListener listener;
  private final long first;
  private final long last;
  private final int batch;
  private final long start = System.nanoTime();
  private long batches;
  private long epochStart = start;

  TrainingProgress(TrainingListener listener, long first, long last, int batch) {
    this.listener = listener;
    this.first = first;
    this.last = last;
    this.batch = batch;
  }

  /**
   * Tells of a step.
   *
   * @param done finished steps
   * @param batches batches of real pictures since the start
   * @param result what the step gave
   */
  void step(long done, long batches, AdversarialStep.Result result) {
    this.batches = batches;
    listener.step(
        new TrainingListener.Progress(
            done,
            last,
            result.discriminatorLoss(),
            result.generatorLoss(),
            result.accuracy(),
            imagesPerSecond(batches),
            secondsLeft(done)));
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

  /** Says something on a line of its own. */
  void say(String line) {
    listener.line(line);
  }

  /** Tells that the run has ended. */
  void end() {
    listener.ended();
  }

  /** How long it has been, as a clock shows it. */
  String time() {
    return ProgressLine.clock((long) seconds());
  }
}
