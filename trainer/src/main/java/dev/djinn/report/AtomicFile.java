package dev.djinn.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** A file that appears whole or not at all. */
final class AtomicFile {
  /** Fills a file that nobody sees yet. */
  @FunctionalInterface
  interface Content {
    /** Writes a new file. */
    void write(Path part) throws IOException;
  }

  private AtomicFile() {}

  /** Writes bytes under a temporary name in the same folder, then renames. */
  static void write(Path file, byte[] bytes) throws IOException {
    write(file, part -> Files.write(part, bytes, StandardOpenOption.CREATE_NEW));
  }

  /** Writes under a temporary name in the same folder, which is made if need be, then renames. */
  static void write(Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // Not Files.createTempFile: what that makes is readable by its owner alone, and stays so.
    Path part =
        folder.resolve(
            ".%s.%016x.part".formatted(file.getFileName(), ThreadLocalRandom.current().nextLong()));
    try {
      content.write(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
