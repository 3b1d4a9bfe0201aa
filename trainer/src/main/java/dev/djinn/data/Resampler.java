package dev.djinn.data;

import java.util.Arrays;

/**
 * Brings the largest centred square of an image to another size. Shrinking averages over the area
 * that each new pixel covers, so that nothing aliases; enlarging interpolates linearly between
 * pixel centres.
 */
final class Resampler {
  private final int width;
  private final int side;
  private final int square;
  private final int left;
  private final int top;
  private final int[] first;
  private final float[][] weights;

  /**
   * @param height rows of the source
   * @param width columns of the source
   * @param side rows and columns of the result
   */
  Resampler(int height, int width, int side) {
    this.width = width;
    this.side = side;
    square = Math.min(height, width);
    left = (width - square) / 2;
    top = (height - square) / 2;
    first = new int[side];
    weights = new float[side][];
    for (int i = 0; i < side; i++) {
      if (square >= side) {
        average(i, square);
      } else {
        interpolate(i, square);
      }
    }
  }

  private void average(int i, int square) {
    double from = (double) i * square / side;
    double to = (double) (i + 1) * square / side;
    first[i] = (int) from;
    int last = Math.min(square, (int) Math.ceil(to - 1e-9));
    weights[i] = new float[last - first[i]];
    for (int k = first[i]; k < last; k++) {
      double covered = Math.min(to, k + 1) - Math.max(from, k);
      weights[i][k - first[i]] = (float) (covered / (to - from));
    }
  }

  private void interpolate(int i, int square) {
    double centre = Math.min(square - 1.0, Math.max(0, (i + 0.5) * square / side - 0.5));
    first[i] = Math.min((int) centre, Math.max(0, square - 2));
    float second = (float) (centre - first[i]);
    weights[i] = square == 1 ? new float[] {1} : new float[] {1 - second, second};
  }

  /**
   * Resamples one channel.
   *
   * @param source unsigned bytes, rows of the source's width, from {@code sourceStart}
   * @param target takes side × side bytes from {@code targetStart}
   */
  void resample(byte[] source, int sourceStart, byte[] target, int targetStart) {
    if (square == side) {
      for (int y = 0; y < side; y++) {
        System.arraycopy(
            source, sourceStart + (top + y) * width + left, target, targetStart + y * side, side);
      }
      return;
    }
    float[] sums = new float[side];
    for (int y = 0; y < side; y++) {
      Arrays.fill(sums, 0);
      for (int k = 0; k < weights[y].length; k++) {
        addRow(source, sourceStart + (top + first[y] + k) * width + left, weights[y][k], sums);
      }
      for (int x = 0; x < side; x++) {
        target[targetStart + y * side + x] = (byte) Math.round(sums[x]);
      }
    }
  }

  private void addRow(byte[] source, int row, float weight, float[] sums) {
    for (int x = 0; x < side; x++) {
      float sum = 0;
      for (int k = 0; k < weights[x].length; k++) {
        sum += weights[x][k] * (source[row + first[x] + k] & 0xff);
      }
      sums[x] += weight * sum;
    }
  }
}
