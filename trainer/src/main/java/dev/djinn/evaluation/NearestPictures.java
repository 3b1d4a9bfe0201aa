package dev.djinn.evaluation;

import dev.djinn.data.ImageSet;
import dev.djinn.data.Transparency;
import dev.djinn.report.SampleGrid;
import java.awt.image.BufferedImage;
import java.util.stream.IntStream;

/** Shows whether a generator draws what it has seen: samples beside the real pictures nearest. */
public final class NearestPictures {
  private static final int SAMPLES = 10;
  private static final int NEAREST = 5;

  private NearestPictures() {}

  /**
   * A sheet of ten columns: a sample on top, and below it the five real pictures nearest to it by
   * the Euclidean distance of their pixels, nearest first.
   *
   * @param samples generated pictures, the first ten are shown
   * @param real real pictures of the same shape
   * @return the sheet
   */
  public static BufferedImage sheet(ImageSet samples, ImageSet real) {
    int shown = Math.min(SAMPLES, samples.count());
    int rows = 1 + Math.min(NEAREST, real.count());
    int size = samples.pixels().length / samples.count();
    ImageSet seen = Transparency.multiplied(samples);
    ImageSet others = Transparency.multiplied(real);
    byte[] cells = new byte[shown * rows * size];
    for (int i = 0; i < shown; i++) {
      System.arraycopy(samples.pixels(), i * size, cells, i * size, size);
      int[] nearest = nearest(seen, i, others, rows - 1);
      for (int row = 1; row < rows; row++) {
        System.arraycopy(
            real.pixels(), nearest[row - 1] * size, cells, (row * shown + i) * size, size);
      }
    }
    return SampleGrid.columns(shown)
        .ofBytes(cells, samples.channels(), samples.height(), samples.width());
  }

  /** The real pictures nearest to a sample, nearest first. */
  static int[] nearest(ImageSet samples, int sample, ImageSet real, int count) {
    int size = samples.pixels().length / samples.count();
    long[] distances = new long[real.count()];
    for (int j = 0; j < distances.length; j++) {
      for (int k = 0; k < size; k++) {
        int d = (samples.pixels()[sample * size + k] & 0xff) - (real.pixels()[j * size + k] & 0xff);
        distances[j] += (long) d * d;
      }
    }
    return IntStream.range(0, distances.length)
        .boxed()
        .sorted((a, b) -> Long.compare(distances[a], distances[b]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
