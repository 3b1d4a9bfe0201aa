package dev.djinn.data;

/**
 * Colours and their alpha, 0 where a pixel is clear. Straight colours are those of the surface;
 * premultiplied ones are straight ones times alpha, so that a clear pixel has no colour that could
 * be blended into another or be learnt. Sets and files are straight, networks premultiplied.
 */
public final class Transparency {
  /** Red, green, blue and alpha. */
  public static final int CHANNELS = 4;

  /** Half the least alpha that bytes know: what is not above it rounds to 0. */
  private static final float LEAST = 0.5f / 255;

  private Transparency() {}

  /**
   * From premultiplied numbers to straight ones, in place, operation by operation as an exported
   * file does it: all is cut to [0, 1], colours are divided by alpha and cut again, and they are 0
   * where alpha × 255 rounds to 0. NaN stays NaN.
   *
   * @param images shape (n, 4, plane)
   * @param plane pixels of an image
   */
  public static void divide(float[] images, int plane) {
    for (int start = 0; start < images.length; start += CHANNELS * plane) {
      for (int i = start; i < start + plane; i++) {
        float alpha = cut(images[i + 3 * plane]);
        float seen = cut((float) Math.rint(alpha * 255f));
        for (int c = 0; c < 3; c++) {
          int at = i + c * plane;
          images[at] = cut(cut(images[at]) / Math.max(alpha, LEAST)) * seen;
        }
        images[i + 3 * plane] = alpha;
      }
    }
  }

  /** To [0, 1]; NaN stays. */
  private static float cut(float value) {
    return value < 0 ? 0 : value > 1 ? 1 : value;
  }
}
