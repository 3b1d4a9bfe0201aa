package dev.djinn.server.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Text for a terminal, in UTF-8. Names of files and what models say of themselves are part of it,
 * and could hold what clears the screen, moves the cursor or types; control characters other than
 * tab and line end become question marks.
 */
final class Harmless extends FilterOutputStream {
  private static final int LATIN = 0xc2; // begins U+0080 to U+00BF

  private boolean latin;

  Harmless(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    byte[] one = {(byte) b};
    write(one, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    byte[] safe = new byte[count + 1];
    int length = 0;
    for (int i = from; i < from + count; i++) {
      int b = bytes[i] & 0xff;
      if (latin) { // held back until its second byte says what it is
        latin = false;
        if (b < 0xa0) {
          safe[length++] = '?';
          continue;
        }
        safe[length++] = (byte) LATIN;
      }
      if (b == LATIN) {
        latin = true;
      } else {
        safe[length++] = (byte) (isControl(b) ? '?' : b);
      }
    }
    out.write(safe, 0, length);
  }

  private static boolean isControl(int b) {
    boolean layout = b == '\t' || b == '\n' || (b == '\r' && System.lineSeparator().length() > 1);
    return (b < 0x20 && !layout) || b == 0x7f;
  }
}
