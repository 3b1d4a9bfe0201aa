package dev.djinn.trainer;

/**
 * How often something happens: every so many steps or epochs.
 *
 * @param amount at least 1
 * @param epochs true if counted in epochs
 */
public record Interval(int amount, boolean epochs) {
  /** Checks the amount. */
  public Interval {
    if (amount < 1) {
      throw new IllegalArgumentException("an interval must be at least 1, got " + amount);
    }
  }

  /**
   * Whether it is time after this many steps.
   *
   * @param steps finished steps, at least 1
   * @param stepsPerEpoch steps in an epoch
   * @return true at every multiple
   */
  boolean due(long steps, long stepsPerEpoch) {
    return steps % (epochs ? amount * stepsPerEpoch : amount) == 0;
  }

  @Override
  public String toString() {
    return epochs ? amount + (amount == 1 ? " epoch" : " epochs") : Integer.toString(amount);
  }
}
