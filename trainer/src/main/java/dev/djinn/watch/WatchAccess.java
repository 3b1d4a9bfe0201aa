package dev.djinn.watch;

import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Who may ask: whoever reaches the loopback address by a loopback name, from the page itself. A
 * page of another origin is refused even where a browser would only keep the answer from it, and a
 * name that somebody else has pointed here (DNS rebinding) is no loopback name.
 */
final class WatchAccess {
  /** What the page sends back with every change. */
  static final String TOKEN_HEADER = "X-Djinn-Token";

  private static final Set<String> HOSTS = Set.of("127.0.0.1", "localhost", "[::1]");

  private final int port;
  private final String token;

  WatchAccess(int port) {
    this.port = port;
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    token = HexFormat.of().formatHex(random);
  }

  String token() {
    return token;
  }

  /** The answer to a request that may not be made; empty if it may. */
  Optional<WatchReply> refusal(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null || !HOSTS.contains(name(host))) {
      return Optional.of(
          WatchReply.text(
              421, "this page is at http://127.0.0.1:" + port + "/, not at another name"));
    }
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
    boolean foreign =
        (origin != null && !origin.equals("http://" + host))
            || (site != null && site.equals("cross-site"));
    return foreign
        ? Optional.of(WatchReply.text(403, "pages of other origins may not ask"))
        : Optional.empty();
  }

  /** Whether a change carries the page's token. */
  boolean knowsToken(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst(TOKEN_HEADER);
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }

  /** A host without this server's port; any other port stays, and is no name. */
  private String name(String host) {
    String suffix = ":" + port;
    return host.endsWith(suffix) ? host.substring(0, host.length() - suffix.length()) : host;
  }
}
