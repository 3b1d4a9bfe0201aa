package dev.djinn.server.cli;

import dev.djinn.sampler.FileProblem;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A file or folder under a temporary name beside its target, which it replaces in one atomic move.
 * Closed unfinished, or when the JVM is told to end, it disappears.
 */
final class UnfinishedFile implements Closeable {
  private final Path path;
  private final Path target;
  private final Thread atExit = new Thread(this::deleteQuietly, "djinn-cleanup");
  private boolean finished;

  private UnfinishedFile(Path path, Path target) {
    this.path = path;
    this.target = target;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  static UnfinishedFile file(Path target) throws IOException {
    Path path = beside(target);
    return new UnfinishedFile(Files.createFile(path), target);
  }

  static UnfinishedFile folder(Path target) throws IOException {
    Path path = beside(target);
    return new UnfinishedFile(Files.createDirectory(path), target);
  }

  /** {@return where to write} */
  Path path() {
    return path;
  }

  /** Gives the target its content. */
  void finish() throws IOException {
    Files.move(path, target.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
    finished = true;
  }

  /** Deletes what was not finished. */
  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // The JVM is ending, and the hook runs.
    }
    delete();
  }

  /** Not Files.createTempFile, which makes files that only their owner may read. */
  private static Path beside(Path target) {
    String name = "." + target.toAbsolutePath().getFileName() + "." + ProcessHandle.current().pid();
    return target.toAbsolutePath().resolveSibling(name + "-" + System.nanoTime() + ".part");
  }

  private void deleteQuietly() {
    try {
      delete();
    } catch (IOException e) {
      System.err.println("djinn: cannot remove " + path + ": " + FileProblem.reason(e));
    }
  }

  private void delete() throws IOException {
    if (finished || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
