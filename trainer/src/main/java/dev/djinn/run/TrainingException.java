package dev.djinn.run;

/** A run that cannot start or go on; the message is one line that says what to do. */
public class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line: what is wrong, with what value, what to do
   */
  public TrainingException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message one line: what is wrong, with what value, what to do
   * @param cause what happened underneath
   */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
