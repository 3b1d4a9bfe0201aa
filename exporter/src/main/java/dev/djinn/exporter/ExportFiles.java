package dev.djinn.exporter;

import dev.djinn.files.AtomicFile;
import dev.djinn.files.FileProblem;
import dev.djinn.files.Folders;
import dev.djinn.sampler.ModelFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The files of an export: whole or not there, and problems with them as export's own. */
public final class ExportFiles {
  /** The name of the proof in full beside a {@value ModelFiles#FILE}. */
  public static final String PROOF = "proof.txt";

  /** Whoever is at work on a file has touched it since. */
  static final Duration ABANDONED = Duration.ofDays(1);

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private ExportFiles() {}

  /**
   * Puts a model in its place. What stands beside an older one is not true of this one and goes
   * first: its sum file, and beside a {@code model.onnx} its {@code proof.txt}.
   *
   * @param file replaced if it is there; its folder is made if need be
   * @param model the content
   * @throws ExportException if a folder or file cannot be made or deleted
   */
  public static void replaceModel(Path file, byte[] model) {
    if (file.endsWith(ModelFiles.FILE)) { // a proof beside other names is none of theirs
      delete(file.resolveSibling(PROOF));
    }
    delete(ModelFiles.sumFile(file));
    write(file, model);
  }

  /**
   * Writes beside the target and then moves there.
   *
   * @throws ExportException if the folder or the file cannot be made
   */
  static void write(Path file, byte[] bytes) {
    attempt(
        "write",
        file,
        () -> {
          // A writer that was killed could not delete its part.
          String start = "." + file.getFileName() + ".";
          Folders.sweep(
              file.toAbsolutePath().getParent(),
              name -> name.startsWith(start) && name.endsWith(".part"),
              ABANDONED);
          AtomicFile.write(file, bytes);
        });
  }

  /**
   * Reads a file whole.
   *
   * @throws ExportException if it cannot be read
   */
  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw problem("read", file, e);
    }
  }

  private static void delete(Path file) {
    attempt(
        "delete",
        file,
        () -> {
          if (Files.exists(file)) { // below a file there is nothing, which is not to be an error
            Files.deleteIfExists(file);
          }
        });
  }

  private static void attempt(String what, Path file, Step step) {
    try {
      step.run();
    } catch (IOException e) {
      throw problem(what, file, e);
    }
  }

  private static ExportException problem(String what, Path file, IOException e) {
    String at =
        e instanceof FileSystemException where && where.getFile() != null
            ? where.getFile()
            : file.toString();
    return new ExportException("cannot %s %s: %s".formatted(what, at, FileProblem.reason(e)), e);
  }
}
