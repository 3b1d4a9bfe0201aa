package dev.djinn.data;

import dev.djinn.files.FileProblem;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Images or labels that cannot be used. The message is one line: which file, where, what value,
 * what to do.
 */
public class DataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one line for the user
   */
  public DataException(String message) {
    super(message);
  }

  /**
   * @param message one line for the user
   * @param cause what was thrown underneath
   */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }

  static DataException reading(String file, IOException e) {
    return new DataException("%s: cannot be read: %s".formatted(file, FileProblem.reason(e)), e);
  }

  /**
   * A file that cannot be written.
   *
   * @param file which
   * @param e why
   */
  public static DataException writing(Path file, IOException e) {
    return new DataException("%s cannot be written: %s".formatted(file, FileProblem.reason(e)), e);
  }
}
