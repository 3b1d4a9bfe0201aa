package dev.djinn.picture;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.util.Optional;

/**
 * A picture's numbers as they are stored, brought to eight bits: grey, red green blue, or the inks
 * cyan, magenta, yellow and black, and alpha if there is any.
 */
final class StoredColours {
  private final int height;
  private final int width;
  private final byte[][] planes;
  private final Optional<byte[]> alpha;

  /**
   * @param planes unsigned bytes, shape (1, 3 or 4, height × width); inks are 0 for none, 255 for
   *     full
   * @param alpha unsigned bytes, shape (height × width), 0 is clear
   */
  StoredColours(int height, int width, byte[][] planes, Optional<byte[]> alpha) {
    this.height = height;
    this.width = width;
    this.planes = planes;
    this.alpha = alpha;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  byte[][] planes() {
    return planes;
  }

  Optional<byte[]> alpha() {
    return alpha;
  }

  static StoredColours blank(int height, int width, int colours, boolean alpha) {
    return new StoredColours(
        height,
        width,
        new byte[colours][height * width],
        alpha ? Optional.of(new byte[height * width]) : Optional.empty());
  }

  /** What a reader has made of a file, of a palette, grey or RGB, with alpha or without. */
  static StoredColours of(BufferedImage image) throws UnusablePicture {
    ColorModel model = image.getColorModel();
    if (model instanceof IndexColorModel palette) {
      return ofPalette(image.getRaster(), palette);
    }
    StoredColours samples = of(image.getRaster(), model.hasAlpha());
    if (model.hasAlpha() && model.isAlphaPremultiplied()) {
      samples.divideByAlpha();
    }
    return samples;
  }

  /**
   * Whole numbers.
   *
   * @param alpha whether the last of two, four or five bands is alpha
   */
  static StoredColours of(Raster raster, boolean alpha) throws UnusablePicture {
    int bands = raster.getNumBands();
    int colours = bands - (alpha ? 1 : 0);
    if (colours != 1 && colours != 3 && colours != 4) {
      throw new UnusablePicture("%d numbers a pixel are no colour".formatted(bands));
    }
    StoredColours samples = blank(raster.getHeight(), raster.getWidth(), colours, alpha);
    int[] greatest = new int[bands];
    for (int b = 0; b < bands; b++) {
      int bits = raster.getSampleModel().getSampleSize(b);
      if (bits > 16 || raster.getTransferType() == DataBuffer.TYPE_SHORT) {
        throw new UnusablePicture(
            "integers of %d bits have no agreed black and white".formatted(bits));
      }
      greatest[b] = (1 << bits) - 1;
    }
    if (raster.getDataBuffer() instanceof DataBufferByte bytes
        && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
        && model.getWidth() == samples.width
        && model.getHeight() == samples.height
        && raster.getSampleModelTranslateX() == 0
        && raster.getSampleModelTranslateY() == 0) {
      samples.take(bytes, model, colours);
      return samples;
    }
    int[] row = new int[samples.width * bands];
    for (int y = 0; y < samples.height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, samples.width, 1, row);
      for (int b = 0; b < bands; b++) {
        byte[] plane = b < colours ? samples.planes[b] : samples.alpha.orElseThrow();
        for (int x = 0; x < samples.width; x++) {
          int value = row[x * bands + b];
          plane[y * samples.width + x] =
              (byte) (greatest[b] == 255 ? value : (value * 255 + greatest[b] / 2) / greatest[b]);
        }
      }
    }
    return samples;
  }

  /** Bytes where they lie, several times as fast as by way of the raster. */
  private void take(DataBufferByte bytes, PixelInterleavedSampleModel model, int colours) {
    int[] offsets = model.getBandOffsets();
    byte[] data = bytes.getData(0);
    int stride = model.getPixelStride();
    for (int b = 0; b < offsets.length; b++) {
      byte[] plane = b < colours ? planes[b] : alpha.orElseThrow();
      for (int y = 0; y < height; y++) {
        int from = bytes.getOffset() + y * model.getScanlineStride() + offsets[b];
        int to = y * width;
        for (int end = to + width; to < end; to++, from += stride) {
          plane[to] = data[from];
        }
      }
    }
  }

  private static StoredColours ofPalette(Raster raster, IndexColorModel palette) {
    StoredColours samples = blank(raster.getHeight(), raster.getWidth(), 3, palette.hasAlpha());
    int[] colours = new int[palette.getMapSize()];
    palette.getRGBs(colours);
    int[] row = new int[samples.width];
    for (int y = 0; y < samples.height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, samples.width, 1, 0, row);
      for (int x = 0; x < samples.width; x++) {
        // A number that the palette lacks is black, as in most programs.
        int colour = row[x] < colours.length ? colours[row[x]] : 0xff000000;
        int at = y * samples.width + x;
        for (int c = 0; c < 3; c++) {
          samples.planes[c][at] = (byte) (colour >> (16 - 8 * c));
        }
        if (samples.alpha.isPresent()) {
          samples.alpha.get()[at] = (byte) (colour >> 24);
        }
      }
    }
    return samples;
  }

  static StoredColours ofJpeg(JpegFile jpeg) throws UnusablePicture {
    StoredColours samples = of(ImageReaders.readRaster("jpeg", jpeg.clean()), false);
    if (jpeg.isLumaAndDifferences() && samples.planes.length > 1) {
      samples.toRgb();
    }
    if (samples.planes.length == 4) {
      for (int c = 0; c < 4; c++) {
        // With differences, the inks are what red, green and blue leave over; Adobe's are inverted.
        boolean leftOver = jpeg.isLumaAndDifferences() && c < 3;
        if (leftOver != jpeg.inverted()) {
          invert(samples.planes[c]);
        }
      }
    }
    return samples;
  }

  private static void invert(byte[] plane) {
    for (int i = 0; i < plane.length; i++) {
      plane[i] = (byte) ~plane[i];
    }
  }

  /**
   * From luma and differences to red, green and blue, with the integers of the JPEG group's own
   * decoder.
   *
   * @see <a href="https://www.w3.org/Graphics/JPEG/jfif3.pdf">JFIF 1.02, page 3</a>
   */
  private void toRgb() {
    for (int i = 0; i < planes[0].length; i++) {
      int y = planes[0][i] & 0xff;
      int blue = (planes[1][i] & 0xff) - 128;
      int red = (planes[2][i] & 0xff) - 128;
      planes[0][i] = clamped(y + ((91881 * red + 32768) >> 16));
      planes[1][i] = clamped(y + ((-22554 * blue - 46802 * red + 32768) >> 16));
      planes[2][i] = clamped(y + ((116130 * blue + 32768) >> 16));
    }
  }

  static StoredColours ofPng(PngFile png) throws UnusablePicture {
    BufferedImage image = ImageReaders.read("png", png.clean());
    StoredColours samples = of(image);
    if (png.clearColour().isEmpty()) {
      return samples;
    }
    int[] clear = png.clearColour().get();
    StoredColours keyed =
        new StoredColours(
            samples.height,
            samples.width,
            samples.planes,
            Optional.of(new byte[samples.planes[0].length]));
    Raster raster = image.getRaster();
    int[] pixel = new int[clear.length];
    for (int y = 0; y < samples.height; y++) {
      for (int x = 0; x < samples.width; x++) {
        boolean equal = true;
        raster.getPixel(x, y, pixel);
        for (int b = 0; b < clear.length; b++) {
          equal &= pixel[b] == clear[b];
        }
        keyed.alpha.orElseThrow()[y * samples.width + x] = (byte) (equal ? 0 : 255);
      }
    }
    return keyed;
  }

  private static byte clamped(int value) {
    return (byte) Math.max(0, Math.min(255, value));
  }

  /** From colours that were multiplied by alpha to the colours themselves. */
  void divideByAlpha() {
    byte[] opaque = alpha.orElseThrow();
    for (int i = 0; i < opaque.length; i++) {
      int by = opaque[i] & 0xff;
      for (byte[] plane : planes) {
        plane[i] = by == 0 ? 0 : clamped(((plane[i] & 0xff) * 255 + by / 2) / by);
      }
    }
  }

  /** As they are, in sRGB. */
  Picture picture() {
    return picture(Optional.empty());
  }

  /**
   * As a profile says; without one grey and RGB are taken to be sRGB, and inks to let through what
   * they do not cover: (255 − ink) × (255 − black) / 255.
   */
  Picture picture(Optional<byte[]> profile) {
    Picture picture = new Picture(height, width, new byte[3 * height * width], alpha);
    Optional<ColourProfile> known =
        profile.flatMap(bytes -> ColourProfile.of(bytes, planes.length));
    if (known.isPresent()) {
      known.get().toSrgb(planes, picture.colours());
    } else {
      plainly(picture.colours());
    }
    return picture;
  }

  private void plainly(byte[] colours) {
    int plane = height * width;
    for (int c = 0; c < 3; c++) {
      if (planes.length < 4) {
        System.arraycopy(planes[planes.length == 1 ? 0 : c], 0, colours, c * plane, plane);
      } else {
        for (int i = 0; i < plane; i++) {
          int light = 255 - (planes[c][i] & 0xff);
          int black = 255 - (planes[3][i] & 0xff);
          colours[c * plane + i] = (byte) ((light * black + 127) / 255);
        }
      }
    }
  }
}
