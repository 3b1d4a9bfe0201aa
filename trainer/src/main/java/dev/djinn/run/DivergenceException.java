package dev.djinn.run;

/** A run whose losses or parameters are no longer finite numbers. */
public final class DivergenceException extends TrainingException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line: at which step, what, and what to try
   */
  public DivergenceException(String message) {
    super(message);
  }
}
