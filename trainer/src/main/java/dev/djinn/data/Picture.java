package dev.djinn.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A decoded picture: red, green and blue, one plane after the other, unsigned bytes. What is
 * transparent shows white.
 */
final class Picture {
  private final int height;
  private final int width;
  private final byte[] planes;

  private Picture(int height, int width) {
    this.height = height;
    this.width = width;
    this.planes = new byte[3 * height * width];
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /** Shape (3, height, width). */
  byte[] planes() {
    return planes;
  }

  /**
   * Decodes the first image of a file in any format that this Java reads: PNG, JPEG, GIF, BMP,
   * TIFF.
   *
   * @throws UnusablePicture if it is none of these, damaged, or too large to decode
   */
  static Picture decode(byte[] file) throws UnusablePicture {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new UnusablePicture("not a PNG, JPEG, GIF, BMP or TIFF image");
      }
      ImageReader reader = readers.next();
      try {
        // Without metadata: compressed text chunks could unpack to anything.
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > Limits.GREATEST_PICTURE_PIXELS) {
          throw new UnusablePicture(
              "%d x %d pixels are over %d megapixels"
                  .formatted(
                      reader.getWidth(0),
                      reader.getHeight(0),
                      Limits.GREATEST_PICTURE_PIXELS >> 20));
        }
        Picture picture = of(reader.read(0));
        boolean jpeg = reader.getFormatName().toLowerCase(Locale.ROOT).contains("jp");
        return jpeg ? picture.turned(ExifOrientation.of(file)) : picture;
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw all kinds of unchecked exceptions on damaged files.
      throw new UnusablePicture("damaged: " + firstLine(e));
    }
  }

  private static Picture of(BufferedImage image) {
    Picture picture = new Picture(image.getHeight(), image.getWidth());
    if (plainGrey(image)) {
      picture.takeGrey(image.getRaster());
    } else {
      picture.takeColours(image);
    }
    return picture;
  }

  /**
   * Java converts linear grey to sRGB on the way through getRGB, which would brighten every grey
   * picture.
   */
  private static boolean plainGrey(BufferedImage image) {
    ColorModel colours = image.getColorModel();
    int type = image.getRaster().getTransferType();
    return colours.getColorSpace().getType() == ColorSpace.TYPE_GRAY
        && !(colours instanceof IndexColorModel)
        && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT);
  }

  private void takeGrey(Raster raster) {
    int shift = raster.getSampleModel().getSampleSize(0) - 8;
    int[] row = new int[width * raster.getNumBands()];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int value = row[x * raster.getNumBands()] >> Math.max(0, shift);
        int alpha =
            raster.getNumBands() > 1
                ? row[x * raster.getNumBands() + 1] >> Math.max(0, shift)
                : 255;
        byte shown = onWhite(value, alpha);
        for (int c = 0; c < 3; c++) {
          planes[(c * height + y) * width + x] = shown;
        }
      }
    }
  }

  private void takeColours(BufferedImage image) {
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          planes[(c * height + y) * width + x] =
              onWhite((row[x] >> (16 - 8 * c)) & 0xff, row[x] >>> 24);
        }
      }
    }
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  /** The picture as it was meant to be looked at. */
  private Picture turned(ExifOrientation orientation) {
    if (orientation.isUpright()) {
      return this;
    }
    Picture turned =
        orientation.swapsSides() ? new Picture(width, height) : new Picture(height, width);
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < turned.height; y++) {
        for (int x = 0; x < turned.width; x++) {
          int from = orientation.source(y, x, height, width);
          turned.planes[(c * turned.height + y) * turned.width + x] =
              planes[c * height * width + from];
        }
      }
    }
    return turned;
  }

  private static String firstLine(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
