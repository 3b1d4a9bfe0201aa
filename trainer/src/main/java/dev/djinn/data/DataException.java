package dev.djinn.data;

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
}
