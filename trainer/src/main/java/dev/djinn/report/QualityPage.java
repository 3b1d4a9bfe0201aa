package dev.djinn.report;

import dev.djinn.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One page that shows how good generated pictures are and needs nothing else.
 *
 * @param title what was judged
 * @param summary one line: how many pictures, against which
 * @param figures a table
 * @param notes what is to be known beside the figures, a sentence or two each
 * @param classes pictures of each class, by name; many are left out of the page
 * @param pictures by caption, in the order to show them
 * @param command what to type to have the same page again
 */
public record QualityPage(
    String title,
    String summary,
    RunReport.Table figures,
    List<String> notes,
    Map<String, Integer> classes,
    Map<String, BufferedImage> pictures,
    String command) {
  private static final int MOST_CLASSES = 40;

  /**
   * Writes the page; it appears whole or not at all.
   *
   * @param file an HTML file
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(
        file,
        HtmlPage.of(
            "quality.html",
            Map.of(
                "title", HtmlPage.escape(title),
                "summary", HtmlPage.escape(summary),
                "figures", figuresHtml() + HtmlPage.notes(notes),
                "classes", classes.isEmpty() || classes.size() > MOST_CLASSES ? "" : classesHtml(),
                "pictures", picturesHtml(),
                "command", HtmlPage.escape(command))));
  }

  private String figuresHtml() {
    return "<table><thead><tr>"
        + cells("th", figures.columns())
        + "</tr></thead><tbody>"
        + figures.rows().stream()
            .map(row -> "<tr>" + cells("td", row) + "</tr>")
            .collect(Collectors.joining("\n"))
        + "</tbody></table>";
  }

  private static String cells(String tag, List<String> texts) {
    return texts.stream()
        .map(text -> "<" + tag + ">" + HtmlPage.escape(text) + "</" + tag + ">")
        .collect(Collectors.joining());
  }

  private String classesHtml() {
    int most = classes.values().stream().mapToInt(Integer::intValue).max().orElse(1);
    return "<h2>Classes seen in the generated pictures</h2>\n<table class=\"bars\">"
        + classes.entrySet().stream()
            .map(
                entry ->
                    String.format(
                        Locale.ROOT,
                        "<tr><th>%s</th><td><span style=\"width:%.1f%%\"></span></td><td>%,d</td></tr>",
                        HtmlPage.escape(entry.getKey()),
                        100.0 * entry.getValue() / Math.max(1, most),
                        entry.getValue()))
            .collect(Collectors.joining("\n"))
        + "</table>";
  }

  private String picturesHtml() {
    return pictures.entrySet().stream()
        .map(
            entry ->
                "<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>"
                    .formatted(
                        HtmlPage.escape(entry.getKey()),
                        Base64.getEncoder().encodeToString(Png.encode(entry.getValue())),
                        HtmlPage.escape(entry.getKey())))
        .collect(Collectors.joining("\n"));
  }
}
