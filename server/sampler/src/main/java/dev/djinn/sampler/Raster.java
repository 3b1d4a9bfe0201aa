package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;

/** A picture's bytes, (height, width, channels), 1, 3 or 4 channels, the fourth being alpha. */
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

  /** Lays samples out row by row from the upper left; what is left of the last row is 0. */
  static Raster grid(Image shape, byte[] samples, int first, int count, int columns) {
    if (columns < 1) {
      throw SamplerException.invalidRequest("a grid of " + columns + " columns is not possible");
    }
    if (shape.channels() != 1 && shape.channels() != 3 && shape.channels() != 4) {
      throw SamplerException.invalidRequest(
          "samples of "
              + shape.channels()
              + " channels cannot be shown as a picture, only 1, 3 and 4 can");
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
    int type =
        switch (channels) {
          case 1 -> BufferedImage.TYPE_BYTE_GRAY;
          case 3 -> BufferedImage.TYPE_3BYTE_BGR;
          default -> BufferedImage.TYPE_4BYTE_ABGR;
        };
    BufferedImage image = new BufferedImage(width, height, type);
    byte[] to = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < to.length; i += channels) {
      for (int c = 0; c < channels; c++) { // RGBA here, ABGR there
        to[i + c] = pixels[i + channels - 1 - c];
      }
    }
    return image;
  }
}
