package dev.djinn.picture;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How a camera was held, which phones write into the file instead of turning the pixels.
 *
 * @param mirrored whether columns run backwards in the shown picture, before it is turned
 * @param quarterTurns clockwise, 0 to 3
 * @see <a href="https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf">Exif 2.32, tag
 *     0x0112</a>
 */
record Orientation(boolean mirrored, int quarterTurns) {
  static final Orientation UPRIGHT = new Orientation(false, 0);

  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final int TAG = 0x0112;

  /**
   * Reads it from Exif, which has the form of a TIFF file, with or without the six bytes before it
   * that JPEG has. What does not say, or says it badly, is upright.
   */
  static Orientation ofExif(byte[] exif) {
    boolean prefixed =
        exif.length > EXIF.length && Arrays.equals(exif, 0, EXIF.length, EXIF, 0, EXIF.length);
    try {
      int start = prefixed ? EXIF.length : 0;
      return of(TiffTags.read(ByteBuffer.wrap(exif, start, exif.length - start).slice()));
    } catch (UnusablePicture e) {
      return UPRIGHT;
    }
  }

  static Orientation of(TiffTags tags) {
    return switch ((int) tags.value(TAG, 1)) {
      case 2 -> new Orientation(true, 0);
      case 3 -> new Orientation(false, 2);
      case 4 -> new Orientation(true, 2);
      case 5 -> new Orientation(true, 3);
      case 6 -> new Orientation(false, 1);
      case 7 -> new Orientation(true, 1);
      case 8 -> new Orientation(false, 3);
      default -> UPRIGHT;
    };
  }

  boolean isUpright() {
    return equals(UPRIGHT);
  }

  boolean swapsSides() {
    return quarterTurns % 2 == 1;
  }

  /** Which stored pixel, as row × width + column, is shown at a row and column. */
  int source(int row, int column, int height, int width) {
    int y;
    int x;
    switch (quarterTurns) {
      case 0 -> {
        y = row;
        x = column;
      }
      case 1 -> {
        y = height - 1 - column;
        x = row;
      }
      case 2 -> {
        y = height - 1 - row;
        x = width - 1 - column;
      }
      default -> {
        y = column;
        x = width - 1 - row;
      }
    }
    return y * width + (mirrored ? width - 1 - x : x);
  }
}
