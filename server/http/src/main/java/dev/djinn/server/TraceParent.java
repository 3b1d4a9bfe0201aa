package dev.djinn.server;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a request belongs in somebody's trace, as the header {@code traceparent} of W3C Trace
 * Context (level 1) says it. The server makes no spans of its own: it writes what it was told into
 * the access log and answers with it, so that both ends' records can be joined.
 */
final class TraceParent {

  static final String HEADER = "traceparent";

  private static final Pattern FORM =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  private TraceParent() {}

  /**
   * Reads a header.
   *
   * @param given its value; null without one
   * @return the same in version 00, at most 55 printable characters; null if it is none or not
   *     valid, which is to be taken for none
   */
  static String of(String given) {
    if (given == null) {
      return null;
    }
    Matcher parts = FORM.matcher(given);
    if (!parts.matches()) {
      return null;
    }
    String version = parts.group(1);
    boolean known = version.equals("00");
    if (version.equals("ff")
        || (known && parts.group(5) != null)
        || parts.group(2).matches("0+")
        || parts.group(3).matches("0+")) {
      return null;
    }
    // Of a later version the first four parts mean what they do here, the flags but for one not.
    String flags = known ? parts.group(4) : sampled(parts.group(4)) ? "01" : "00";
    return "00-" + parts.group(2) + "-" + parts.group(3) + "-" + flags;
  }

  private static boolean sampled(String flags) {
    return (Integer.parseInt(flags, 16) & 1) == 1;
  }
}
