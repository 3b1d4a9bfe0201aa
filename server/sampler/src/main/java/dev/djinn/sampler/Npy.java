package dev.djinn.sampler;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The head of NumPy's array file, format 1.0, for arrays of uint8; the elements follow it, last
 * axis fastest.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private Npy() {}

  /**
   * Writes the head.
   *
   * @param shape the array's sizes, at least one
   * @return what comes before the elements, a multiple of 64 bytes
   */
  public static byte[] header(long... shape) {
    StringJoiner sizes = new StringJoiner(", ", "(", shape.length == 1 ? ",)" : ")");
    for (long size : shape) {
      sizes.add(Long.toString(size));
    }
    String dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': " + sizes + ", }";
    int total = (MAGIC.length + 2 + dictionary.length() + 1 + 63) / 64 * 64;
    byte[] header = Arrays.copyOf(MAGIC, total);
    int length = total - MAGIC.length - 2;
    header[8] = (byte) length;
    header[9] = (byte) (length >>> 8);
    Arrays.fill(header, 10, total - 1, (byte) ' ');
    byte[] text = dictionary.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, header, 10, text.length);
    header[total - 1] = '\n';
    return header;
  }
}
