package dev.djinn.data;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a camera was held, which phones write into the file instead of turning the pixels.
 *
 * @param mirrored whether columns run backwards in the shown picture, before it is turned
 * @param quarterTurns clockwise, 0 to 3
 * @see <a href="https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf">Exif 2.32, tag
 *     0x0112</a>
 */
record ExifOrientation(boolean mirrored, int quarterTurns) {
  private static final ExifOrientation UPRIGHT = new ExifOrientation(false, 0);

  private static final int START_OF_IMAGE = 0xffd8;
  private static final int START_OF_SCAN = 0xffda;
  private static final int APP1 = 0xffe1;
  private static final int EXIF = 0x45786966;
  private static final int LITTLE_ENDIAN = 0x4949;
  private static final int ENTRY_LENGTH = 12;
  private static final int ORIENTATION = 0x0112;

  /** Reads it from a JPEG; a file that does not say, or says it badly, is upright. */
  static ExifOrientation of(byte[] jpeg) {
    try {
      ByteBuffer in = ByteBuffer.wrap(jpeg);
      if (unsigned(in) != START_OF_IMAGE) {
        return UPRIGHT;
      }
      while (true) {
        int marker = unsigned(in);
        int length = unsigned(in);
        if (marker == START_OF_SCAN || length < 2) {
          return UPRIGHT;
        }
        int next = in.position() + length - 2;
        if (marker == APP1 && in.getInt() == EXIF) {
          return numbered(tag(in.slice(in.position() + 2, next - in.position() - 2)));
        }
        in.position(next);
      }
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return UPRIGHT;
    }
  }

  private static int tag(ByteBuffer tiff) {
    if (unsigned(tiff) == LITTLE_ENDIAN) {
      tiff.order(ByteOrder.LITTLE_ENDIAN);
    }
    tiff.position(tiff.getInt(4));
    int entries = unsigned(tiff);
    for (int i = 0; i < entries; i++) {
      int entry = tiff.position();
      if (unsigned(tiff) == ORIENTATION) {
        return tiff.getShort(entry + 8);
      }
      tiff.position(entry + ENTRY_LENGTH);
    }
    return 1;
  }

  private static ExifOrientation numbered(int tag) {
    return switch (tag) {
      case 2 -> new ExifOrientation(true, 0);
      case 3 -> new ExifOrientation(false, 2);
      case 4 -> new ExifOrientation(true, 2);
      case 5 -> new ExifOrientation(true, 3);
      case 6 -> new ExifOrientation(false, 1);
      case 7 -> new ExifOrientation(true, 1);
      case 8 -> new ExifOrientation(false, 3);
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

  private static int unsigned(ByteBuffer in) {
    return in.getShort() & 0xffff;
  }
}
