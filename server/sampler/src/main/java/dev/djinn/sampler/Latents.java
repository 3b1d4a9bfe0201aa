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
    int rowBlocks = (size + 3) / 4;
    long blocks = (long) count * rowBlocks;
    Philox philox = new Philox();
    double[] uniforms = new double[4 * Philox.LANES];
    InverseNormal normal =
        prior.distribution() == Distribution.NORMAL ? new InverseNormal(uniforms.length) : null;
    int row = 0;
    int block = 0;
    for (long done = 0; done < blocks; done += Philox.LANES) {
      int lanes = (int) Math.min(Philox.LANES, blocks - done);
      count(philox, firstIndex + row, block, rowBlocks, lanes);
      philox.run(seed);
      philox.uniforms(uniforms);
      // The lanes hold the end of one row, whole rows and the beginning of another.
      for (int lane = 0; lane < lanes; ) {
        int part = Math.min(lanes - lane, rowBlocks - block);
        int numbers = Math.min(4 * part, size - 4 * block);
        int at = start + row * size + 4 * block;
        if (normal != null) {
          normal.apply(uniforms, 4 * lane, numbers, out, at);
        } else {
          spread(uniforms, 4 * lane, numbers, out, at, prior);
        }
        lane += part;
        block += part;
        if (block == rowBlocks) {
          block = 0;
          row++;
        }
      }
    }
  }

  /** Sets the counters of consecutive blocks, from a row's block on, and on in the next rows. */
  private static void count(Philox philox, long index, int block, int rowBlocks, int lanes) {
    for (int lane = 0; lane < lanes; lane++) {
      philox.count(lane, (int) index, (int) (index >>> 32), block, LATENT_STREAM);
      if (++block == rowBlocks) {
        block = 0;
        index++;
      }
    }
  }

  private static void spread(
      double[] uniforms, int from, int size, float[] out, int at, Latent prior) {
    double low = prior.low();
    double range = prior.high() - prior.low();
    for (int i = 0; i < size; i++) {
      out[at + i] = (float) (low + uniforms[from + i] * range);
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
    double[] uniforms = new double[4 * Philox.LANES];
    for (int row = 0; row < count; row += Philox.LANES) {
      int lanes = Math.min(Philox.LANES, count - row);
      for (int lane = 0; lane < lanes; lane++) {
        long index = firstIndex + row + lane;
        philox.count(lane, (int) index, (int) (index >>> 32), 0, LABEL_STREAM);
      }
      philox.run(seed);
      philox.uniforms(uniforms);
      for (int lane = 0; lane < lanes; lane++) {
        out.put(out.position() + row + lane, (long) (uniforms[4 * lane] * classes));
      }
    }
  }

  private static void checkRoom(long needed, int room) {
    if (needed < 0 || needed > room) {
      throw SamplerException.invalidRequest(
          needed + " numbers do not fit into a buffer of " + room);
    }
  }
}
