package dev.djinn.picture;

import java.util.Arrays;

/**
 * A GIF's blocks up to the end of its first image: the reader behind ImageIO leaves blank what is
 * missing of it.
 *
 * @see <a href="https://www.w3.org/Graphics/GIF/spec-gif89a.txt">GIF 89a</a>
 */
final class GifFile {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2c;
  private static final int TRAILER = 0x3b;
  private static final int GREATEST_CODE = 4096;

  private final byte[] file;
  private int position = 13;
  private long pixels;
  private byte[] packed = {};
  private int left;
  private int top;

  private GifFile(byte[] file) {
    this.file = file;
  }

  /**
   * Reads up to the end of the first image.
   *
   * @throws UnusablePicture if that lacks pixels
   */
  static GifFile read(byte[] file) throws UnusablePicture {
    GifFile gif = new GifFile(file);
    try {
      gif.toImage();
      gif.checkPixels(gif.file[gif.position - 1] & 0xff);
      return gif;
    } catch (IndexOutOfBoundsException e) {
      throw new UnusablePicture("damaged: the file ends in its pixels");
    }
  }

  private void toImage() throws UnusablePicture {
    position += palette(file[10]);
    while (file[position] != IMAGE) {
      if (file[position] != EXTENSION) {
        throw new UnusablePicture(
            (file[position] & 0xff) == TRAILER
                ? "damaged: it holds no image"
                : "damaged: no block begins where one should");
      }
      position += 2;
      subBlocks();
    }
    left = unsigned(position + 1);
    top = unsigned(position + 3);
    long width = unsigned(position + 5);
    long height = unsigned(position + 7);
    Picture.checkSize(width, height);
    pixels = width * height;
    position += 10 + palette(file[position + 9]) + 1;
    int codes = position;
    subBlocks();
    int end = position;
    position = codes;
    packed = joined(end);
  }

  /**
   * The first image in its place on the screen, which elsewhere is clear if the image has clear
   * colours, else of the file's background.
   */
  Picture onScreen(Picture image) throws UnusablePicture {
    int width = Math.max(unsigned(6), left + image.width());
    int height = Math.max(unsigned(8), top + image.height());
    if (width == image.width() && height == image.height()) {
      return image;
    }
    Picture.checkSize(width, height);
    int[] background = new int[3];
    boolean known = palette(file[10]) > 3 * (file[11] & 0xff);
    for (int c = 0; c < 3 && known; c++) {
      background[c] = file[13 + 3 * (file[11] & 0xff) + c] & 0xff;
    }
    return image.placed(left, top, width, height, background);
  }

  private static int palette(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private int unsigned(int at) {
    return (file[at] & 0xff) | (file[at + 1] & 0xff) << 8;
  }

  private void subBlocks() {
    while (file[position] != 0) {
      position += 1 + (file[position] & 0xff);
    }
    position++;
  }

  private byte[] joined(int end) {
    byte[] bytes = new byte[end - position];
    int length = 0;
    for (int at = position; file[at] != 0; at += 1 + (file[at] & 0xff)) {
      System.arraycopy(file, at + 1, bytes, length, file[at] & 0xff);
      length += file[at] & 0xff;
    }
    return Arrays.copyOf(bytes, length);
  }

  /** Counts the pixels that the codes stand for, without making any. */
  private void checkPixels(int codeSize) throws UnusablePicture {
    if (codeSize < 1 || codeSize > 11) {
      throw new UnusablePicture("damaged: codes of %d bits".formatted(codeSize));
    }
    int clear = 1 << codeSize;
    int[] lengths = new int[GREATEST_CODE];
    Arrays.fill(lengths, 0, clear, 1);
    int next = clear + 2;
    int width = codeSize + 1;
    int before = -1;
    long at = 0;
    while (pixels > 0) {
      int code = code(at, width);
      at += width;
      if (code < 0 || code == clear + 1) {
        throw new UnusablePicture("damaged: part of its pixels is missing");
      }
      if (code == clear) {
        next = clear + 2;
        width = codeSize + 1;
        before = -1;
      } else {
        if (code > next || (code == next && before < 0) || (before < 0 && code > clear)) {
          throw new UnusablePicture("damaged: its pixels hold a code that is none");
        }
        if (before >= 0 && next < GREATEST_CODE) {
          lengths[next++] = lengths[before] + 1;
          if (next == 1 << width && width < 12) {
            width++;
          }
        }
        if (code >= next) {
          throw new UnusablePicture("damaged: its pixels hold a code that is none");
        }
        pixels -= lengths[code];
        before = code;
      }
    }
  }

  /** A code of so many bits, the lowest of each byte first; −1 past the end. */
  private int code(long at, int width) {
    int code = 0;
    for (int i = 0; i < width; i++) {
      long bit = at + i;
      if (bit / 8 >= packed.length) {
        return -1;
      }
      code |= (packed[(int) (bit / 8)] >> (bit % 8) & 1) << i;
    }
    return code;
  }
}
