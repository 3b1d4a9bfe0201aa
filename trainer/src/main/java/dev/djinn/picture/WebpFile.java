package dev.djinn.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A WebP's chunks.
 *
 * @see <a href="https://developers.google.com/speed/webp/docs/riff_container">The container</a>
 */
final class WebpFile {
  /** Of a frame before its chunks: place, size less one, duration and flags. */
  private static final int FRAME_HEADER = 16;

  private static final int ALPHA = 0x10;

  private byte[] firstFrame;
  private byte[] profile;
  private Orientation orientation = Orientation.UPRIGHT;

  private WebpFile() {}

  /**
   * Reads all chunks.
   *
   * @throws UnusablePicture if the file is shorter than it says
   */
  static WebpFile read(byte[] file) throws UnusablePicture {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long end = (in.getInt(4) & 0xffff_ffffL) + 8;
    if (end > file.length) {
      throw new UnusablePicture(
          "damaged: %d of its %d bytes are missing".formatted(end - file.length, end));
    }
    WebpFile webp = new WebpFile();
    webp.firstFrame = file;
    boolean animated = false;
    long at = 12;
    while (at + 8 <= end) {
      String name = new String(file, (int) at, 4, StandardCharsets.ISO_8859_1);
      long length = in.getInt((int) at + 4) & 0xffff_ffffL;
      if (at + 8 + length > end) {
        throw new UnusablePicture("damaged: the file ends in its chunk %s".formatted(name.strip()));
      }
      int from = (int) at + 8;
      switch (name) {
        case "ICCP" -> webp.profile = Arrays.copyOfRange(file, from, from + (int) length);
        case "EXIF" ->
            webp.orientation =
                Orientation.ofExif(Arrays.copyOfRange(file, from, from + (int) length));
        case "ANMF" -> {
          if (!animated) {
            webp.firstFrame = alone(file, from, (int) length);
            animated = true;
          }
        }
        default -> {}
      }
      at += 8 + length + length % 2;
    }
    return webp;
  }

  /** A frame as a picture of its own. */
  private static byte[] alone(byte[] file, int from, int length) throws UnusablePicture {
    int chunks = length - FRAME_HEADER;
    int canvas = 20; // behind RIFF, its length, WEBP, and VP8X with its own length
    boolean whole =
        chunks > 8
            && new String(file, 12, 4, StandardCharsets.ISO_8859_1).equals("VP8X")
            && Arrays.equals(file, from, from + 6, new byte[6], 0, 6)
            && Arrays.equals(file, from + 6, from + 12, file, canvas + 4, canvas + 10);
    if (!whole) {
      throw new UnusablePicture(
          "an animated WebP whose first frame is not all of the picture is not read");
    }
    ByteBuffer out = ByteBuffer.allocate(30 + chunks).order(ByteOrder.LITTLE_ENDIAN);
    out.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(22 + chunks);
    out.put("WEBPVP8X".getBytes(StandardCharsets.ISO_8859_1)).putInt(10);
    out.putInt(file[canvas] & ALPHA).put(file, canvas + 4, 6);
    out.put(file, from + FRAME_HEADER, chunks);
    return out.array();
  }

  /**
   * What a decoder of still pictures takes: the file itself, or of an animation its first frame.
   */
  byte[] firstFrame() {
    return firstFrame;
  }

  Optional<byte[]> profile() {
    return Optional.ofNullable(profile);
  }

  Orientation orientation() {
    return orientation;
  }
}
