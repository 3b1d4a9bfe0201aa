package dev.djinn.data;

import dev.djinn.data.DataOptions.Fit;
import java.util.Arrays;

/**
 * Brings images of one size to another. Shrinking averages over the area that each new pixel
 * covers, so that nothing aliases; enlarging interpolates linearly between pixel centres. Colours
 * with alpha are weighed by it, so that the colour of what is clear is never blended in.
 */
final class Resampler {
  /** Around an image that is padded. */
  private static final byte GROUND = -1;

  private final ImageSize source;
  private final ImageSize target;
  private final Axis rows;
  private final Axis columns;

  /**
   * Prepares the weights.
   *
   * @param source the images' size
   * @param target what they are brought to
   * @param fit what happens where the shapes differ
   */
  Resampler(ImageSize source, ImageSize target, Fit fit) {
    this.source = source;
    this.target = target;
    int height = source.height();
    int width = source.width();
    int newHeight = target.height();
    int newWidth = target.width();
    // Whether the source is wider for its height than the target.
    boolean wider = (long) width * newHeight > (long) height * newWidth;
    switch (fit) {
      case CROP -> {
        height = wider ? height : part(width, newHeight, newWidth);
        width = wider ? part(height, newWidth, newHeight) : width;
      }
      case PAD -> {
        newHeight = wider ? part(newWidth, height, width) : newHeight;
        newWidth = wider ? newWidth : part(newHeight, width, height);
      }
      case STRETCH -> {}
    }
    rows = new Axis(source.height(), height, target.height(), newHeight);
    columns = new Axis(source.width(), width, target.width(), newWidth);
  }

  private static int part(long length, long numerator, long denominator) {
    return (int) Math.max(1, (2 * length * numerator + denominator) / (2 * denominator));
  }

  /** One direction: the centred part of the source that becomes the centred part of the target. */
  private static final class Axis {
    final int from;
    final int to;
    final int length;
    final boolean same;
    final int[] first;
    final float[][] weights;

    Axis(int source, int used, int target, int length) {
      from = (source - used) / 2;
      to = (target - length) / 2;
      this.length = length;
      same = used == length;
      first = new int[length];
      weights = new float[length][];
      for (int i = 0; i < length; i++) {
        if (used >= length) {
          average(i, used);
        } else {
          interpolate(i, used);
        }
      }
    }

    private void average(int i, int used) {
      double start = (double) i * used / length;
      double end = (double) (i + 1) * used / length;
      first[i] = (int) start;
      int last = Math.min(used, (int) Math.ceil(end - 1e-9));
      weights[i] = new float[last - first[i]];
      for (int k = first[i]; k < last; k++) {
        double covered = Math.min(end, k + 1) - Math.max(start, k);
        weights[i][k - first[i]] = (float) (covered / (end - start));
      }
    }

    private void interpolate(int i, int used) {
      double centre = Math.min(used - 1.0, Math.max(0, (i + 0.5) * used / length - 0.5));
      first[i] = Math.min((int) centre, Math.max(0, used - 2));
      float second = (float) (centre - first[i]);
      weights[i] = used == 1 ? new float[] {1} : new float[] {1 - second, second};
    }
  }

  /**
   * Resamples an image.
   *
   * @param image unsigned bytes, shape (channels, height, width), from {@code start}; the fourth of
   *     four channels is alpha
   * @param into takes the image, shape (channels, new height, new width), from {@code at}
   */
  void resample(byte[] image, int start, int channels, byte[] into, int at) {
    if (channels == Transparency.CHANNELS) {
      resampleWithAlpha(image, start, into, at);
      return;
    }
    float[] sums = new float[columns.length];
    for (int c = 0; c < channels; c++) {
      int plane = start + c * source.pixels();
      int made = at + c * target.pixels();
      if (rows.length * columns.length < target.pixels()) {
        Arrays.fill(into, made, made + target.pixels(), GROUND);
      }
      for (int y = 0; y < rows.length; y++) {
        int row = made + (rows.to + y) * target.width() + columns.to;
        if (rows.same && columns.same) {
          int from = plane + (rows.from + y) * source.width() + columns.from;
          System.arraycopy(image, from, into, row, columns.length);
        } else {
          Arrays.fill(sums, 0);
          for (int k = 0; k < rows.weights[y].length; k++) {
            addRow(image, plane + place(y, k), rows.weights[y][k], sums);
          }
          for (int x = 0; x < columns.length; x++) {
            into[row + x] = (byte) Math.round(sums[x]);
          }
        }
      }
    }
  }

  /** Sums of colours times alpha, and of alpha; their ratio is the colour. */
  private void resampleWithAlpha(byte[] image, int start, byte[] into, int at) {
    int plane = source.pixels();
    int made = target.pixels();
    float[][] multiplied = multiplied(image, start, plane);
    Arrays.fill(into, at, at + Transparency.CHANNELS * made, (byte) 0);
    for (int y = 0; y < rows.length; y++) {
      int row = at + (rows.to + y) * target.width() + columns.to;
      if (rows.same && columns.same) {
        int from = start + (rows.from + y) * source.width() + columns.from;
        for (int c = 0; c < Transparency.CHANNELS; c++) {
          System.arraycopy(image, from + c * plane, into, row + c * made, columns.length);
        }
        continue;
      }
      float[][] sums = new float[Transparency.CHANNELS][columns.length];
      for (int c = 0; c < Transparency.CHANNELS; c++) {
        for (int k = 0; k < rows.weights[y].length; k++) {
          addRow(multiplied[c], place(y, k), rows.weights[y][k], sums[c]);
        }
      }
      for (int x = 0; x < columns.length; x++) {
        float alpha = sums[3][x];
        for (int c = 0; c < 3; c++) {
          float straight = alpha == 0 ? 0 : Math.min(255, sums[c][x] / alpha);
          into[row + x + c * made] = (byte) Math.round(straight);
        }
        into[row + x + 3 * made] = (byte) Math.round(alpha);
      }
    }
    Transparency.blacken(into, at, made);
  }

  /** Colours times alpha, and alpha. */
  private static float[][] multiplied(byte[] image, int start, int plane) {
    float[][] planes = new float[Transparency.CHANNELS][plane];
    for (int i = 0; i < plane; i++) {
      planes[3][i] = image[start + 3 * plane + i] & 0xff;
      for (int c = 0; c < 3; c++) {
        planes[c][i] = (image[start + c * plane + i] & 0xff) * planes[3][i];
      }
    }
    return planes;
  }

  /** Where in the source the k-th row begins that a row of the target is made of. */
  private int place(int y, int k) {
    return (rows.from + rows.first[y] + k) * source.width() + columns.from;
  }

  private void addRow(byte[] image, int row, float weight, float[] sums) {
    for (int x = 0; x < sums.length; x++) {
      float sum = 0;
      float[] shares = columns.weights[x];
      for (int k = 0; k < shares.length; k++) {
        sum += shares[k] * (image[row + columns.first[x] + k] & 0xff);
      }
      sums[x] += weight * sum;
    }
  }

  private void addRow(float[] plane, int row, float weight, float[] sums) {
    for (int x = 0; x < sums.length; x++) {
      float sum = 0;
      float[] shares = columns.weights[x];
      for (int k = 0; k < shares.length; k++) {
        sum += shares[k] * plane[row + columns.first[x] + k];
      }
      sums[x] += weight * sum;
    }
  }
}
