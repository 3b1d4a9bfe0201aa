package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class RunReportTest {
  @TempDir Path folder;

  @Test
  void carriesItsPicturesAndAsksNothingOfTheNetwork() throws IOException {
    Path png = picture(0);
    String html = html(report(List.of(new RunReport.Sample(0, png)), points(10)));
    assertTrue(
        html.contains(
            "data:image/png;base64,"
                + Base64.getEncoder().encodeToString(Files.readAllBytes(png))));
    assertFalse(Pattern.compile("(src|href)=\"(?!data:)").matcher(html).find());
    assertFalse(html.contains("http"), "an address");
    assertFalse(html.replace("{{settings}} $1", "").contains("{{"), "an unfilled slot");
  }

  @Test
  void escapesWhatTheUserWrote() throws IOException {
    String html = html(report(List.of(), points(2)));
    assertTrue(
        html.contains("<h1>&lt;b&gt; &amp; {{settings}} $1 \\</h1>"), html.substring(0, 200));
    assertTrue(html.contains("<tr><th>rate &lt;</th><td>&quot;1e-4&quot;</td></tr>"));
    assertTrue(html.contains("djinn train &#39;a b&#39;\ndjinn export"));
    assertTrue(html.contains("<p class=\"warning\">it &lt;collapsed&gt;</p>"));
    assertTrue(html.contains("<thead><tr><th>step</th>\n<th>fcd</th></tr></thead>"));
    assertTrue(html.contains("<p class=\"note\">The classifier is &lt;unfit&gt;.</p>"));
    assertTrue(html.contains("<h2>Copies</h2>\n<p>3 % lie nearer. The ten"));
    assertFalse(html.contains("<b>"));
  }

  @Test
  void showsSomeOfManySamplesWithFirstAndLast() throws IOException {
    List<RunReport.Sample> samples = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      samples.add(new RunReport.Sample(i * 100L, picture(i)));
    }
    String html = html(report(samples, points(2)));
    List<String> steps = new ArrayList<>();
    Matcher matcher = Pattern.compile("data-step=\"step ([\\d,]+)\"").matcher(html);
    while (matcher.find()) {
      steps.add(matcher.group(1));
    }
    assertEquals(40, steps.size());
    assertEquals("0", steps.get(0));
    assertEquals("10,000", steps.get(39));
    assertTrue(html.contains("max=\"39\""));
  }

  @Test
  void thinningKeepsFirstAndLast() {
    assertEquals(List.of(0, 3, 6, 9), RunReport.evenly(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 4));
    assertEquals(List.of(1, 2), RunReport.evenly(List.of(1, 2), 2));
  }

  @Test
  void showsAManifoldALabelAndNoMoreThanTwenty() throws IOException {
    List<Path> manifolds = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      manifolds.add(picture(i));
    }
    String html = html(report(List.of(), manifolds, points(2)));
    Matcher caption = Pattern.compile("<figcaption>(\\d+)</figcaption>").matcher(html);
    for (int i = 0; i < 20; i++) {
      assertTrue(caption.find());
      assertEquals(Integer.toString(i), caption.group(1));
    }
    assertFalse(caption.find());
    assertFalse(html(report(List.of(), points(2))).contains("Manifolds"));
  }

  @Test
  void drawsCurvesThatAnXmlParserReads() throws Exception {
    String html = html(report(List.of(), points(101)));
    Matcher svg = Pattern.compile("<svg viewBox.*?</svg></svg>", Pattern.DOTALL).matcher(html);
    assertTrue(svg.find());
    Document losses = parse(svg.group());
    assertEquals(2, losses.getElementsByTagName("polyline").getLength());
    // The discriminator's loss is 1 throughout, on an axis from 0 to 1.05 that is 216 high above
    // 250.
    String[] points =
        ((Element) losses.getElementsByTagName("polyline").item(0))
            .getAttribute("points")
            .split(" ", -1);
    assertEquals(101, points.length);
    assertEquals("44.0,44.3", points[0]);
    assertEquals("470.0,44.3", points[100]);
    assertTrue(svg.find());
    assertEquals(1, parse(svg.group()).getElementsByTagName("polyline").getLength());
  }

  @Test
  void leavesOutCurvesOfARunThatLoggedNothing() throws IOException {
    assertFalse(html(report(List.of(), List.of())).contains("Curves"));
  }

  @Test
  void leavesNothingWhenAPictureIsMissing() {
    RunReport report =
        report(List.of(new RunReport.Sample(0, folder.resolve("missing.png"))), List.of());
    assertThrows(IOException.class, () -> report.write(folder.resolve("report.html")));
    assertEquals(0, folder.toFile().list().length);
  }

  private static RunReport report(List<RunReport.Sample> samples, List<CurvePoint> points) {
    return report(samples, List.of(), points);
  }

  private static RunReport report(
      List<RunReport.Sample> samples, List<Path> manifolds, List<CurvePoint> points) {
    return new RunReport(
        "<b> & {{settings}} $1 \\",
        "on digits",
        List.of("it <collapsed>"),
        samples,
        manifolds,
        points,
        new RunReport.Measured(
            Optional.of(
                new RunReport.Table(List.of("step", "fcd"), List.of(List.of("100", "5.1")))),
            List.of("The classifier is <unfit>."),
            Optional.of(
                new RunReport.Pairs(
                    "3 % lie nearer.", SampleGrid.columns(1).ofBytes(new byte[] {7}, 1, 1, 1)))),
        Map.of("generator", Map.of("rate <", "\"1e-4\"")),
        List.of("djinn train 'a b'", "djinn export"));
  }

  private static List<CurvePoint> points(int count) {
    List<CurvePoint> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(new CurvePoint(i, 1, 0.5, 0.9));
    }
    return points;
  }

  private Path picture(int value) throws IOException {
    Path file = folder.resolve(value + ".png");
    Png.write(SampleGrid.columns(1).ofBytes(new byte[] {(byte) value}, 1, 1, 1), file);
    return file;
  }

  private String html(RunReport report) throws IOException {
    Path file = folder.resolve("report.html");
    report.write(file);
    return Files.readString(file);
  }

  private static Document parse(String xml)
      throws ParserConfigurationException, SAXException, IOException {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }
}
