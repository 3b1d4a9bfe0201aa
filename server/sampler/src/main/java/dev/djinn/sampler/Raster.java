package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;

/** A picture's bytes, (height, width, channels), 1 or 3 channels. */
final class Raster {
  final int width;
  final int height;
  final int channels;
  final byte[] pixels;

  Raster(int width, int height, int channels, byte[] pixels) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.pixels = pixels;
  }

  /** Lays samples out row by row from the upper left; what is left of the last row stays black. */
  static Raster grid(Image shape, byte[] samples, int first, int count, int columns) {
    if (columns < 1) {
      throw SamplerException.invalidRequest("a grid of " + columns + " columns is not possible");
    }
    if (shape.channels() != 1 && shape.channels() != 3) {
      throw SamplerException.invalidRequest(
          "samples of "
              + shape.channels()
              + " channels cannot be shown as a picture, only 1 and 3 can");
    }
    int across = Math.min(columns, count);
    int down = (count + across - 1) / across;
    if ((double) across * down * shape.size() > Integer.MAX_VALUE - 8) {
      throw SamplerException.invalidRequest(
          "a grid of " + across + " x " + down + " samples is too large for one picture");
    }
    byte[] pixels = new byte[across * down * shape.size()];
    int line = shape.width() * shape.channels();
    for (int i = 0; i < count; i++) {
      int source = (first + i) * shape.size();
      int target = (i / across * shape.height() * across + i % across) * line;
      for (int y = 0; y < shape.height(); y++) {
        System.arraycopy(samples, source + y * line, pixels, target + y * across * line, line);
      }
    }
    return new Raster(across * shape.width(), down * shape.height(), shape.channels(), pixels);
  }

  BufferedImage toImage() {
    int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(width, height, type);
    byte[] to = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(pixels, 0, to, 0, pixels.length);
    for (int i = 0; channels == 3 && i < to.length; i += 3) { // RGB here, BGR there
      byte red = to[i];
      to[i] = to[i + 2];
      to[i + 2] = red;
    }
    return image;
  }
}
