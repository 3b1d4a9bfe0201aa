package dev.djinn.graph;

/** A graph that cannot be: a wrong arity, an unknown name, shapes that do not fit. One sentence. */
public final class GraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message. */
  public GraphException(String message) {
    super(message);
  }
}
