package dev.djinn.data;

import dev.djinn.picture.Picture;
import dev.djinn.picture.UnusablePicture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Files with names like {@code cats/tom.png}, in a folder or a zip. */
sealed interface PictureSource {
  /** What the user calls it. */
  Path place();

  /** All files, sorted, with forward slashes. */
  List<String> names() throws IOException;

  /**
   * The bytes of one file.
   *
   * @throws UnusablePicture if it is larger than a picture may be
   */
  byte[] read(String name) throws IOException, UnusablePicture;

  /** Reads no further than a picture may be long, whatever a header claims. */
  private static byte[] bounded(InputStream in) throws IOException, UnusablePicture {
    byte[] bytes = in.readNBytes(Picture.GREATEST_FILE + 1);
    if (bytes.length > Picture.GREATEST_FILE) {
      throw new UnusablePicture("over %d MB".formatted(Picture.GREATEST_FILE >> 20));
    }
    return bytes;
  }

  /** A folder and all folders in it, links followed. */
  record Folder(Path place) implements PictureSource {
    @Override
    public List<String> names() throws IOException {
      try (Stream<Path> files = Files.walk(place, FileVisitOption.FOLLOW_LINKS)) {
        return files
            .filter(Files::isRegularFile)
            .map(file -> place.relativize(file).toString().replace('\\', '/'))
            .sorted()
            .toList();
      } catch (UncheckedIOException e) {
        // What is wrong inside is met on the way: name it, not the whole folder.
        IOException cause = e.getCause();
        String at = cause instanceof FileSystemException file ? file.getFile() : null;
        throw DataException.reading(at == null ? place.toString() : at, cause);
      }
    }

    @Override
    public byte[] read(String name) throws IOException, UnusablePicture {
      try (InputStream in = Files.newInputStream(place.resolve(name))) {
        return bounded(in);
      }
    }
  }

  /** A zip; its names are only names, nothing is unpacked to disk. */
  record Zip(Path place, ZipFile file) implements PictureSource, AutoCloseable {
    Zip(Path place) throws IOException {
      this(place, new ZipFile(place.toFile()));
    }

    @Override
    public List<String> names() {
      if (file.size() > Limits.MOST_ZIP_ENTRIES) {
        throw new DataException(
            "%s: %d entries are more than the %d that a zip may have"
                .formatted(place, file.size(), Limits.MOST_ZIP_ENTRIES));
      }
      return file.stream()
          .filter(entry -> !entry.isDirectory())
          .map(ZipEntry::getName)
          .sorted()
          .distinct()
          .toList();
    }

    @Override
    public byte[] read(String name) throws IOException, UnusablePicture {
      try (InputStream in = file.getInputStream(file.getEntry(name))) {
        return bounded(in);
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
