package dev.djinn.picture;

import java.util.Optional;

/**
 * Reads Netpbm's PBM, PGM and PPM, plain (P1, P2, P3) and raw (P4, P5, P6), of up to 16 bits: a few
 * numbers in ASCII, then the pixels.
 *
 * @see <a href="https://netpbm.sourceforge.net/doc/ppm.html">The specification</a>
 */
final class NetpbmFile {
  private static final int GREATEST = 65_535;

  private final byte[] file;
  private int position = 2;

  private NetpbmFile(byte[] file) {
    this.file = file;
  }

  /**
   * Reads the first picture.
   *
   * @throws UnusablePicture if it is cut or has numbers that cannot be
   */
  static StoredColours read(byte[] file) throws UnusablePicture {
    return new NetpbmFile(file).read();
  }

  private StoredColours read() throws UnusablePicture {
    int kind = file[1] - '0';
    boolean bits = kind == 1 || kind == 4;
    boolean plain = kind <= 3;
    int colours = kind == 3 || kind == 6 ? 3 : 1;
    int width = number();
    int height = number();
    Picture.checkSize(width, height);
    int greatest = bits ? 1 : number();
    if (greatest < 1 || greatest > GREATEST) {
      throw new UnusablePicture("damaged: a greatest value of %d".formatted(greatest));
    }
    if (!plain) {
      position++; // a single white space ends the header
    }
    int bytes = greatest > 255 ? 2 : 1;
    long needed = bits ? (width + 7L) / 8 * height : (long) width * height * colours * bytes;
    if (!plain && needed > file.length - position) {
      throw new UnusablePicture(
          "damaged: the header promises %d bytes of pixels, %d follow"
              .formatted(needed, Math.max(0, file.length - position)));
    }
    StoredColours samples =
        new StoredColours(height, width, new byte[colours][height * width], Optional.empty());
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < colours; c++) {
          int value;
          if (kind == 1) {
            value = 1 - digit();
          } else if (kind == 4) {
            value = 1 - (file[position + x / 8] >> (7 - x % 8) & 1);
          } else if (plain) {
            value = number();
          } else {
            value = file[position++] & 0xff;
            value = bytes == 2 ? value << 8 | (file[position++] & 0xff) : value;
          }
          if (value > greatest) {
            throw new UnusablePicture(
                "damaged: %d is over the greatest value %d".formatted(value, greatest));
          }
          samples.planes()[c][y * width + x] = (byte) ((value * 255 + greatest / 2) / greatest);
        }
      }
      if (kind == 4) {
        position += (width + 7) / 8;
      }
    }
    return samples;
  }

  static boolean isSpace(int character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
  }

  private void space() {
    while (position < file.length) {
      if (file[position] == '#') {
        while (position < file.length && file[position] != '\n' && file[position] != '\r') {
          position++;
        }
      } else if (isSpace(file[position])) {
        position++;
      } else {
        return;
      }
    }
  }

  /** A pixel of plain PBM, which needs no space between. */
  private int digit() throws UnusablePicture {
    space();
    if (position >= file.length || (file[position] != '0' && file[position] != '1')) {
      throw cut();
    }
    return file[position++] - '0';
  }

  private int number() throws UnusablePicture {
    space();
    int start = position;
    int value = 0;
    while (position < file.length && file[position] >= '0' && file[position] <= '9') {
      value = Math.min(10 * value + file[position++] - '0', 100_000_000);
    }
    if (position == start) {
      throw cut();
    }
    return value;
  }

  private static UnusablePicture cut() {
    return new UnusablePicture("damaged: part of its numbers is missing");
  }
}
