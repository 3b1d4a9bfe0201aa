package dev.djinn.server;

import dev.djinn.sampler.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * The page to look at models with: one file whose style and script may run because their hashes are
 * in its policy, and nothing else may.
 */
final class Page {

  private Page() {}

  static StoredDocument document() {
    byte[] html = StoredDocument.read("page.html");
    String text = new String(html, StandardCharsets.UTF_8);
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
    return new StoredDocument(
        html,
        "text/html; charset=utf-8",
        Map.of("Content-Security-Policy", policy, "Referrer-Policy", "no-referrer"));
  }

  /** {@return what allows the only element of a name by its content} */
  private static String source(String html, String element) {
    int from = html.indexOf("<" + element + ">") + element.length() + 2;
    byte[] content =
        html.substring(from, html.indexOf("</" + element + ">")).getBytes(StandardCharsets.UTF_8);
    return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.of(content)) + "'";
  }
}
