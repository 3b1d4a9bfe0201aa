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
        default -> {}
      }
      at += 8 + length + length % 2;
    }
    return webp;
  }

  Optional<byte[]> profile() {
    return Optional.ofNullable(profile);
  }

  Orientation orientation() {
    return orientation;
  }
}
