package dev.djinn.watch;

import com.google.gson.JsonElement;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** An answer: its status, the type of its content, the content, and further headers. */
final class WatchReply {
  private final int status;
  private final String type;
  private final byte[] body;
  private final Map<String, String> headers;

  WatchReply(int status, String type, byte[] body, Map<String, String> headers) {
    this.status = status;
    this.type = type;
    this.body = body;
    this.headers = headers;
  }

  int status() {
    return status;
  }

  byte[] body() {
    return body;
  }

  static WatchReply text(int status, String sentence) {
    return new WatchReply(
        status,
        "text/plain; charset=utf-8",
        (sentence + "\n").getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  static WatchReply json(JsonElement json) {
    return new WatchReply(
        200, "application/json", json.toString().getBytes(StandardCharsets.UTF_8), Map.of());
  }

  static WatchReply png(byte[] picture) {
    return new WatchReply(200, "image/png", picture, Map.of());
  }

  /** A page under a content security policy. */
  static WatchReply html(byte[] page, String policy) {
    return new WatchReply(
        200, "text/html; charset=utf-8", page, Map.of("Content-Security-Policy", policy));
  }

  /** The same, which a browser need not ask for again at once: a sheet is looked at many times. */
  WatchReply kept() {
    return status == 200
        ? new WatchReply(status, type, body, Map.of("Cache-Control", "private, max-age=30"))
        : this;
  }

  void send(HttpExchange exchange) throws IOException {
    Map<String, String> all = new TreeMap<>(headers);
    all.put("Content-Type", type);
    all.put("X-Content-Type-Options", "nosniff");
    all.put("Referrer-Policy", "no-referrer");
    all.put("Cross-Origin-Resource-Policy", "same-origin");
    all.putIfAbsent("Cache-Control", "no-store");
    all.forEach(exchange.getResponseHeaders()::set);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }
}
