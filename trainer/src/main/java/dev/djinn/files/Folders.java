package dev.djinn.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** File steps that leave a folder whole, whenever the process dies. */
public final class Folders {
  private Folders() {}

  /** Deletes a folder and what is in it, if it exists. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  /**
   * Deletes a folder so that it is whole or absent under its name at every moment. What a kill
   * leaves begins with a dot and ends in {@code .tmp}.
   */
  public static void remove(Path folder) throws IOException {
    Path old = folder.resolveSibling("." + folder.getFileName() + ".old.tmp");
    delete(old);
    if (Files.exists(folder)) {
      move(folder, old);
      delete(old);
    }
  }

  /**
   * Deletes what killed writers left in a folder to which nobody is writing.
   *
   * @param folder nothing happens if there is none
   * @param left tells by its name whether a file or folder is such a left part
   * @throws IOException if the folder cannot be read or a part not be deleted
   */
  public static void sweep(Path folder, Predicate<String> left) throws IOException {
    sweepBefore(folder, left, Long.MAX_VALUE);
  }

  /**
   * Deletes what killed writers left in a folder to which others may be writing.
   *
   * @param folder nothing happens if there is none
   * @param left tells by its name whether a file or folder is such a left part
   * @param age parts that were touched since may have a living writer, and stay
   * @throws IOException if the folder cannot be read or a part not be deleted
   */
  public static void sweep(Path folder, Predicate<String> left, Duration age) throws IOException {
    sweepBefore(folder, left, Instant.now().minus(age).toEpochMilli());
  }

  private static void sweepBefore(Path folder, Predicate<String> left, long limit)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> parts =
        Files.newDirectoryStream(folder, part -> left.test(part.getFileName().toString()))) {
      for (Path part : parts) {
        // Not Files.getLastModifiedTime: that fails if a writer has just moved its part.
        if (part.toFile().lastModified() < limit) {
          delete(part);
        }
      }
    }
  }

  /** Renames in one step, so that the target is whole or absent at every moment. */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}
