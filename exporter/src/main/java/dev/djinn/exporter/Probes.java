package dev.djinn.exporter;

import dev.djinn.graph.Tensor;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Distribution;
import dev.djinn.sampler.Latents;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * The latents that a file is tried on: 257 of the prior, and rows at its edges; more of the prior
 * where there are more labels, each of which is tried. A normal's edge is ±6.3, the furthest that
 * the seed contract's 32-bit uniforms reach.
 */
final class Probes {
  private static final int DRAWN = 257;

  /** The last rows. */
  static final int EDGES = 8;

  private static final long SEED = 20_261_122;
  private static final float NORMAL_EDGE = 6.3f;

  private final int rows;
  private final int size;
  private final float[] latents;
  private final long[] labels;

  /** Makes the rows for a generator. */
  Probes(Generator generator) {
    GeneratorContract.Latent prior = generator.latent();
    size = prior.size();
    int classes = generator.labels().size();
    rows = Math.max(DRAWN + EDGES, classes);
    latents = new float[rows * size];
    Latents.fill(SEED, 0, rows, latents, prior);
    boolean normal = prior.distribution() == Distribution.NORMAL;
    float low = normal ? -NORMAL_EDGE : (float) prior.low();
    float high = normal ? NORMAL_EDGE : (float) prior.high();
    for (int edge = 0; edge < EDGES; edge++) {
      int from = (rows - EDGES + edge) * size;
      if (edge == 0) {
        Arrays.fill(latents, from, from + size, 0);
      } else if (normal) {
        // All numbers at the edge together is nothing a normal ever draws; one of them is.
        latents[from + edge * 31 % size] = edge % 2 == 0 ? low : high;
      } else {
        for (int i = 0; i < size; i++) {
          latents[from + i] = (i / edge) % 2 == 0 ? low : high;
        }
      }
    }
    labels = classes == 0 ? new long[0] : LongStream.range(0, rows).map(i -> i % classes).toArray();
  }

  /** Returns how many rows there are. */
  int rows() {
    return rows;
  }

  /** Returns rows, (count, latent size). */
  Tensor latents(int from, int count) {
    return Tensor.floats(
        Arrays.copyOfRange(latents, from * size, (from + count) * size), count, size);
  }

  /** Returns the rows' labels, (count), or null for an unconditional generator. */
  Tensor labels(int from, int count) {
    return labels.length == 0
        ? null
        : Tensor.vector(Arrays.copyOfRange(labels, from, from + count));
  }
}
