package dev.djinn.picture;

import java.util.Arrays;
import java.util.Optional;

/**
 * A decoded picture in sRGB, turned as it is meant to be looked at. Its arrays are handed out
 * themselves, since a copy would double the memory of a large one.
 */
public final class Picture {
  /** Pixels of one picture; decoding so many takes about 450 MB for a moment. */
  static final long GREATEST_PIXELS = 64L << 20;

  private final int height;
  private final int width;
  private final byte[] colours;
  private final Optional<byte[]> alpha;

  Picture(int height, int width, byte[] colours, Optional<byte[]> alpha) {
    this.height = height;
    this.width = width;
    this.colours = colours;
    this.alpha = alpha;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /**
   * Red, green and blue, not multiplied by alpha: unsigned bytes, shape (3, height, width). The
   * array itself: do not write to it.
   */
  public byte[] colours() {
    return colours;
  }

  /**
   * Unsigned bytes, shape (height, width), 0 is clear; empty if the file has no alpha. The array
   * itself: do not write to it.
   */
  public Optional<byte[]> alpha() {
    return alpha;
  }

  /** A picture without colours yet. */
  static Picture blank(int height, int width, boolean alpha) {
    return new Picture(
        height,
        width,
        new byte[3 * height * width],
        alpha ? Optional.of(new byte[height * width]) : Optional.empty());
  }

  /** Refuses a size before anything of that size is made. */
  static void checkSize(long width, long height) throws UnusablePicture {
    if (width < 1 || height < 1) {
      throw new UnusablePicture("damaged: %d x %d pixels".formatted(width, height));
    }
    if (height > GREATEST_PIXELS || width * height > GREATEST_PIXELS) {
      throw new UnusablePicture(
          "%d x %d pixels are over %d megapixels".formatted(width, height, GREATEST_PIXELS >> 20));
    }
  }

  /**
   * The colours over a white ground.
   *
   * @return shape (3, height, width); the array of {@link #colours} itself if all is opaque
   */
  public byte[] onWhite() {
    return alpha.isEmpty() ? colours : onWhite(colours, alpha.get());
  }

  /**
   * Colours over a white ground.
   *
   * @param colours unsigned bytes, shape (3, plane), not multiplied by alpha
   * @param alpha unsigned bytes, shape (plane), 0 is clear
   * @return shape (3, plane)
   */
  public static byte[] onWhite(byte[] colours, byte[] alpha) {
    byte[] shown = new byte[colours.length];
    int plane = alpha.length;
    for (int i = 0; i < plane; i++) {
      int opaque = alpha[i] & 0xff;
      for (int c = 0; c < 3; c++) {
        int value = colours[c * plane + i] & 0xff;
        shown[c * plane + i] = (byte) ((value * opaque + 255 * (255 - opaque) + 127) / 255);
      }
    }
    return shown;
  }

  /**
   * A larger picture, around this one clear if this one has alpha, else of a colour.
   *
   * @param around red, green and blue, 0 to 255
   */
  Picture placed(int left, int top, int toWidth, int toHeight, int... around) {
    Picture placed = blank(toHeight, toWidth, alpha.isPresent());
    int plane = toHeight * toWidth;
    for (int c = 0; c < 3 && alpha.isEmpty(); c++) {
      Arrays.fill(placed.colours, c * plane, (c + 1) * plane, (byte) around[c]);
    }
    for (int y = 0; y < height; y++) {
      int from = y * width;
      int to = (top + y) * toWidth + left;
      for (int c = 0; c < 3; c++) {
        System.arraycopy(colours, c * height * width + from, placed.colours, c * plane + to, width);
      }
      if (alpha.isPresent()) {
        System.arraycopy(alpha.get(), from, placed.alpha.orElseThrow(), to, width);
      }
    }
    return placed;
  }

  /** The picture as it was meant to be looked at. */
  Picture turned(Orientation orientation) {
    if (orientation.isUpright()) {
      return this;
    }
    Picture turned =
        orientation.swapsSides()
            ? blank(width, height, alpha.isPresent())
            : blank(height, width, alpha.isPresent());
    int plane = height * width;
    for (int y = 0; y < turned.height; y++) {
      for (int x = 0; x < turned.width; x++) {
        int from = orientation.source(y, x, height, width);
        int to = y * turned.width + x;
        for (int c = 0; c < 3; c++) {
          turned.colours[c * plane + to] = colours[c * plane + from];
        }
        if (alpha.isPresent()) {
          turned.alpha.orElseThrow()[to] = alpha.get()[from];
        }
      }
    }
    return turned;
  }
}
