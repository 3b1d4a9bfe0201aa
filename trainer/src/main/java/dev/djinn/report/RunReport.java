package dev.djinn.report;

import dev.djinn.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One page that shows a whole run and needs nothing else: samples over time, curves, metrics,
 * settings, and how to reproduce it.
 *
 * @param title the run's name
 * @param summary one line: how long, on what data, how it ended
 * @param warnings what the run warned of, a line each
 * @param samples in the order of their steps; if there are many, the page shows some, evenly, with
 *     first and last
 * @param manifolds PNG files of all that a two-dimensional latent reaches, a label each, or empty;
 *     if there are many, the page shows the first
 * @param curve what was logged, in the order of the steps
 * @param measured how good the pictures were found to be
 * @param settings groups of settings, in the order to show them
 * @param commands what to type to have the same run again, a line each
 */
public record RunReport(
    String title,
    String summary,
    List<String> warnings,
    List<Sample> samples,
    List<Path> manifolds,
    List<CurvePoint> curve,
    Measured measured,
    Map<String, Map<String, String>> settings,
    List<String> commands) {
  private static final int MOST_SAMPLES = 40;
  private static final int MOST_MANIFOLDS = 20;

  /**
   * Samples drawn at a step.
   *
   * @param step the step
   * @param picture a PNG file
   */
  public record Sample(long step, Path picture) {}

  /**
   * A table with a heading a column.
   *
   * @param columns the headings
   * @param rows as many cells each as there are headings
   */
  public record Table(List<String> columns, List<List<String>> rows) {
    /** Copies the lists. */
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
    }
  }

  /**
   * How good a run's pictures were found to be.
   *
   * @param metrics a row a measured checkpoint, or empty
   * @param notes what is to be known beside the last row, a sentence or two each
   * @param copies how near the pictures lie to those of the training, if it was looked at
   */
  public record Measured(Optional<Table> metrics, List<String> notes, Optional<Pairs> copies) {
    /** Copies the notes. */
    public Measured {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Generated pictures, each with the training picture nearest to it below.
   *
   * @param told what was found, a sentence
   * @param sheet the pictures
   */
  public record Pairs(String told, BufferedImage sheet) {}

  /** Copies the collections. */
  public RunReport {
    warnings = List.copyOf(warnings);
    samples = List.copyOf(samples);
    manifolds = List.copyOf(manifolds);
    curve = List.copyOf(curve);
    settings = new LinkedHashMap<>(settings);
    commands = List.copyOf(commands);
  }

  /**
   * Writes the page; it appears whole or not at all.
   *
   * @throws IOException if a picture cannot be read or the page cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, html());
  }

  private String html() throws IOException {
    Map<String, String> slots =
        Map.of(
            "title", HtmlPage.escape(title),
            "summary", HtmlPage.escape(summary),
            "warnings",
                lines(warnings, line -> "<p class=\"warning\">" + HtmlPage.escape(line) + "</p>"),
            "samples", samplesHtml(),
            "manifolds", manifoldsHtml(),
            "curves", curve.isEmpty() ? "" : curvesHtml(),
            "metrics", measuredHtml(),
            "settings", settingsHtml(),
            "reproduce", HtmlPage.escape(String.join("\n", commands)));
    return HtmlPage.of("report.html", slots);
  }

  private String samplesHtml() throws IOException {
    if (samples.isEmpty()) {
      return "";
    }
    StringBuilder strip = new StringBuilder();
    List<Sample> shown = evenly(samples, MOST_SAMPLES);
    for (Sample sample : shown) {
      String data = base64(sample.picture());
      String step = "step " + String.format(Locale.ROOT, "%,d", sample.step());
      strip.append(
          "<figure><img data-step=\"%s\" alt=\"samples at %s\" src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>%n"
              .formatted(step, step, data, step));
    }
    int last = shown.size() - 1;
    return """
        <h2>Samples over time</h2>
        <div class="viewer"><img alt=""><div><button type="button">Play</button>\
        <input type="range" min="0" max="%s" aria-label="step"><output></output></div></div>
        <div class="strip">
        %s</div>
        """
        .formatted(last, strip);
  }

  private String manifoldsHtml() throws IOException {
    if (manifolds.isEmpty()) {
      return "";
    }
    StringBuilder pictures = new StringBuilder("<h2>Manifolds</h2>\n<div class=\"sheets\">\n");
    for (Path file : manifolds.subList(0, Math.min(MOST_MANIFOLDS, manifolds.size()))) {
      String name = HtmlPage.escape(file.getFileName().toString().replaceFirst("\\.png$", ""));
      pictures.append(
          "<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>%n"
              .formatted(name, base64(file), name));
    }
    return pictures.append("</div>\n").toString();
  }

  private static String base64(Path file) throws IOException {
    return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
  }

  /**
   * At most so many of a run's pictures, evenly, with first and last.
   *
   * @param all in the order of their steps
   * @param most at least 2
   * @param <T> what stands for a picture
   * @return all, or as many as that
   */
  public static <T> List<T> evenly(List<T> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    List<T> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(all.get((int) Math.round(i * (all.size() - 1.0) / (most - 1))));
    }
    return some;
  }

  /**
   * A word of a command as a POSIX shell takes it.
   *
   * @param word an argument
   * @return in quotes if it needs them
   */
  public static String quoted(String word) {
    return word.matches("[\\w./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private String curvesHtml() {
    return "<h2>Curves</h2>\n<div class=\"curves\">\n%s</div>\n"
        .formatted(
            CurvePanel.all(curve).stream().map(SvgCurves::draw).collect(Collectors.joining()));
  }

  private String measuredHtml() {
    return measured.metrics().map(RunReport::metricsHtml).orElse("")
        + HtmlPage.notes(measured.notes())
        + measured.copies().map(RunReport::copiesHtml).orElse("");
  }

  private static String copiesHtml(Pairs copies) {
    return """
        <h2>Copies</h2>
        <p>%s The ten nearest to a training picture, and below each that picture:</p>
        <div class="sheets"><figure><img alt="nearest pairs" src="data:image/png;base64,%s"></figure></div>
        """
        .formatted(
            HtmlPage.escape(copies.told()),
            Base64.getEncoder().encodeToString(Png.encode(copies.sheet())));
  }

  private static String metricsHtml(Table table) {
    return "<h2>Metrics</h2>\n<div class=\"wide\"><table><thead><tr>%s</tr></thead><tbody>%s</tbody></table></div>\n"
        .formatted(
            lines(table.columns(), cell -> "<th>" + HtmlPage.escape(cell) + "</th>"),
            lines(
                table.rows(),
                row ->
                    "<tr>"
                        + lines(row, cell -> "<td>" + HtmlPage.escape(cell) + "</td>")
                        + "</tr>"));
  }

  private String settingsHtml() {
    return lines(
        List.copyOf(settings.entrySet()),
        group ->
            "<div><h3>%s</h3><table>%s</table></div>"
                .formatted(
                    HtmlPage.escape(group.getKey()),
                    lines(
                        List.copyOf(group.getValue().entrySet()),
                        entry ->
                            "<tr><th>%s</th><td>%s</td></tr>"
                                .formatted(
                                    HtmlPage.escape(entry.getKey()),
                                    HtmlPage.escape(entry.getValue())))));
  }

  private static <T> String lines(List<T> items, Function<T, String> html) {
    return items.stream().map(html).collect(Collectors.joining("\n"));
  }
}
