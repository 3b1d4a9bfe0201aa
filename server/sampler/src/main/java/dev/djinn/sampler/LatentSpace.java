package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Distribution;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.util.Arrays;

/**
 * Latents that are chosen instead of drawn: the way from one sample to another, and a plane through
 * the latent space. What it gives goes into {@link SampleRequest#withLatents}.
 *
 * <pre>{@code
 * float[] from = LatentSpace.point(1, 0, contract.latent());
 * float[] to = LatentSpace.point(2, 0, contract.latent());
 * sampler.sample(SampleRequest.of(16).withLatents(LatentSpace.spherical(from, to, 16)));
 * }</pre>
 */
public final class LatentSpace {
  private static final double FIRST_QUANTILE = 0.05;
  private static final double LAST_QUANTILE = 0.95;

  /**
   * Below this angle the great circle is a straight line to a float's precision, and its formula
   * divides by 0.
   */
  private static final double STRAIGHT = 1e-6;

  private LatentSpace() {}

  /**
   * Gives one sample's latent.
   *
   * @param seed the seed
   * @param index the sample's number
   * @param prior the generator's
   * @return (latent size)
   */
  public static float[] point(long seed, long index, Latent prior) {
    float[] point = new float[prior.size()];
    Latents.fill(seed, index, 1, point, prior);
    return point;
  }

  /**
   * Walks straight from one latent to another, in equal steps. Suits a uniform prior.
   *
   * @param from where to begin, (latent size)
   * @param to where to end, (latent size)
   * @param steps how many latents, both ends included, at least 2
   * @return (steps, latent size)
   * @throws SamplerException if the sizes differ or there are too few steps
   */
  public static float[] linear(float[] from, float[] to, int steps) {
    checkWalk(from, to, steps);
    return walk(straight(from, to), from, to, steps);
  }

  /**
   * Walks along the great circle from one latent to another, in equal angles; the length goes
   * evenly from one's to the other's. Suits a normal prior, whose draws in many dimensions all lie
   * near one sphere, while the straight way leads through its inside, where the generator was never
   * trained.
   *
   * @param from where to begin, (latent size), not all 0
   * @param to where to end, (latent size), not all 0
   * @param steps how many latents, both ends included, at least 2
   * @return (steps, latent size)
   * @throws SamplerException if the sizes differ, there are too few steps, or the two are opposite
   *     to each other or 0, so that no circle is the shortest
   */
  public static float[] spherical(float[] from, float[] to, int steps) {
    checkWalk(from, to, steps);
    return walk(circle(from, to), from, to, steps);
  }

  /**
   * Walks from stop to stop, in equal shares of the steps: along great circles for a normal prior,
   * straight for a uniform one. A stop that a step falls on is met exactly.
   *
   * @param prior the generator's
   * @param steps how many latents, both ends included, at least one a stop
   * @param stops where to pass, each (latent size), at least 2
   * @return (steps, latent size)
   * @throws SamplerException if there are too few stops or steps, or two stops next to each other
   *     have no shortest way between them
   */
  public static float[] walk(Latent prior, int steps, float[]... stops) {
    int size = prior.size();
    int last = stops.length - 1;
    if (last < 1 || steps < stops.length || (double) steps * size > Integer.MAX_VALUE - 8) {
      throw SamplerException.invalidRequest(
          "a walk of " + steps + " steps over " + stops.length + " stops is not possible");
    }
    float[] walk = new float[steps * size];
    for (int stretch = 0; stretch < last; stretch++) {
      Way way = way(prior, stops[stretch], stops[stretch + 1], steps);
      // Whole numbers, so that a stop is found to be one: step × last / (steps − 1) in [stretch,
      // +1]
      long from = (long) stretch * (steps - 1);
      for (int step = 0; step < steps; step++) {
        long at = (long) step * last - from;
        if (at >= 0 && at < steps - 1) {
          way.put((double) at / (steps - 1), walk, step);
        }
      }
    }
    System.arraycopy(stops[last], 0, walk, (steps - 1) * size, size);
    return walk;
  }

  /**
   * Spreads latents over a plane: element 0 goes from left to right and element 1 from top to
   * bottom through the prior's quantiles from 0.05 to 0.95, equally spaced; other elements stay at
   * the prior's centre. For a generator with a latent of two this is all there is to see.
   *
   * @param side latents in a row and rows, at least 2
   * @param prior the generator's, of at least two elements
   * @return (side × side, latent size), row by row
   * @throws SamplerException if the side or the latent is too small, or the result too large
   */
  public static float[] manifold(int side, Latent prior) {
    if (side < 2 || prior.size() < 2) {
      throw SamplerException.invalidRequest(
          "a manifold of side "
              + side
              + " over a latent of "
              + prior.size()
              + " is not possible: both need 2");
    }
    if ((double) side * side * prior.size() > Integer.MAX_VALUE - 8) {
      throw SamplerException.invalidRequest("a manifold of side " + side + " is too large");
    }
    float[] quantiles = new float[side];
    for (int i = 0; i < side; i++) {
      double p = FIRST_QUANTILE + (LAST_QUANTILE - FIRST_QUANTILE) * i / (side - 1);
      quantiles[i] = (float) quantile(p, prior);
    }
    float[] plane = new float[side * side * prior.size()];
    Arrays.fill(plane, (float) centre(prior));
    for (int cell = 0; cell < side * side; cell++) {
      plane[cell * prior.size()] = quantiles[cell % side];
      plane[cell * prior.size() + 1] = quantiles[cell / side];
    }
    return plane;
  }

  /** Gives the middle of a prior. */
  static double centre(Latent prior) {
    return (prior.low() + prior.high()) / 2; // 0 for a normal, whose bounds are 0
  }

  private static double quantile(double p, Latent prior) {
    return prior.distribution() == Distribution.NORMAL
        ? InverseNormal.at(p)
        : prior.low() + p * (prior.high() - prior.low());
  }

  private static void checkWalk(float[] from, float[] to, int steps) {
    if (from.length != to.length || from.length == 0) {
      throw SamplerException.invalidRequest(
          "no walk between latents of " + from.length + " and " + to.length + " numbers");
    }
    if (steps < 2 || (double) steps * from.length > Integer.MAX_VALUE - 8) {
      throw SamplerException.invalidRequest("a walk of " + steps + " steps is not possible");
    }
  }

  /** Writes the latent at a share of a way, from 0 to 1, as a step of a walk. */
  private interface Way {
    void put(double t, float[] walk, int step);
  }

  private static Way way(Latent prior, float[] from, float[] to, int steps) {
    checkWalk(from, to, steps);
    return prior.distribution() == Distribution.NORMAL ? circle(from, to) : straight(from, to);
  }

  private static float[] walk(Way way, float[] from, float[] to, int steps) {
    float[] walk = new float[steps * from.length];
    for (int step = 0; step < steps; step++) {
      way.put((double) step / (steps - 1), walk, step);
    }
    // Rounding must not move the ends, which are samples of their own.
    System.arraycopy(from, 0, walk, 0, from.length);
    System.arraycopy(to, 0, walk, (steps - 1) * to.length, to.length);
    return walk;
  }

  private static Way straight(float[] from, float[] to) {
    return (t, walk, step) -> mix(from, 1 - t, to, t, walk, step);
  }

  private static Way circle(float[] from, float[] to) {
    double fromLength = length(from);
    double toLength = length(to);
    double cosine = 0;
    for (int i = 0; i < from.length; i++) {
      cosine += from[i] / fromLength * (to[i] / toLength);
    }
    double angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
    if (!(angle < Math.PI - STRAIGHT)) {
      throw SamplerException.invalidRequest(
          "no shortest circle between latents that are opposite or zero: walk straight, or by a third");
    }
    if (angle < STRAIGHT) {
      return straight(from, to);
    }
    return (t, walk, step) -> {
      double length = (1 - t) * fromLength + t * toLength;
      double fromWeight = length / fromLength * Math.sin((1 - t) * angle) / Math.sin(angle);
      double toWeight = length / toLength * Math.sin(t * angle) / Math.sin(angle);
      if (t == 0) {
        fromWeight = 1; // A stop is a sample of its own.
        toWeight = 0;
      }
      mix(from, fromWeight, to, toWeight, walk, step);
    };
  }

  private static void mix(
      float[] from, double fromWeight, float[] to, double toWeight, float[] walk, int step) {
    for (int i = 0; i < from.length; i++) {
      walk[step * from.length + i] = (float) (fromWeight * from[i] + toWeight * to[i]);
    }
  }

  private static double length(float[] vector) {
    double squares = 0;
    for (float element : vector) {
      squares += (double) element * element;
    }
    return Math.sqrt(squares);
  }
}
