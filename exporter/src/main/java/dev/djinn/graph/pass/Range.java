package dev.djinn.graph.pass;

/**
 * The numbers that a value was seen to take.
 *
 * @param low the smallest
 * @param high the largest
 */
public record Range(float low, float high) {
  /** Checks that both are finite and in order. */
  public Range {
    if (!(Float.isFinite(low) && Float.isFinite(high) && low <= high)) {
      throw new IllegalArgumentException("no range: " + low + " to " + high);
    }
  }

  /** Returns the smallest range that holds both. */
  public Range with(Range other) {
    return new Range(Math.min(low, other.low), Math.max(high, other.high));
  }

  /** Returns the size of one of 255 steps over the range, 0 included. */
  float step() {
    float span = Math.max(high, 0) - Math.min(low, 0);
    return span == 0 ? 1 : span / 255;
  }

  /** Returns the step, 0 to 255, that stands for 0. */
  int zero() {
    return Math.round(-Math.min(low, 0) / step());
  }
}
