package dev.djinn.picture;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A JPEG's segments. Its pixels are checked to be all there, since the decoder behind ImageIO fills
 * up what is missing and tells of the first oddity only, harmless or not. What is harmless is left
 * out of the clean copy that the decoder gets: bytes between segments, metadata, what follows the
 * end.
 *
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81, annex B</a>
 */
final class JpegFile {
  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int QUANTISATION = 0xdb;
  private static final int RESTART_INTERVAL = 0xdd;
  private static final int HUFFMAN = 0xc4;
  private static final int BASELINE = 0xc0;
  private static final int PROGRESSIVE = 0xc2;
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0};
  private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0};
  private static final byte[] ADOBE = {'A', 'd', 'o', 'b', 'e'};
  private static final byte[] ICC = {'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0};

  private final byte[] file;
  private final ByteArrayOutputStream clean;
  private final SortedMap<Integer, byte[]> profile = new TreeMap<>();
  private final List<byte[]> exif = new ArrayList<>();
  private int position;
  private boolean jfif;
  private int adobeTransform = -1;
  private JpegScans scans;

  private JpegFile(byte[] file) {
    this.file = file;
    clean = new ByteArrayOutputStream(file.length);
  }

  /**
   * Reads all segments.
   *
   * @throws UnusablePicture if pixels are missing, or it is of a kind that is not read
   */
  static JpegFile read(byte[] file) throws UnusablePicture {
    JpegFile jpeg = new JpegFile(file);
    try {
      jpeg.read();
    } catch (IndexOutOfBoundsException e) {
      throw new UnusablePicture("damaged: the file ends in a segment at its start");
    }
    return jpeg;
  }

  private void read() throws UnusablePicture {
    position = 2;
    copyMarker(START_OF_IMAGE);
    boolean ended = false;
    while (!ended) {
      int marker = nextMarker();
      if (marker == END_OF_IMAGE || marker < 0) {
        checkWhole();
        ended = true;
      } else if (!standsAlone(marker)) {
        int length = length();
        if (length < 2 || position + length > file.length) {
          // Behind a whole picture anything may follow.
          checkWhole();
          ended = true;
        } else {
          segment(marker, length);
        }
      }
    }
    copyMarker(END_OF_IMAGE);
  }

  private void checkWhole() throws UnusablePicture {
    if (scans == null) {
      throw new UnusablePicture("damaged: the file ends before its pixels");
    }
    scans.checkWhole();
  }

  /** The next marker's second byte, with the position behind it; −1 at the end of the file. */
  private int nextMarker() {
    while (position + 1 < file.length) {
      int second = file[position + 1] & 0xff;
      if (file[position] == -1 && second != 0 && second != 0xff) {
        position += 2;
        return second;
      }
      position++;
    }
    return -1;
  }

  private static boolean standsAlone(int marker) {
    return marker == START_OF_IMAGE || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
  }

  private int length() {
    return position + 1 < file.length ? unsigned(position) : 0;
  }

  private int unsigned(int at) {
    return (file[at] & 0xff) << 8 | (file[at + 1] & 0xff);
  }

  /** One segment, from its length on. */
  private void segment(int marker, int length) throws UnusablePicture {
    int start = position + 2;
    int end = position + length;
    byte[] content = Arrays.copyOfRange(file, start, end);
    switch (marker) {
      case 0xe0 -> jfif |= startsWith(content, JFIF);
      case 0xe1 -> {
        if (startsWith(content, EXIF)) {
          exif.add(content);
        }
      }
      case 0xe2 -> {
        if (startsWith(content, ICC) && content.length > ICC.length + 2) {
          profile.putIfAbsent(content[ICC.length] & 0xff, content);
        }
      }
      case 0xee -> {
        if (startsWith(content, ADOBE) && content.length >= 12) {
          adobeTransform = content[11] & 0xff;
        }
      }
      case HUFFMAN, QUANTISATION, RESTART_INTERVAL -> {
        copy(marker, end);
        tables(marker, content);
      }
      case START_OF_SCAN -> {
        if (scans == null) {
          throw new UnusablePicture("damaged: pixels before their size");
        }
        copy(marker, end);
        end = scans.scan(content, end, clean);
      }
      default -> {
        if (marker >= BASELINE && marker <= 0xcf && marker != 0xc8 && marker != 0xcc) {
          frame(marker, content);
          copy(marker, end);
        }
      }
    }
    position = end;
  }

  private final JpegTables tables = new JpegTables();

  private void tables(int marker, byte[] content) throws UnusablePicture {
    switch (marker) {
      case HUFFMAN -> tables.huffman(content);
      case QUANTISATION -> tables.quantisation(content);
      default -> tables.restartInterval(content);
    }
  }

  private void frame(int marker, byte[] content) throws UnusablePicture {
    if (scans != null) {
      throw new UnusablePicture("damaged: two sizes");
    }
    if (marker > PROGRESSIVE) {
      throw new UnusablePicture(
          switch (marker) {
            case 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf -> "a JPEG with arithmetic coding is not read";
            case 0xc3 -> "a lossless JPEG is not read";
            default -> "a hierarchical JPEG is not read";
          });
    }
    if (content[0] != 8) {
      throw new UnusablePicture("a JPEG of %d bits a sample is not read".formatted(content[0]));
    }
    scans = new JpegScans(file, content, marker == PROGRESSIVE, tables);
    int components = scans.components();
    if (components != 1 && components != 3 && components != 4) {
      throw new UnusablePicture("a JPEG of %d components is not read".formatted(components));
    }
  }

  private void copyMarker(int marker) {
    clean.write(0xff);
    clean.write(marker);
  }

  /** Copies a segment up to its end. */
  private void copy(int marker, int end) {
    copyMarker(marker);
    clean.write(file, position, end - position);
  }

  private static boolean startsWith(byte[] content, byte[] start) {
    return content.length >= start.length
        && Arrays.equals(content, 0, start.length, start, 0, start.length);
  }

  /** The same pixels without anything that a decoder could stumble over. */
  byte[] clean() {
    return clean.toByteArray();
  }

  int height() {
    return scans.height();
  }

  int width() {
    return scans.width();
  }

  int components() {
    return scans.components();
  }

  /** Whether four components are stored as 255 minus the ink, as Adobe's programs do. */
  boolean inverted() {
    return adobeTransform >= 0;
  }

  /** Whether the first three components are luma and two colour differences. */
  boolean isLumaAndDifferences() {
    if (components() == 4) {
      return adobeTransform == 2;
    }
    if (jfif || adobeTransform < 0) {
      return jfif || !scans.isNamed('R', 'G', 'B');
    }
    return adobeTransform != 0;
  }

  Orientation orientation() {
    return exif.stream().findFirst().map(Orientation::ofExif).orElse(Orientation.UPRIGHT);
  }

  /** The embedded profile, put together from its pieces. */
  Optional<byte[]> profile() {
    if (profile.isEmpty()) {
      return Optional.empty();
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] piece : profile.values()) {
      whole.write(piece, ICC.length + 2, piece.length - ICC.length - 2);
    }
    return Optional.of(whole.toByteArray());
  }
}
