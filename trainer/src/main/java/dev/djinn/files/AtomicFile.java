package dev.djinn.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** A file that appears whole or not at all. */
public final class AtomicFile {
  /** Fills a file that nobody sees yet. */
  @FunctionalInterface
  public interface Content {
    /** Writes a new file. */
    void write(Path part) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes text in UTF-8 and forces it to disk.
   *
   * @param file replaced if it exists; its folder is made if need be
   * @param text the content
   * @throws IOException if it cannot be written; then nothing is left
   */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes bytes and forces them to disk.
   *
   * @param file replaced if it exists; its folder is made if need be
   * @param bytes the content
   * @throws IOException if it cannot be written; then nothing is left
   */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(file, part -> force(part, bytes));
  }

  private static void force(Path part, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  /** Writes under a temporary name in the same folder, which is made if need be, then renames. */
  public static void write(Path file, Content content) throws IOException {
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
