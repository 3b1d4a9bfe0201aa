package dev.djinn.server;

import dev.djinn.sampler.OneLine;
import java.util.Map;

/** A request that gets an error for an answer: the status, and one sentence for the client. */
final class RequestException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  RequestException(int status, String message) {
    this(status, message, Map.of());
  }

  /** With headers that tell the client what would be right. */
  RequestException(int status, String message, Map<String, String> headers) {
    // Answers to bad requests are cheap: no stack trace, they say everything in their message.
    super(OneLine.of(message), null, false, false);
    this.status = status;
    this.headers = headers;
  }

  static RequestException bad(String message) {
    return new RequestException(400, message);
  }

  /** For what may work a second later. */
  static RequestException busy(String message) {
    return new RequestException(503, message, Map.of("Retry-After", "1"));
  }

  int status() {
    return status;
  }

  /** {@return headers that tell the client what would be right} */
  Map<String, String> headers() {
    return headers;
  }
}
