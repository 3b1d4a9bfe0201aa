package dev.djinn.server;

import dev.djinn.sampler.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The page to look at models with: one file whose style and script may run because their hashes are
 * in its policy, and nothing else may.
 */
final class Page {

  private final byte[] html;
  private final Map<String, String> headers;
  private final String tag;

  Page() {
    try (InputStream in = Page.class.getResourceAsStream("page.html")) {
      html = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the page", e);
    }
    String text = new String(html, StandardCharsets.UTF_8);
    tag = "\"" + Sha256.hex(html).substring(0, 32) + "\"";
    String policy =
        String.join(
            "; ",
            "default-src 'none'",
            "style-src " + source(text, "style"),
            "script-src " + source(text, "script"),
            "img-src blob: data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'");
    headers =
        Map.of(
            "Content-Security-Policy",
            policy,
            "Referrer-Policy",
            "no-referrer",
            "Cache-Control",
            "no-cache",
            "ETag",
            tag);
  }

  /** {@return the page, or that the client has it already} */
  Reply reply(Call call) {
    return call.knows(tag)
        ? new Reply(304, "", headers, List.of())
        : new Reply(200, "text/html; charset=utf-8", headers, List.of(html));
  }

  /** {@return what allows the only element of a name by its content} */
  private static String source(String html, String element) {
    int from = html.indexOf("<" + element + ">") + element.length() + 2;
    byte[] content =
        html.substring(from, html.indexOf("</" + element + ">")).getBytes(StandardCharsets.UTF_8);
    return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.of(content)) + "'";
  }
}
