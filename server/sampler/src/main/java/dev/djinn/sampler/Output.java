package dev.djinn.sampler;

/** The two forms in which a generator gives its images. */
public enum Output {
  /** float32 (n, channels, height, width) in [0, 1]. */
  IMAGE,
  /** uint8 (n, height, width, channels): image × 255, rounded half to even. */
  PIXELS
}
