package dev.djinn.sampler;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes a raster as a PNG file (W3C Recommendation, 2003): signature, IHDR, IDAT, IEND. Of our own
 * because the JDK's writer starts AWT, which costs more time and memory than drawing a page of
 * samples.
 */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int RGBA = 6;
  private static final int NONE = 0;
  private static final int SUB = 1;
  private static final int UP = 2;

  private Png() {}

  static byte[] encode(Raster raster) {
    ByteBuffer header = ByteBuffer.allocate(13).putInt(raster.width).putInt(raster.height);
    header.put((byte) 8).put((byte) type(raster.channels));
    ByteArrayOutputStream out = new ByteArrayOutputStream(raster.pixels.length / 2 + 100);
    out.writeBytes(SIGNATURE);
    chunk(out, "IHDR", header.array());
    chunk(out, "IDAT", compress(raster));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static int type(int channels) {
    return switch (channels) {
      case 1 -> GREY;
      case 3 -> RGB;
      default -> RGBA;
    };
  }

  private static byte[] compress(Raster raster) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raster.pixels.length / 2 + 100);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater, 8192)) {
      int line = raster.width * raster.channels;
      byte[] filtered = new byte[1 + line];
      for (int y = 0; y < raster.height; y++) {
        filter(raster, y * line, line, filtered);
        out.write(filtered);
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  /** Chooses the filter whose bytes are nearest to 0, which is the specification's advice. */
  private static void filter(Raster raster, int start, int line, byte[] filtered) {
    int best = NONE;
    long least = Long.MAX_VALUE;
    for (int filter = NONE; filter <= UP; filter++) {
      long sum = 0;
      for (int x = 0; x < line && sum < least; x++) {
        sum += Math.abs(difference(raster, start, x, line, filter));
      }
      if (sum < least) {
        least = sum;
        best = filter;
      }
    }
    filtered[0] = (byte) best;
    for (int x = 0; x < line; x++) {
      filtered[1 + x] = difference(raster, start, x, line, best);
    }
  }

  private static byte difference(Raster raster, int start, int x, int line, int filter) {
    byte[] pixels = raster.pixels;
    int at = start + x;
    int predicted = 0;
    if (filter == SUB && x >= raster.channels) {
      predicted = pixels[at - raster.channels];
    } else if (filter == UP && start > 0) {
      predicted = pixels[at - line];
    }
    return (byte) (pixels[at] - predicted);
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(name);
    check.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(name);
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) check.getValue()).array());
  }
}
