package dev.djinn.picture;

/** The bits of a JPEG's pixels between two markers, the highest of each byte first. */
final class JpegBits {
  private static final int AHEAD = 16;

  /** Bytes that an encoder or a camera may leave behind the last pixel, beside zeros. */
  private static final int MOST_EXTRANEOUS = 16;

  private final byte[] file;
  private int position;
  private long bits;
  private int count;

  JpegBits(byte[] file, int start) {
    this.file = file;
    position = start;
  }

  private void fill() {
    while (count <= 48 && position < file.length) {
      int next = file[position] & 0xff;
      if (next == 0xff) {
        if (position + 1 >= file.length || file[position + 1] != 0) {
          return;
        }
        position++;
      }
      position++;
      bits = bits << 8 | next;
      count += 8;
    }
  }

  /** The next 16 bits, zeros past the end. */
  int peek() {
    if (count < AHEAD) {
      fill();
    }
    return (int) (count >= AHEAD ? bits >>> (count - AHEAD) : bits << (AHEAD - count)) & 0xffff;
  }

  void skip(int length) throws UnusablePicture {
    if (count < length) {
      fill();
      if (count < length) {
        throw new UnusablePicture("damaged: part of its pixels is missing");
      }
    }
    count -= length;
  }

  /** The next bits as a number. */
  int next(int length) throws UnusablePicture {
    if (length == 0) {
      return 0;
    }
    int value = peek() >> (AHEAD - length);
    skip(length);
    return value;
  }

  /** A number of so many bits, of which those that begin with 0 are negative (T.81, F.2.2.1). */
  int signed(int length) throws UnusablePicture {
    int value = next(length);
    return length == 0 || value >= 1 << (length - 1) ? value : value - (1 << length) + 1;
  }

  /**
   * Ends the pixels here. What is left before the next marker must be nothing, or what encoders
   * leave: bits that are all 1 (T.81, F.1.2.3) or all 0 up to the end of the byte, and after 1s a
   * few bytes or zeros. Other bits, more bytes, or bytes and then no marker, are pixels that found
   * no place, since something before them was overwritten.
   *
   * @return where the last byte that holds a pixel ends
   */
  int end() throws UnusablePicture {
    int padding = count % 8;
    long ones = (1L << padding) - 1;
    long padded = (bits >>> (count - padding)) & ones;
    int end = position;
    for (int whole = count / 8; whole > 0; whole--) {
      end -= file[end - 1] == 0 && end > 1 && file[end - 2] == -1 ? 2 : 1;
    }
    count = 0;
    bits = 0;
    position = end;
    int left = 0;
    boolean zeros = true;
    while (position < file.length && !atMarker(position)) {
      zeros &= file[position] == 0;
      position += file[position] == -1 ? 2 : 1;
      left++;
    }
    boolean few = left <= MOST_EXTRANEOUS || zeros;
    boolean harmless =
        left == 0 ? padded == ones || padded == 0 : padded == ones && few && position < file.length;
    if (!harmless) {
      throw new UnusablePicture("damaged: part of its pixels was overwritten");
    }
    return end;
  }

  private boolean atMarker(int at) {
    return file[at] == -1 && (at + 1 >= file.length || file[at + 1] != 0);
  }

  /** Where the next byte is read, after {@link #end}. */
  int position() {
    return position;
  }

  /** Takes a restart marker of this number, 0 to 7. */
  void restart(int number) throws UnusablePicture {
    while (position + 1 < file.length && file[position] == -1 && file[position + 1] == -1) {
      position++;
    }
    if (position + 1 >= file.length || (file[position + 1] & 0xff) != 0xd0 + number) {
      throw new UnusablePicture("damaged: part of its pixels is missing");
    }
    position += 2;
  }
}
