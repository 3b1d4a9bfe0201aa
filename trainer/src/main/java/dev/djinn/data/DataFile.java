package dev.djinn.data;

import dev.djinn.picture.PictureFile;
import dev.djinn.picture.UnusablePicture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file, one in a zip, or an embedded resource.
 *
 * @param name what messages call it
 * @param length bytes that it has, or of one in a zip, that it can have at most
 * @param opener opens it for reading
 */
record DataFile(String name, long length, Opener opener) {
  private static final int MOST_TRUSTED = 1 << 20;

  interface Opener {
    InputStream open() throws IOException;
  }

  static DataFile of(Path file) {
    try {
      return new DataFile(
          file.toString(),
          Files.size(file),
          () -> new PiecewiseInputStream(Files.newInputStream(file)));
    } catch (IOException e) {
      throw DataException.reading(file.toString(), e);
    }
  }

  InputStream open() throws IOException {
    return opener.open();
  }

  /**
   * All its bytes.
   *
   * @throws UnusablePicture if they are more than a picture may have, whatever a header claims
   */
  byte[] readPicture() throws IOException, UnusablePicture {
    try (InputStream in = open()) {
      // In one array as long as it is said to be, unless that is much; more only if there is more.
      byte[] bytes = new byte[(int) Math.min(length, MOST_TRUSTED)];
      int read = in.readNBytes(bytes, 0, bytes.length);
      byte[] rest = in.readNBytes(PictureFile.GREATEST + 1 - read);
      if (read + rest.length > PictureFile.GREATEST) {
        throw new UnusablePicture("over %d MB".formatted(PictureFile.GREATEST >> 20));
      }
      if (rest.length == 0) {
        return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
      }
      byte[] all = Arrays.copyOf(bytes, read + rest.length);
      System.arraycopy(rest, 0, all, read, rest.length);
      return all;
    }
  }
}
