package dev.djinn.server;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

/**
 * Whom a request is for: its header Host, or what stands in its target where that is a whole
 * address, which comes before the header (RFC 9112, section 3.2.2). The port is anybody's, since
 * requests are forwarded.
 *
 * @param host in lower case, without brackets and without the dot that may end it; empty where Host
 *     is, null where there is none
 */
record Authority(String host) {

  private static final String MARKS = "-._~!$&'()*+,;=%";
  private static final int HIGHEST_PORT = 65_535;

  /**
   * Reads it.
   *
   * @throws RequestException 400 if there is not exactly one, or it is not valid; HTTP/1.0 needs
   *     none
   */
  static Authority of(HttpRequest head) throws RequestException {
    List<String> given = head.headers().getAll(HttpHeaderNames.HOST);
    boolean old = head.protocolVersion().equals(HttpVersion.HTTP_1_0);
    if (given.size() > 1 || (given.isEmpty() && !old)) {
      throw RequestException.bad("the request needs exactly one Host header");
    }
    Authority named = new Authority(given.isEmpty() ? null : "");
    if (!given.isEmpty() && !given.get(0).isEmpty()) {
      named = parse(given.get(0));
    }
    int start = start(head.uri());
    return start < 0 ? named : parse(head.uri().substring(start, end(head.uri(), start)));
  }

  /** {@return the target without scheme and authority, which clients of proxies send} */
  static String path(String target) {
    int start = start(target);
    if (start < 0) {
      return target;
    }
    String rest = target.substring(end(target, start));
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  private static int start(String target) {
    for (String scheme : List.of("http://", "https://")) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
  }

  private static int end(String target, int start) {
    int end = start;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  private static Authority parse(String text) throws RequestException {
    boolean literal = text.startsWith("[");
    int colon = literal ? text.indexOf(']') + 1 : text.indexOf(':');
    int end = colon < 0 ? text.length() : colon;
    String host = literal && end > 0 ? text.substring(1, end - 1) : text.substring(0, end);
    boolean valid = literal ? isAddress(host) : isName(host);
    if (!valid || !isPort(text.substring(end))) {
      throw RequestException.bad("the host '" + text + "' is not valid");
    }
    return new Authority(canonical(host));
  }

  /** {@return a name as it is compared} */
  static String canonical(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static boolean isAddress(String text) {
    return text.chars().allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0)
        && NetUtil.isValidIpV6Address(text);
  }

  /** Whether it is what RFC 3986 calls a registered name, as addresses of version 4 are too. */
  private static boolean isName(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && MARKS.indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty() && !text.equals(".");
  }

  private static boolean isPort(String text) {
    if (text.isEmpty()) {
      return true;
    }
    String digits = text.substring(1);
    return text.charAt(0) == ':'
        && digits.length() <= 5
        && digits.chars().allMatch(c -> c >= '0' && c <= '9')
        && (digits.isEmpty() || Integer.parseInt(digits) <= HIGHEST_PORT);
  }

  /** {@return whether it names the machine itself, in whichever way} */
  boolean loopback() {
    if (host.equals("localhost") || host.endsWith(".localhost")) { // RFC 6761
      return true;
    }
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    try {
      return address != null && InetAddress.getByAddress(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // It has neither 4 bytes nor 16.
    }
  }
}
