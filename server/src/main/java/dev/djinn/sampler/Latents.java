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
    boolean normal = prior.distribution() == Distribution.NORMAL;
    double low = prior.low();
    double range = prior.high() - prior.low();
    Philox philox = new Philox();
    int at = out.position();
    for (int row = 0; row < count; row++, at += size) {
      long index = firstIndex + row;
      for (int j = 0; j < size; j += 4) {
        philox.block(seed, (int) index, (int) (index >>> 32), j >>> 2, LATENT_STREAM);
        int words = Math.min(4, size - j);
        for (int k = 0; k < words; k++) {
          double u =
              uniform(
                  k == 0
                      ? philox.word0
                      : k == 1 ? philox.word1 : k == 2 ? philox.word2 : philox.word3);
          out.put(at + j + k, (float) (normal ? InverseNormal.at(u) : low + u * range));
        }
      }
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
