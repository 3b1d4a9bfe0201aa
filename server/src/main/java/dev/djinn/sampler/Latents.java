package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Distribution;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/**
 * The seed contract: sample <i>i</i> of seed <i>s</i> has the same latent and the same drawn label
 * everywhere, alone, in any batch, over the socket, on any partition of a cluster job.
 *
 * <p>Its numbers come from Philox4x32-10: key words = s low, s high; counter words = i low, i high,
 * block, stream (0 latent, 1 label). Latent element <i>j</i> is word <i>j</i> mod 4 of block
 * ⌊<i>j</i>/4⌋. A word <i>x</i> is the uniform u = (x + ½) / 2³² in double; low + u × (high − low),
 * or the normal quantile at u by AS 241 (PPND7), is rounded to float. A drawn label is ⌊u ×
 * classes⌋ of stream 1.
 */
public final class Latents {
  private static final int LATENT_STREAM = 0;
  private static final int LABEL_STREAM = 1;

  /** Numbers that go through the heap on their way into a direct buffer at a time. */
  private static final int DIRECT_CHUNK = 1024;

  private static final double TWO_TO_MINUS_32 = 0x1p-32;

  private Latents() {}

  /**
   * Writes the latents of consecutive samples.
   *
   * @param seed the seed
   * @param firstIndex the first sample's number
   * @param count how many samples
   * @param out takes count × size numbers from its start
   * @param prior their distribution and size
   * @throws SamplerException if {@code out} is too small
   */
  public static void fill(long seed, long firstIndex, int count, float[] out, Latent prior) {
    fill(seed, firstIndex, count, FloatBuffer.wrap(out), prior);
  }

  /**
   * Writes the latents of consecutive samples.
   *
   * @param seed the seed
   * @param firstIndex the first sample's number
   * @param count how many samples
   * @param out takes count × size numbers from its position, which stays
   * @param prior their distribution and size
   * @throws SamplerException if {@code out} is too small
   */
  public static void fill(long seed, long firstIndex, int count, FloatBuffer out, Latent prior) {
    int size = prior.size();
    checkRoom((long) count * size, out.remaining());
    if (out.hasArray()) {
      fillArray(seed, firstIndex, count, out.array(), out.arrayOffset() + out.position(), prior);
      return;
    }
    int rows = Math.max(1, Math.min(count, DIRECT_CHUNK / size));
    float[] chunk = new float[rows * size];
    for (int row = 0; row < count; row += rows) {
      int part = Math.min(rows, count - row);
      fillArray(seed, firstIndex + row, part, chunk, 0, prior);
      out.put(out.position() + row * size, chunk, 0, part * size);
    }
  }

  private static void fillArray(
      long seed, long firstIndex, int count, float[] out, int start, Latent prior) {
    int size = prior.size();
    double[] uniforms = new double[(size + 3) / 4 * 4];
    InverseNormal normal =
        prior.distribution() == Distribution.NORMAL ? new InverseNormal(size) : null;
    double range = prior.high() - prior.low();
    Philox philox = new Philox();
    for (int row = 0; row < count; row++) {
      int at = start + row * size;
      uniforms(philox, seed, firstIndex + row, uniforms);
      if (normal != null) {
        normal.apply(uniforms, size, out, at);
        continue;
      }
      for (int j = 0; j < size; j++) {
        out[at + j] = (float) (prior.low() + uniforms[j] * range);
      }
    }
  }

  private static void uniforms(Philox philox, long seed, long index, double[] uniforms) {
    for (int j = 0; j < uniforms.length; j += 4) {
      philox.block(seed, (int) index, (int) (index >>> 32), j >>> 2, LATENT_STREAM);
      uniforms[j] = uniform(philox.word0);
      uniforms[j + 1] = uniform(philox.word1);
      uniforms[j + 2] = uniform(philox.word2);
      uniforms[j + 3] = uniform(philox.word3);
    }
  }

  /**
   * Writes the labels that a conditional generator's consecutive samples have when nobody states
   * one.
   *
   * @param seed the seed
   * @param firstIndex the first sample's number
   * @param count how many samples
   * @param out takes {@code count} labels from its position, which stays
   * @param classes how many labels there are
   * @throws SamplerException if {@code out} is too small
   */
  public static void fillLabels(
      long seed, long firstIndex, int count, LongBuffer out, int classes) {
    checkRoom(count, out.remaining());
    Philox philox = new Philox();
    for (int row = 0; row < count; row++) {
      long index = firstIndex + row;
      philox.block(seed, (int) index, (int) (index >>> 32), 0, LABEL_STREAM);
      out.put(out.position() + row, (long) (uniform(philox.word0) * classes));
    }
  }

  private static double uniform(int word) {
    return ((word & 0xFFFFFFFFL) + 0.5) * TWO_TO_MINUS_32;
  }

  private static void checkRoom(long needed, int room) {
    if (needed < 0 || needed > room) {
      throw SamplerException.invalidRequest(
          needed + " numbers do not fit into a buffer of " + room);
    }
  }
}
