package dev.djinn.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
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

  /** Renames in one step, so that the target is whole or absent at every moment. */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}
