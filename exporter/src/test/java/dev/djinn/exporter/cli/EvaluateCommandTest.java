package dev.djinn.exporter.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.djinn.exporter.OnnxGenerator;
import dev.djinn.exporter.SmallRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir static Path shared;
  private static Path run;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void train() {
    run = SmallRun.train("quick", shared.resolve("run"));
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return ExporterMain.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private JsonObject judge(String source, String... more) {
    String[] arguments = new String[8 + more.length];
    String[] start = {
      "evaluate", source, "--data", "mnist-10k", "--samples", "300", "--json", "--skip-cas"
    };
    System.arraycopy(start, 0, arguments, 0, 8);
    System.arraycopy(more, 0, arguments, 8, more.length);
    assertEquals(0, run(arguments), err.toString());
    return JsonParser.parseString(out.toString()).getAsJsonObject();
  }

  @Test
  void aRunAndItsExportAreJudgedAlikeAndFarFromTheFloor() throws IOException {
    JsonObject trained = judge(run.toString(), "--untrained");
    Path models = shared.resolve("models");
    assertEquals(0, run("export", run.toString(), "-o", models.toString()), err.toString());
    JsonObject exported = judge(models.resolve("model.onnx").toString());
    double fcd = trained.get("fcd").getAsDouble();
    // Other latents of the same distribution.
    assertEquals(fcd, exported.get("fcd").getAsDouble(), 0.2 * fcd);
    assertEquals(trained.get("real_fcd"), exported.get("real_fcd"));
    assertTrue(fcd > 10 * trained.get("real_fcd").getAsDouble(), trained.toString());
    assertTrue(trained.get("untrained_fcd").getAsDouble() > 0);
    assertEquals(300, trained.get("samples").getAsInt());
  }

  @Test
  void figuresGoIntoTheFileAndItsCard() throws IOException {
    Path json = shared.resolve("quality.json");
    double fcd = judge(run.toString()).get("fcd").getAsDouble();
    Files.writeString(json, out.toString());
    Path models = shared.resolve("repository");
    String[] arguments = {
      "export",
      run.toString(),
      "--repository",
      models.toString(),
      "--name",
      "a",
      "--quality",
      json.toString()
    };
    assertEquals(0, run(arguments), err.toString());
    String card = Files.readString(models.resolve("a/README.md"));
    assertTrue(card.contains("(FCD), less is better | " + String.format("%.4g", fcd)), card);
    assertTrue(card.contains("with 300 pictures of each side"), card);
    assertTrue(card.contains("![Losses](losses.png)"), card);
    assertArrayEquals(
        Files.readAllBytes(run.resolve("losses.png")),
        Files.readAllBytes(models.resolve("a/losses.png")));
    Path file = models.resolve("a/1/model.onnx");
    try (OnnxGenerator generator = new OnnxGenerator(file)) {
      assertEquals(fcd, ((Number) generator.contract().quality().get("fcd")).doubleValue());
    }
    Files.writeString(json, "nonsense {");
    assertEquals(1, run(arguments));
    assertOneLine("as the JSON of djinn evaluate");
  }

  @Test
  void repeatsHaveASpreadAndAPageShowsPictures() throws IOException {
    Path page = shared.resolve("quality.html");
    JsonObject judged = judge(run.toString(), "--repeats", "2", "--page", page.toString());
    assertTrue(judged.get("fcd_sd").getAsDouble() > 0, judged.toString());
    String html = Files.readString(page);
    assertEquals(3, html.split("<img ", -1).length - 1);
    assertTrue(html.contains("Fréchet distance"), html);
  }

  @Test
  void badUsageIsOneLine() {
    assertEquals(2, run("evaluate", run.toString(), "--data", "mnist-10k", "--repeats", "0"));
    assertOneLine("--repeats and --samples must be 1 or more");
    assertEquals(2, run("evaluate", "nothing", "--data", "mnist-10k"));
    assertOneLine("no model 'nothing'");
    assertEquals(2, run("evaluate", run.toString(), "--classifier", "nothing"));
    assertOneLine("no classifier 'nothing'");
    assertEquals(1, run("evaluate", run.toString(), "--checkpoint", "77"));
    assertOneLine("no checkpoint of step 77");
  }

  private void assertOneLine(String part) {
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains(part), err.toString());
  }
}
