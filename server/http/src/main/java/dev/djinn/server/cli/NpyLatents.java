package dev.djinn.server.cli;

import dev.djinn.sampler.FileProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads latents from NumPy's array file: little-endian float32 or float64, (n, size) row by row.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
 *     format</a>
 */
final class NpyLatents {
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '(<f[48])', 'fortran_order': False, 'shape': \\((\\d{1,9}), (\\d{1,9})\\), \\}\\s*");

  private NpyLatents() {}

  /**
   * Reads the file.
   *
   * @throws IOException if it cannot be read or holds something else; the message says why
   */
  static float[] read(Path file, int size) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException(FileProblem.reason(e), e);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 12 || !magic(bytes)) {
      throw new IOException("it is not a NumPy array");
    }
    in.position(8);
    long length = bytes[6] == 1 ? Short.toUnsignedLong(in.getShort()) : in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IOException("its head is cut");
    }
    String head =
        new String(bytes, in.position(), (int) length, StandardCharsets.ISO_8859_1).strip();
    in.position(in.position() + (int) length);
    Matcher found = HEADER.matcher(head);
    if (!found.matches()) {
      throw new IOException("float32 or float64 (n, " + size + ") is needed, it holds " + head);
    }
    long rows = Long.parseLong(found.group(2));
    if (rows < 1 || Long.parseLong(found.group(3)) != size) {
      throw new IOException("(n, " + size + ") is needed, it holds " + head);
    }
    boolean doubles = found.group(1).equals("<f8");
    long values = rows * size;
    if (in.remaining() != values * (doubles ? 8 : 4)) {
      throw new IOException("it holds " + in.remaining() + " bytes of numbers for " + head);
    }
    float[] latents = new float[(int) values];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = doubles ? (float) in.getDouble() : in.getFloat();
    }
    return latents;
  }

  private static boolean magic(byte[] bytes) {
    return bytes[0] == (byte) 0x93
        && new String(bytes, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY");
  }
}
