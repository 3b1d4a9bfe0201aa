package dev.djinn.network;

/** A network that cannot exist: the message names the layer, its place and the shapes that fail. */
public final class NetworkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line: what is wrong, with what value, what to do
   */
  public NetworkException(String message) {
    super(message);
  }
}
