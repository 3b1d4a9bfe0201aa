package dev.djinn.server;

import io.grpc.Status;
import io.netty.handler.codec.http.HttpRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line a request: method, target, status, bytes, microseconds, and its {@code traceparent} if it
 * has one; of one that never arrived whole, why it was refused instead of the time.
 */
final class AccessLog {

  private static final Logger LOG = LoggerFactory.getLogger("dev.djinn.server.access");
  private static final int LONGEST = 500;

  private final boolean on;

  AccessLog(boolean on) {
    this.on = on;
  }

  void answered(Call call, Reply reply, long nanos) {
    if (on) {
      LOG.info(
          "{} {} {} {} {}us{}",
          printable(call.method()),
          printable(call.target()),
          reply.status(),
          reply.length(),
          nanos / 1000,
          trace(call.trace()));
    }
  }

  /**
   * A call over gRPC.
   *
   * @param trace its {@link TraceParent}; null without one
   */
  void answered(String method, Status status, long nanos, String trace) {
    if (on) {
      LOG.info("gRPC {} {} - {}us{}", method, status.getCode(), nanos / 1000, trace(trace));
    }
  }

  /**
   * A request that never arrived whole.
   *
   * @param head as much of it as could be read
   */
  void refused(HttpRequest head, Reply reply, RequestException problem) {
    if (on) {
      boolean read = head.decoderResult().isSuccess(); // else the decoder has made it up
      LOG.info(
          "{} {} {} {} - {}{}",
          read ? printable(head.method().name()) : "-",
          read ? printable(head.uri()) : "-",
          reply.status(),
          reply.length(),
          printable(problem.getMessage()),
          read ? trace(TraceParent.of(Call.header(head.headers(), TraceParent.HEADER))) : "");
    }
  }

  private static String trace(String parent) {
    return parent == null ? "" : " " + TraceParent.HEADER + "=" + parent;
  }

  /** A log line must stay one line, whatever a stranger puts into it. */
  static String printable(String text) {
    String shortened = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    return shortened.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
