package dev.djinn.data;

import dev.djinn.picture.PictureFile;
import dev.djinn.picture.UnusablePicture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file, one in a zip, or an embedded resource.
 *
 * @param name what messages call it
 * @param length bytes that it has, or of one in a zip, that it can have at most
 * @param opener opens it for reading
 */
record DataFile(String name, long length, Opener opener) {
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
      byte[] bytes = in.readNBytes(PictureFile.GREATEST + 1);
      if (bytes.length > PictureFile.GREATEST) {
        throw new UnusablePicture("over %d MB".formatted(PictureFile.GREATEST >> 20));
      }
      return bytes;
    }
  }
}
