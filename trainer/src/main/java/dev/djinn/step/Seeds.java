package dev.djinn.step;

/**
 * Seeds of a run's random numbers. libtorch's generator has a seed but no state that could be
 * saved, so each step seeds it anew from the run's seed and its own number; then a resumed run
 * draws what an uninterrupted one would have drawn.
 */
public final class Seeds {
  /** What the numbers are for, so that no two uses share a stream. */
  public enum Use {
    /** Initial weights. */
    WEIGHTS(1),
    /** Latents, labels and dropout of a step. */
    STEP(2),
    /** Data order of an epoch. */
    ORDER(3),
    /** Latents of the sample sheets. */
    SAMPLES(4),
    /** Latents and data that show whether the generator has collapsed. */
    DIVERSITY(5),
    /** Latents of the losses that are taken in inference mode. */
    LOSSES(6),
    /** Which pictures of a batch are mirrored. */
    MIRROR(7);

    private final int stream;

    Use(int stream) {
      this.stream = stream;
    }
  }

  private Seeds() {}

  /** A seed by SplitMix64's finaliser (Steele, Lea and Flood 2014), which spreads close inputs. */
  public static long mix(long seed, Use use, long number) {
    return scramble(scramble(scramble(seed) + use.stream) + number);
  }

  private static long scramble(long x) {
    long z = x + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
