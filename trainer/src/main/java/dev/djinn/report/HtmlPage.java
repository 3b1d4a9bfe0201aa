package dev.djinn.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Pages made from a template in this package, in the look that all of them share. */
final class HtmlPage {
  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)}}");

  private HtmlPage() {}

  /**
   * Fills a template.
   *
   * @param template a resource of this package with slots such as <code>{{title}}</code>; its
   *     <code>{{style}}</code> is the shared style sheet
   * @param values HTML for the other slots
   * @return the page
   */
  static String of(String template, Map<String, String> values) throws IOException {
    Map<String, String> slots = new HashMap<>(values);
    slots.put("style", resource("page.css"));
    // One pass over the template, so that no value is searched for slots.
    return SLOT.matcher(resource(template))
        .replaceAll(slot -> Matcher.quoteReplacement(slots.get(slot.group(1))));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Remarks beside figures, a paragraph each. */
  static String notes(List<String> notes) {
    return notes.stream()
        .map(note -> "<p class=\"note\">" + escape(note) + "</p>\n")
        .collect(Collectors.joining());
  }

  /** A text as HTML has it. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
