package dev.djinn.exporter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are whole or not there, whenever the process ends. */
final class AtomicFile {
  private AtomicFile() {}

  /**
   * Writes beside the target and then moves there.
   *
   * @throws ExportException if the folder or the file cannot be made
   */
  static void write(Path file, byte[] bytes) {
    Path directory = file.toAbsolutePath().getParent();
    Path temporary = directory.resolve("." + file.getFileName() + ".part");
    try {
      Files.createDirectories(directory);
      try {
        try (FileChannel channel =
            FileChannel.open(
                temporary,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) {
            channel.write(rest);
          }
          channel.force(true);
        }
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
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
