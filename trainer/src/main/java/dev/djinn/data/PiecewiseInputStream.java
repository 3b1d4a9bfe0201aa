package dev.djinn.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads a file a piece at a time, however much is asked for: behind a file's stream Java keeps, for
 * the life of the thread, a native buffer as large as the largest read, here as large as the data
 * set.
 */
final class PiecewiseInputStream extends FilterInputStream {
  private static final int PIECE = 1 << 16;

  PiecewiseInputStream(InputStream file) {
    super(file);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return super.read(bytes, offset, Math.min(length, PIECE));
  }
}
