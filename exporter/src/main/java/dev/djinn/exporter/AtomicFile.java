package dev.djinn.exporter;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** Files that are whole or not there, with messages that say what stood in the way. */
final class AtomicFile {
  /** Whoever is at work on a file has touched it since. */
  static final Duration ABANDONED = Duration.ofDays(1);

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes beside the target and then moves there.
   *
   * @throws ExportException if the folder or the file cannot be made
   */
  static void write(Path file, byte[] bytes) {
    attempt(
        file,
        () -> {
          deleteLeftovers(file);
          dev.djinn.files.AtomicFile.write(file, bytes);
        });
  }

  /**
   * Deletes a file if it is there.
   *
   * @throws ExportException if it cannot be deleted
   */
  static void delete(Path file) {
    attempt(
        file,
        () -> {
          if (Files.exists(file)) { // below a file there is nothing, which is not to be an error
            Files.deleteIfExists(file);
          }
        });
  }

  /** A writer that was killed could not delete its part. */
  private static void deleteLeftovers(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      return;
    }
    long limit = Instant.now().minus(ABANDONED).toEpochMilli();
    String start = "." + file.getFileName() + ".";
    try (DirectoryStream<Path> parts =
        Files.newDirectoryStream(
            folder,
            part -> {
              String name = part.getFileName().toString();
              return name.startsWith(start) && name.endsWith(".part");
            })) {
      for (Path part : parts) {
        // Not Files.getLastModifiedTime: that fails if another writer has just moved its part.
        if (part.toFile().lastModified() < limit) {
          Files.deleteIfExists(part);
        }
      }
    }
  }

  private static void attempt(Path file, Step step) {
    try {
      step.run();
    } catch (FileAlreadyExistsException e) {
      throw new ExportException(e.getFile() + " is a file, a folder is needed", e);
    } catch (AccessDeniedException e) {
      throw new ExportException("no permission to write " + e.getFile(), e);
    } catch (FileSystemException e) {
      throw new ExportException(
          "cannot write %s: %s"
              .formatted(
                  file, e.getReason() == null ? "cannot make " + e.getFile() : e.getReason()),
          e);
    } catch (IOException e) {
      throw new ExportException("cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
