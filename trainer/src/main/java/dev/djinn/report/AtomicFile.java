package dev.djinn.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** A file that appears whole or not at all. */
final class AtomicFile {
  private AtomicFile() {}

  /** Writes under a temporary name in the same folder, which is made if need be, then renames. */
  static void write(Path file, byte[] bytes) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // Not Files.createTempFile: what that makes is readable by its owner alone, and stays so.
    Path part =
        folder.resolve(
            ".%s.%016x.part".formatted(file.getFileName(), ThreadLocalRandom.current().nextLong()));
    try {
      Files.write(part, bytes, StandardOpenOption.CREATE_NEW);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
