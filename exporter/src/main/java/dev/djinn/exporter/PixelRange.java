package dev.djinn.exporter;

/**
 * The range in which a generator makes pixels. What leaves it, if there is no activation at the
 * generator's end to prevent that, is clipped.
 */
public enum PixelRange {
  /** [0, 1], as a sigmoid makes: the image as it is. */
  ZERO_TO_ONE,
  /** [−1, 1], as a hyperbolic tangent makes: image = ½ y + ½. */
  MINUS_ONE_TO_ONE
}
