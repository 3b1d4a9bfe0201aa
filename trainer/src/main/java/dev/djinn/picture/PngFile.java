package dev.djinn.picture;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;

/**
 * A PNG's chunks. The JDK's reader checks no sums and knows neither transparent colours without a
 * palette nor Exif nor profiles: that is done here, and the reader gets a clean copy with what the
 * pixels need.
 *
 * @see <a href="https://www.w3.org/TR/png-3/">PNG, third edition</a>
 */
final class PngFile {
  private static final int SIGNATURE = 8;
  private static final int PALETTE = 3;
  private static final int LONGEST_PROFILE = 8 << 20;

  private final byte[] file;
  private final ByteArrayOutputStream clean;
  private int colourType = -1;
  private byte[] profile;
  private int[] clear;
  private Orientation orientation = Orientation.UPRIGHT;

  private PngFile(byte[] file) {
    this.file = file;
    clean = new ByteArrayOutputStream(file.length);
  }

  /**
   * Reads all chunks.
   *
   * @throws UnusablePicture if a chunk that the pixels need is damaged
   */
  static PngFile read(byte[] file) throws UnusablePicture {
    PngFile png = new PngFile(file);
    png.read();
    return png;
  }

  private void read() throws UnusablePicture {
    clean.write(file, 0, SIGNATURE);
    ByteBuffer in = ByteBuffer.wrap(file);
    in.position(SIGNATURE);
    boolean ended = false;
    while (!ended && in.remaining() >= 8) {
      int start = in.position();
      long length = in.getInt() & 0xffff_ffffL;
      String name = new String(file, start + 4, 4, StandardCharsets.ISO_8859_1);
      in.position(start + 8);
      // The reader says whether what the last chunk lacks is missed.
      int there = (int) Math.min(length, in.remaining());
      boolean whole = length + 4 <= in.remaining();
      chunk(name, start, there, whole);
      in.position(Math.min(file.length, start + 8 + there + 4));
      ended = name.equals("IEND");
    }
    if (colourType < 0) {
      throw new UnusablePicture("damaged: the file ends before its pixels");
    }
    write("IEND", new byte[0]);
  }

  private void chunk(String name, int start, int length, boolean whole) throws UnusablePicture {
    byte[] content =
        name.equals("IDAT") ? new byte[0] : Arrays.copyOfRange(file, start + 8, start + 8 + length);
    switch (name) {
      case "IHDR" -> {
        check(name, start, length, whole);
        if (length != 13) {
          throw new UnusablePicture("damaged: a header of %d bytes".formatted(length));
        }
        colourType = content[9];
        ByteBuffer size = ByteBuffer.wrap(content);
        Picture.checkSize(size.getInt(), size.getInt());
        write(name, content);
      }
      case "PLTE", "IDAT" -> {
        check(name, start, length, whole);
        clean.write(file, start, 12 + length);
      }
      case "tRNS" -> {
        check(name, start, length, whole);
        if (colourType == PALETTE) {
          write(name, content);
        } else if ((colourType == 0 && length >= 2) || (colourType == 2 && length >= 6)) {
          clear = new int[colourType == 0 ? 1 : 3];
          for (int i = 0; i < clear.length; i++) {
            clear[i] = (content[2 * i] & 0xff) << 8 | (content[2 * i + 1] & 0xff);
          }
        }
      }
      case "iCCP" -> profile = unpacked(content);
      case "eXIf" -> orientation = Orientation.ofExif(content);
      default -> {}
    }
  }

  private void check(String name, int start, int length, boolean whole) throws UnusablePicture {
    if (!whole) {
      throw new UnusablePicture("damaged: the file ends in its chunk %s".formatted(name));
    }
    CRC32 sum = new CRC32();
    sum.update(file, start + 4, 4 + length);
    if ((int) sum.getValue() != ByteBuffer.wrap(file).getInt(start + 8 + length)) {
      throw new UnusablePicture("damaged: the sum of its chunk %s is wrong".formatted(name));
    }
  }

  /** A profile behind its name and a byte for the method; null if it cannot be unpacked. */
  private static byte[] unpacked(byte[] content) {
    int end = 0;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    if (end + 2 > content.length) {
      return null;
    }
    try (InflaterInputStream in =
        new InflaterInputStream(
            new ByteArrayInputStream(content, end + 2, content.length - end - 2))) {
      byte[] profile = in.readNBytes(LONGEST_PROFILE + 1);
      return profile.length > LONGEST_PROFILE ? null : profile;
    } catch (IOException e) {
      return null;
    }
  }

  private void write(String name, byte[] content) {
    ByteBuffer chunk = ByteBuffer.allocate(content.length + 12).putInt(content.length);
    chunk.put(name.getBytes(StandardCharsets.ISO_8859_1)).put(content);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 4 + content.length);
    clean.writeBytes(chunk.putInt((int) sum.getValue()).array());
  }

  /** The same pixels and palette, and nothing else. */
  byte[] clean() {
    return clean.toByteArray();
  }

  Optional<byte[]> profile() {
    return Optional.ofNullable(profile);
  }

  Orientation orientation() {
    return orientation;
  }

  /** The grey, or red, green and blue, as stored, that is transparent, in a file without alpha. */
  Optional<int[]> clearColour() {
    return Optional.ofNullable(clear);
  }
}
