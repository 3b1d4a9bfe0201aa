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

  /**
   * Colours times alpha, rounded, as pictures are compared: what is hardly seen hardly counts.
   *
   * @param set any set
   * @return the set itself if it has no alpha
   */
  public static ImageSet multiplied(ImageSet set) {
    if (set.channels() != CHANNELS) {
      return set;
    }
    byte[] pixels = set.pixels().clone();
    int plane = set.height() * set.width();
    for (int i = 0; i < pixels.length; i++) {
      if (i / plane % CHANNELS < 3) {
        int alpha = pixels[i + (3 - i / plane % CHANNELS) * plane] & 0xff;
        pixels[i] = (byte) (((pixels[i] & 0xff) * alpha + 127) / 255);
      }
    }
    return new ImageSet(
        set.name(), CHANNELS, set.height(), set.width(), pixels, set.labels(), set.classes());
  }

  /** Takes the colours of clear pixels away, in place, from an image of shape (4, plane). */
  static void blacken(byte[] pixels, int start, int plane) {
    for (int i = start; i < start + plane; i++) {
      if (pixels[i + 3 * plane] == 0) {
        pixels[i] = 0;
        pixels[i + plane] = 0;
        pixels[i + 2 * plane] = 0;
      }
    }
  }

  /** Whether there is no alpha under 255 among so many. */
  static boolean isOpaque(byte[] pixels, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (pixels[i] != -1) {
        return false;
      }
    }
    return true;
  }

  static DataException missing(String name) {
    return new DataException(
        name
            + ": no image has a transparent pixel, so there is no alpha to keep; take --colour rgb");
  }

  /** To [0, 1]; NaN stays. */
  private static float cut(float value) {
    return value < 0 ? 0 : value > 1 ? 1 : value;
  }
}
