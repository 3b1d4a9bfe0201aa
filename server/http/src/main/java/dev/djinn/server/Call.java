package dev.djinn.server;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request that has arrived whole, and the way back to its client. Exactly one answer counts;
 * any thread may give it.
 */
final class Call {

  private final String method;
  private final String target;
  private final HttpHeaders headers;
  private final byte[] body;
  private final long arrived = System.nanoTime();
  private final Connection connection;
  private final Budget budget;
  private final AtomicBoolean answered = new AtomicBoolean();
  private long held;
  private Route.Endpoint endpoint;

  /** Makes a call that owns {@code held} bytes of the budget from now on. */
  Call(
      String method,
      String target,
      HttpHeaders headers,
      byte[] body,
      Connection connection,
      Budget budget,
      long held) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.body = body;
    this.connection = connection;
    this.budget = budget;
    this.held = held;
  }

  /** {@return what it asks for; null as long as that is unknown, or if it is nothing} */
  Route.Endpoint endpoint() {
    return endpoint;
  }

  void setEndpoint(Route.Endpoint found) {
    endpoint = found;
  }

  String method() {
    return method;
  }

  /** {@return the request target as sent} */
  String target() {
    return target;
  }

  /** {@return a header's value, null without one; several values joined by commas} */
  String header(String name) {
    return header(headers, name);
  }

  /** {@return a header's value, null without one; several values joined by commas} */
  static String header(HttpHeaders headers, String name) {
    return switch (headers.getAll(name).size()) {
      case 0 -> null;
      case 1 -> headers.get(name);
      default -> String.join(",", headers.getAll(name));
    };
  }

  /**
   * Whether the client has an answer already, and would rather hear that than have it again.
   *
   * @param tag the answer's entity tag with its quotes, without what says that it is weak
   */
  boolean knows(String tag) {
    String known = header("If-None-Match");
    return known != null && (known.contains(tag) || known.trim().equals("*"));
  }

  byte[] body() {
    return body;
  }

  /** {@return {@link System#nanoTime} when the last byte had arrived} */
  long arrived() {
    return arrived;
  }

  /** Takes memory for the answer from the budget until the answer has been delivered. */
  void hold(long bytes) throws RequestException {
    budget.take(bytes);
    held += bytes;
  }

  void answer(Reply reply) {
    if (answered.compareAndSet(false, true)) {
      connection.send(this, reply);
    }
  }

  /**
   * Returns what the call holds. Called once, by the connection, when the answer is out or never
   * will be.
   */
  void release() {
    budget.give(held);
    held = 0;
  }
}
