package dev.djinn.exporter.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.exporter.SmallRun;
import dev.djinn.exporter.judge.OnnxGenerator;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
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
  void randomFeaturesAreNamedAsSuch() {
    JsonObject judged = judge(run.toString(), "--classifier", "random");
    assertTrue(judged.has("random_fcd") && judged.has("real_random_fcd"), judged.toString());
    assertFalse(judged.has("fcd"), judged.toString());
    assertEquals("random", judged.get("classifier").getAsString());
    assertTrue(judged.getAsJsonArray("notes").get(0).getAsString().contains("random network"));
  }

  @Test
  void copiesAreCountedAndTooManyAreRefused() throws IOException {
    Path quality = shared.resolve("copies.json");
    JsonObject judged = judge(run.toString());
    assertEquals(0, judged.get("copies").getAsDouble(), judged.toString());
    assertTrue(judged.get("copies_distance").getAsDouble() > 0, judged.toString());
    assertTrue(judged.get("real_copies_least").getAsDouble() > 0, judged.toString());
    judged.addProperty("copies", 0.25);
    Files.writeString(quality, judged.toString());
    Path models = shared.resolve("copies");
    String[] arguments = {
      "export",
      run.toString(),
      "-o",
      models.toString(),
      "--quality",
      quality.toString(),
      "--max-copies",
      "0.2"
    };
    assertEquals(1, run(arguments));
    assertOneLine("25 % of the pictures lie nearer to a training picture");
    assertFalse(Files.exists(models.resolve("model.onnx")));
    arguments[7] = "0.3";
    assertEquals(0, run(arguments), err.toString());
    try (OnnxGenerator generator = new OnnxGenerator(models.resolve("model.onnx"))) {
      assertEquals(0.25, ((Number) generator.contract().quality().get("copies")).doubleValue());
    }
    arguments[7] = "2";
    assertEquals(2, run(arguments));
    assertOneLine("--max-copies must be from 0 to 1, got 2.0");
  }

  @Test
  void repeatsHaveASpreadAndAPageShowsPictures() throws IOException {
    Path page = shared.resolve("the quality.html");
    JsonObject judged = judge(run.toString(), "--repeats", "2", "--page", page.toString());
    assertTrue(judged.get("fcd_sd").getAsDouble() > 0, judged.toString());
    String html = Files.readString(page);
    assertEquals(4, html.split("<img ", -1).length - 1);
    assertTrue(html.contains("Fréchet distance"), html);
    String typed =
        "djinn evaluate %s --data mnist-10k --samples 300 --json --skip-cas --repeats 2"
            + " --page &#39;%s&#39;";
    assertTrue(html.contains(typed.formatted(run, page)), html);
  }

  @Test
  void realPicturesHaveEveryFigure() {
    JsonObject judged = judge(run.toString());
    assertTrue(judged.get("real_label_accuracy").getAsDouble() > 0.9, judged.toString());
    assertEquals(10, judged.get("real_classes_found").getAsInt());
    assertTrue(
        judged.get("real_class_kl").getAsDouble() < judged.get("class_kl").getAsDouble(),
        judged.toString());
    assertTrue(judged.has("real_least_class"), judged.toString());
  }

  @Test
  void asManyPicturesAsAskedForAreJudged() throws IOException {
    ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
    Path pictures = npy("digits.npy", "400, 28, 28", Arrays.copyOf(digits.pixels(), 400 * 784));
    assertEquals(300, judge(pictures.toString()).get("samples").getAsInt());
    String[] arguments = {
      "evaluate", pictures.toString(), "--data", "mnist-10k", "--samples", "300", "--skip-cas"
    };
    assertEquals(0, run(arguments), err.toString());
    assertTrue(
        out.toString().startsWith("300 pictures of " + pictures + " against as many of mnist-10k"),
        out.toString());
    String first = out.toString();
    assertEquals(0, run(arguments), err.toString());
    assertEquals(first, out.toString());
    arguments[5] = "401";
    assertEquals(1, run(arguments));
    assertOneLine("has 400 pictures, fewer than 401; give --samples");
  }

  @Test
  void picturesOfAnotherColourAreRefusedWithWhatToDo() throws IOException {
    byte[] colours = new byte[20 * 3 * 784];
    new Random(3).nextBytes(colours);
    Path pictures = npy("red.npy", "20, 28, 28, 3", colours);
    assertEquals(1, run("evaluate", pictures.toString(), "--data", "mnist-10k"));
    assertOneLine("red.npy has pictures of 28×28×3 and mnist-10k of 28×28×1; give other --data");
    String[] grey = {
      "evaluate",
      pictures.toString(),
      "--data",
      "mnist-10k",
      "--samples",
      "20",
      "--colour",
      "grey",
      "--skip-cas"
    };
    assertEquals(0, run(grey), err.toString());
  }

  @Test
  void realPicturesThatCannotBeReadAreListed() throws IOException {
    Path photos = Files.createDirectories(shared.resolve("photos"));
    Random random = new Random(8);
    for (int i = 0; i < 14; i++) {
      BufferedImage picture = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < 784; p++) {
        picture.getRaster().setSample(p % 28, p / 28, 0, random.nextInt(256));
      }
      ImageIO.write(picture, "png", photos.resolve(i + ".png").toFile());
    }
    Files.writeString(photos.resolve("broken.png"), "no picture");
    String[] arguments = {
      "evaluate",
      run.toString(),
      "--data",
      photos.toString(),
      "--image-size",
      "28",
      "--classifier",
      "mnist"
    };
    assertEquals(0, run(arguments), err.toString());
    assertTrue(err.toString().startsWith("photos: skipped 1 of 15 pictures"), err.toString());
    assertTrue(err.toString().contains("broken.png"), err.toString());
  }

  /** Bytes as numpy writes them. */
  private static Path npy(String name, String shape, byte[] elements) throws IOException {
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }\n";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0});
    bytes.write(header.getBytes(StandardCharsets.US_ASCII));
    bytes.write(elements);
    return Files.write(shared.resolve(name), bytes.toByteArray());
  }

  @Test
  void badUsageIsOneLine() {
    assertEquals(2, run("evaluate", run.toString(), "--data", "mnist-10k", "--repeats", "0"));
    assertOneLine("--repeats must be at least 1, got 0");
    assertEquals(2, run("evaluate", run.toString(), "--data", "mnist-10k", "--samples", "5"));
    assertOneLine("--samples must be at least 6, got 5");
    assertEquals(2, run("evaluate", "nothing", "--data", "mnist-10k"));
    assertOneLine("unknown model 'nothing'");
    assertEquals(2, run("evaluate", run.toString(), "--classifier", "nothing"));
    assertOneLine("unknown classifier 'nothing'; known are mnist");
    assertEquals(1, run("evaluate", run.toString(), "--checkpoint", "77"));
    assertOneLine("no checkpoint of step 77");
  }

  private void assertOneLine(String part) {
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains(part), err.toString());
  }
}
