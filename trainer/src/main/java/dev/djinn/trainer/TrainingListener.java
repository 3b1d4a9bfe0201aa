package dev.djinn.trainer;

import java.util.function.Consumer;

/**
 * Follows a run: it is told all that a terminal shows, in the thread that trains. What it throws
 * ends the run, whose last checkpoint stays. {@code PrintedProgress} prints it.
 */
public interface TrainingListener {
  /**
   * Where a run is after a step.
   *
   * @param done finished steps
   * @param last steps at the end
   * @param discriminatorLoss of this step
   * @param generatorLoss of this step
   * @param accuracy share of pictures that the discriminator took for what they are, 0 to 1
   * @param imagesPerSecond real pictures per second since this process began to train
   * @param secondsLeft what remains at that speed
   */
  record Progress(
      long done,
      long last,
      float discriminatorLoss,
      float generatorLoss,
      float accuracy,
      double imagesPerSecond,
      double secondsLeft) {}

  /**
   * After every step; it trains on when this returns.
   *
   * @param progress where it is
   */
  default void step(Progress progress) {}

  /**
   * What is said on a line of its own: of the data, the device, figures, warnings and the end.
   *
   * @param line without its end
   */
  default void line(String line) {}

  /**
   * Takes lines, as {@link #line}; who shows progress in place gives what can.
   *
   * @return for what is said while pictures are read
   */
  default Consumer<String> lines() {
    return this::line;
  }

  /** When the run has ended, however it did. */
  default void ended() {}
}
