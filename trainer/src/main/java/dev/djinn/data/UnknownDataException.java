package dev.djinn.data;

/**
 * What was asked for is neither a known data set nor a file or folder: bad usage rather than bad
 * data.
 */
public final class UnknownDataException extends DataException {
  private static final long serialVersionUID = 1;

  UnknownDataException(String message) {
    super(message);
  }
}
