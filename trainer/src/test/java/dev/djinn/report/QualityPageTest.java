package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QualityPageTest {
  @TempDir Path folder;

  /** A comma would end the number in a style sheet. */
  @ParameterizedTest
  @ValueSource(strings = {"de", "fa"})
  void barsHaveTheirWidthInEveryLanguage(String language) throws IOException {
    QualityPage page =
        new QualityPage(
            "digits",
            "10 pictures",
            new RunReport.Table(List.of("figure"), List.of()),
            List.of("Precision is > what real pictures get."),
            Map.of("one", 3, "two", 7),
            Map.of(),
            "djinn evaluate");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(language));
    try {
      page.write(folder.resolve("quality.html"));
    } finally {
      Locale.setDefault(before);
    }
    String html = Files.readString(folder.resolve("quality.html"));
    // Names of classes break between words; "anywhere" would break them after each letter.
    assertTrue(html.contains(".bars th { width: auto;") && html.contains("break-word"), html);
    assertTrue(html.contains("<span style=\"width:42.9%\"></span></td><td>3</td>"), html);
    assertTrue(
        html.contains("<p class=\"note\">Precision is &gt; what real pictures get.</p>"), html);
  }
}
