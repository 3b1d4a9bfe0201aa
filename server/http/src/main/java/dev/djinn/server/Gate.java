package dev.djinn.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks each request's token and whom it is for, and tells browsers whose pages may read the
 * answer.
 */
final class Gate {

  private static final String SCHEME = "Bearer ";

  private final Optional<byte[]> expected;
  private final Map<String, String> allowed;

  /** What a request may call this server besides the names of the loopback; null for anything. */
  private final Set<String> hosts;

  Gate(ServerOptions options) {
    Access access = options.access();
    expected = access.token().map(token -> token.getBytes(StandardCharsets.US_ASCII));
    allowed = new HashMap<>();
    access
        .corsOrigin()
        .ifPresent(
            origin -> {
              allowed.put("Access-Control-Allow-Origin", origin);
              allowed.put(
                  "Access-Control-Expose-Headers",
                  "Inference-Header-Content-Length, Djinn-Shape, ETag, Retry-After, traceparent");
              if (!origin.equals("*")) {
                allowed.put("Vary", "Origin");
              }
            });
    hosts = hosts(options);
  }

  /**
   * A page of any origin can have its own name stand for the loopback address (DNS rebinding), and
   * its scripts may then read what a server there answers; they cannot change the name that the
   * browser sends along. Others are not held to names, since who reaches them needs no such trick.
   */
  private static Set<String> hosts(ServerOptions options) {
    Set<String> named = options.access().hosts();
    boolean exposed =
        options.unixSocket().isEmpty()
            && options.access().token().isEmpty()
            && isLoopback(options.host());
    if (named.contains("*") || (named.isEmpty() && !exposed)) {
      return null;
    }
    Set<String> hosts = new HashSet<>();
    named.forEach(host -> hosts.add(Authority.canonical(host)));
    hosts.add(Authority.canonical(options.host()));
    return hosts;
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // Nothing can be listened on there either.
    }
  }

  /**
   * Refuses a request that names another host; HTTP/1.0, which no browser speaks, may name none.
   */
  void checkHost(Authority authority) throws RequestException {
    String host = authority.host();
    if (hosts != null && host != null && !hosts.contains(host) && !authority.loopback()) {
      throw new RequestException(
          403, "this server is not '" + host + "'; if it should be, start it with --allow-host");
    }
  }

  /**
   * Refuses a call without the token. Health is open, since probes have none, and so are the page,
   * which asks for the token itself, and the interface's description: they are the same everywhere.
   *
   * @param given the header Authorization, null without one
   */
  void check(String given, Route.Endpoint endpoint) throws RequestException {
    boolean open =
        switch (endpoint) {
          case PAGE, OPENAPI, LIVE, READY, MODEL_READY -> true;
          default -> false;
        };
    if (!open && !knows(given)) {
      throw new RequestException(
          401,
          given == null ? "this server needs a token: Authorization: Bearer …" : "wrong token",
          Map.of("WWW-Authenticate", "Bearer"));
    }
  }

  /**
   * Whether no token is wanted or this is it.
   *
   * @param given the header Authorization, null without one
   */
  boolean knows(String given) {
    if (expected.isEmpty()) {
      return true;
    }
    if (given == null || !given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] token = given.substring(SCHEME.length()).strip().getBytes(StandardCharsets.US_ASCII);
    // Compared in constant time, so that the time taken tells nothing of the token.
    return MessageDigest.isEqual(expected.get(), token);
  }

  /**
   * Refuses what a browser sends for a page of another origin. A page may send a bare POST
   * anywhere, without asking and without being able to read the answer; where there is no token
   * that would be enough to drop a model.
   */
  void checkOrigin(Call call) throws RequestException {
    String origin = call.header("Origin");
    boolean own =
        origin == null
            || origin.equals(allowed.get("Access-Control-Allow-Origin"))
            || origin.replaceFirst("^[a-z]+://", "").equals(call.header("Host"));
    if (!own) {
      throw new RequestException(403, "pages of " + origin + " may not do that here");
    }
  }

  /** {@return whether a call is a browser's question before a request to another origin} */
  boolean isPreflight(Call call) {
    return !allowed.isEmpty()
        && call.method().equals("OPTIONS")
        && call.header("Access-Control-Request-Method") != null;
  }

  Reply preflight() {
    return new Reply(204, "", allowed, java.util.List.of())
        .withAll(
            Map.of(
                "Access-Control-Allow-Methods",
                "GET, HEAD, POST",
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Content-Encoding, Inference-Header-Content-Length,"
                    + " If-None-Match, traceparent, tracestate",
                "Access-Control-Max-Age",
                "600"));
  }

  /** Adds what browsers need to an answer. */
  Reply open(Reply reply) {
    if (allowed.isEmpty()) {
      return reply;
    }
    String vary = reply.headers().get("Vary");
    Reply opened = reply.withAll(allowed);
    return vary == null || !allowed.containsKey("Vary")
        ? (vary == null ? opened : opened.with("Vary", vary))
        : opened.with("Vary", vary + ", " + allowed.get("Vary"));
  }
}
