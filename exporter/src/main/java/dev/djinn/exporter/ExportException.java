package dev.djinn.exporter;

/** An export or a verification that cannot go on. The message is one line for the user. */
public final class ExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message. */
  public ExportException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message and what caused it. */
  public ExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
