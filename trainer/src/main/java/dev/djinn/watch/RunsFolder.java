package dev.djinn.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * The runs in a folder: it may be a run itself, or hold runs, at most three folders deep. A run is
 * a folder with a {@code run.yaml}; what lies in one is not searched.
 *
 * @param root the folder
 */
record RunsFolder(Path root) {
  private static final int DEEPEST = 4;
  private static final int MOST = 1000;

  /** The runs by name, their places below the root with {@code /} between. */
  Map<String, Path> find() {
    Map<String, Path> runs = new TreeMap<>();
    if (isRun(root)) {
      Path name = root.toAbsolutePath().normalize().getFileName();
      runs.put(name == null ? "run" : name.toString(), root);
      return runs;
    }
    try {
      Files.walkFileTree(
          root,
          EnumSet.noneOf(java.nio.file.FileVisitOption.class),
          DEEPEST,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              if (!folder.equals(root)
                  && folder.getFileName() != null
                  && folder.getFileName().toString().startsWith(".")) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              if (isRun(folder)) {
                runs.put(root.relativize(folder).toString().replace('\\', '/'), folder);
                return runs.size() < MOST
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.TERMINATE;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) {
              // A folder that may not be read, or is gone by now, hides no other.
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return runs;
  }

  private static boolean isRun(Path folder) {
    return Files.isRegularFile(folder.resolve("run.yaml"));
  }
}
