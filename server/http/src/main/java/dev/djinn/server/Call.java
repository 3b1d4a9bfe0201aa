package dev.djinn.server;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request that has arrived whole, and the way back to its client. Exactly one answer counts;
 * any thread may give it.
 */
final class Call {

  /** The way back, and who the client is. */
  interface Client {
    /** Takes an answer from any thread. */
    void send(Call answered, Reply reply);
  }

  private final String method;
  private final String target;
  private final HttpHeaders headers;
  private final byte[] body;
  private final long arrived = System.nanoTime();
  private final Client client;
  private final AtomicBoolean answered = new AtomicBoolean();

  private final Held held;
  private Route.Endpoint endpoint;

  /** Makes a call that owns {@code held} bytes of the budget from now on. */
  Call(
      String method,
      String target,
      HttpHeaders headers,
      byte[] body,
      Client client,
      Budget budget,
      long held) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.body = body;
    this.client = client;
    this.held = new Held(budget, held);
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

  /** {@return the {@link TraceParent} that the client sent; null without one} */
  String trace() {
    return TraceParent.of(header(TraceParent.HEADER));
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
    held.take(bytes);
  }

  void answer(Reply reply) {
    if (answered.compareAndSet(false, true)) {
      String trace = trace();
      client.send(this, trace == null ? reply : reply.with(TraceParent.HEADER, trace));
    }
  }

  /**
   * {@return who the client is to the queues, in which each has its turn: a connection, since many
   * may come from one address}
   */
  Object client() {
    return client;
  }

  /** {@return whether nobody waits for the answer any more} */
  boolean left() {
    return held.left();
  }

  /** The client is gone: what is made for it is given up, as far as it can be. */
  void leave() {
    held.leave();
    // What has not begun never will; what has answers when it is done, and releases then.
    if (answered.compareAndSet(false, true)) {
      release();
    }
  }

  /** The time is over: the client is told, and what is made for it is given up. */
  void expire(Reply reply) {
    answer(reply);
    held.leave();
  }

  /**
   * What is being made for this call, to be given up when nobody wants it any more. What is held
   * stays so until {@link #made}, since it is written to.
   */
  void make(Future<?> begun) {
    held.make(begun);
  }

  /** What was being made is done, or has failed, and its answer is written. */
  void made() {
    release();
  }

  /** Returns what the call holds once neither its answer nor what makes it needs that any more. */
  void release() {
    held.release();
  }
}
