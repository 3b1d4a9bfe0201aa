package dev.djinn.report;

import dev.djinn.data.Transparency;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.List;

/**
 * Lays images of one shape out in rows, as one picture: grey for one channel, RGB for three and for
 * four, the fourth being alpha, which shows a chequered ground.
 *
 * @param columns images in a row
 * @param padding pixels between and around the images
 * @param scale whole number by which each pixel is enlarged
 * @param darkOnLight whether to invert the images and put them on white, as on paper
 * @param titles a title above each image in ASCII, or empty; images beyond the list have none
 */
public record SampleGrid(
    int columns, int padding, int scale, boolean darkOnLight, List<String> titles) {
  private static final int LONGEST_TITLE = 24;

  /** The ground of what is transparent. */
  private static final int LIGHT = 255;

  private static final int DARK = 204;
  private static final int TITLE_HEIGHT = BitmapFont.HEIGHT + 2;

  /**
   * @throws IllegalArgumentException if columns or scale are under 1 or padding is negative
   */
  public SampleGrid {
    if (columns < 1 || scale < 1 || padding < 0) {
      throw new IllegalArgumentException(
          "a grid of %d columns, padding %d and scale %d is none"
              .formatted(columns, padding, scale));
    }
    titles = titles.stream().map(SampleGrid::shortened).toList();
  }

  /**
   * A grid of so many columns, 2 pixels between the images, pixels doubled, light on dark, no
   * titles.
   */
  public static SampleGrid columns(int columns) {
    return new SampleGrid(columns, 2, 2, false, List.of());
  }

  /** The same with other padding. */
  public SampleGrid withPadding(int padding) {
    return new SampleGrid(columns, padding, scale, darkOnLight, titles);
  }

  /** The same with another scale. */
  public SampleGrid withScale(int scale) {
    return new SampleGrid(columns, padding, scale, darkOnLight, titles);
  }

  /** The same, inverted or not. */
  public SampleGrid withDarkOnLight(boolean darkOnLight) {
    return new SampleGrid(columns, padding, scale, darkOnLight, titles);
  }

  /** The same with titles. */
  public SampleGrid withTitles(List<String> titles) {
    return new SampleGrid(columns, padding, scale, darkOnLight, titles);
  }

  /**
   * Lays out floats. Values outside [0, 1] are clipped.
   *
   * @param images shape (n, channels, height, width), 0 is black and 1 is white
   * @throws IllegalArgumentException if there is no image, or a value is not a number
   */
  public BufferedImage ofFloats(float[] images, int channels, int height, int width) {
    return ofBytes(bytes(images, channels * height * width), channels, height, width);
  }

  /**
   * Turns floats into bytes. Values outside [0, 1] are clipped.
   *
   * @param images 0 is black and 1 is white
   * @param size values of an image
   * @return unsigned bytes
   * @throws IllegalArgumentException if a value is not a number
   */
  public static byte[] bytes(float[] images, int size) {
    byte[] pixels = new byte[images.length];
    for (int i = 0; i < images.length; i++) {
      if (Float.isNaN(images[i])) {
        throw new IllegalArgumentException(
            "image %d has a pixel that is not a number".formatted(i / size));
      }
      pixels[i] = (byte) (int) Math.rint(Math.min(1, Math.max(0, images[i])) * 255);
    }
    return pixels;
  }

  /**
   * Lays out bytes.
   *
   * @param images unsigned, shape (n, channels, height, width), 0 is black and 255 is white
   * @throws IllegalArgumentException if there is no image
   */
  public BufferedImage ofBytes(byte[] images, int channels, int height, int width) {
    if (channels == Transparency.CHANNELS) {
      return plain().ofBytes(onChequers(images, height, width), 3, height, width);
    }
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          "images of %d channels cannot be shown, only 1, 3 or 4".formatted(channels));
    }
    int size = channels * height * width;
    if (images.length == 0 || images.length % size != 0) {
      throw new IllegalArgumentException(
          "%d values are not images of %d".formatted(images.length, size));
    }
    int count = images.length / size;
    int titleHeight = titles.isEmpty() ? 0 : TITLE_HEIGHT;
    int widestTitle = titles.stream().mapToInt(title -> BitmapFont.width(title, 1)).max().orElse(0);
    int cellWidth = Math.max(width * scale, widestTitle) + padding;
    int cellHeight = titleHeight + height * scale + padding;
    int shown = Math.min(columns, count);
    BufferedImage picture =
        new BufferedImage(
            padding + shown * cellWidth,
            padding + ((count + columns - 1) / columns) * cellHeight,
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
    int background = darkOnLight ? 255 : 0;
    fill(picture.getRaster(), background);
    for (int i = 0; i < count; i++) {
      int left = padding + (i % columns) * cellWidth;
      int top = padding + (i / columns) * cellHeight;
      int spare = cellWidth - padding - width * scale;
      if (i < titles.size()) {
        int ink = 255 - background;
        int indent = (cellWidth - padding - BitmapFont.width(titles.get(i), 1)) / 2;
        BitmapFont.draw(picture, titles.get(i), left + indent, top + 1, 1, ink, ink, ink);
      }
      place(
          picture.getRaster(),
          images,
          i * size,
          channels,
          height,
          width,
          left + spare / 2,
          top + titleHeight);
    }
    return picture;
  }

  /** Colours with alpha are shown as they are: inverted, they would be others. */
  private SampleGrid plain() {
    return withDarkOnLight(false);
  }

  /** Straight colours over light and dark squares of about an eighth of the shorter side. */
  private static byte[] onChequers(byte[] images, int height, int width) {
    int plane = height * width;
    int side = Math.max(2, Math.min(height, width) / 8);
    byte[] shown = new byte[images.length / Transparency.CHANNELS * 3];
    for (int i = 0; i < shown.length; i++) {
      int image = i / (3 * plane) * Transparency.CHANNELS * plane;
      int at = i % plane;
      int alpha = images[image + 3 * plane + at] & 0xff;
      int colour = images[image + i % (3 * plane)] & 0xff;
      int ground = (at / width / side + at % width / side) % 2 == 0 ? LIGHT : DARK;
      shown[i] = (byte) ((colour * alpha + ground * (255 - alpha) + 127) / 255);
    }
    return shown;
  }

  private void place(
      WritableRaster raster,
      byte[] images,
      int start,
      int channels,
      int height,
      int width,
      int left,
      int top) {
    // The raster directly: BufferedImage.setRGB converts to grey through a gamma curve.
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height * scale; y++) {
        int row = start + (c * height + y / scale) * width;
        for (int x = 0; x < width * scale; x++) {
          int value = images[row + x / scale] & 0xff;
          raster.setSample(left + x, top + y, c, darkOnLight ? 255 - value : value);
        }
      }
    }
  }

  private static void fill(WritableRaster raster, int value) {
    int[] row = new int[raster.getWidth() * raster.getNumBands()];
    Arrays.fill(row, value);
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.setPixels(0, y, raster.getWidth(), 1, row);
    }
  }

  private static String shortened(String title) {
    return title.length() <= LONGEST_TITLE ? title : title.substring(0, LONGEST_TITLE - 2) + "..";
  }
}
