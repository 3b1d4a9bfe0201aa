package dev.djinn.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Checks each request's token, and tells browsers whose pages may read the answer. */
final class Gate {

  private final Optional<byte[]> expected;
  private final Map<String, String> allowed;

  Gate(Access access) {
    expected = access.token().map(token -> ("Bearer " + token).getBytes(StandardCharsets.US_ASCII));
    allowed = new HashMap<>();
    access
        .corsOrigin()
        .ifPresent(
            origin -> {
              allowed.put("Access-Control-Allow-Origin", origin);
              allowed.put(
                  "Access-Control-Expose-Headers",
                  "Inference-Header-Content-Length, Djinn-Shape, ETag, Retry-After");
              if (!origin.equals("*")) {
                allowed.put("Vary", "Origin");
              }
            });
  }

  /**
   * Refuses a call without the token. Health is open, since probes have none, and so is the page,
   * which is the same everywhere and asks for the token itself.
   */
  void check(Call call, Route.Endpoint endpoint) throws RequestException {
    boolean open =
        switch (endpoint) {
          case PAGE, LIVE, READY, MODEL_READY -> true;
          default -> false;
        };
    String given = call.header("Authorization");
    // Compared in constant time, so that the time taken tells nothing of the token.
    boolean right =
        open
            || expected.isEmpty()
            || (given != null
                && MessageDigest.isEqual(
                    expected.get(), given.getBytes(StandardCharsets.US_ASCII)));
    if (!right) {
      throw new RequestException(
          401,
          given == null ? "this server needs a token: Authorization: Bearer …" : "wrong token",
          Map.of("WWW-Authenticate", "Bearer"));
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
                "Authorization, Content-Type, Inference-Header-Content-Length, If-None-Match",
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
