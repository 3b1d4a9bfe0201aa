package dev.djinn.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.report.Png;
import dev.djinn.report.SampleGrid;
import dev.djinn.run.RunFolder;
import dev.djinn.settings.Settings;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on what users bring: damaged pictures, no labels, one class, too much. */
class TrainOnOwnDataTest {
  @TempDir Path folder;

  /** Both what the command says meanwhile and its last word. */
  private record Outcome(int code, String said) {}

  private Outcome train(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("train", "--steps", "1", "--batch", "4", "--threads", "1", "--out"));
    args.add(folder.resolve("run").toString());
    args.addAll(List.of(more));
    return djinn(args.toArray(String[]::new));
  }

  private static Outcome djinn(String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      int code = TrainerMain.run(args, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
      return new Outcome(code, said.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  private void picture(String name) throws IOException {
    byte[] pixels = new byte[20 * 20];
    new Random(name.hashCode()).nextBytes(pixels);
    Png.write(
        SampleGrid.columns(1).withPadding(0).withScale(2).ofBytes(pixels, 1, 20, 20),
        folder.resolve(name));
  }

  /** Of so many pixels, the upper half clear. */
  private void sprite(String name, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Random random = new Random(name.hashCode());
    for (int i = width * height / 2; i < width * height; i++) {
      image.setRGB(i % width, i / width, random.nextInt() | 0xff000000);
    }
    Png.write(image, folder.resolve(name));
  }

  @Test
  void transparentPicturesOfAnyShapeTrainAndGoOn() throws IOException {
    for (int i = 0; i < 6; i++) {
      sprite("sprites/" + (i < 3 ? "a/" : "b/") + i + ".png", 17, 23);
    }
    String data = folder.resolve("sprites").toString();
    Outcome outcome = train("modern", "--data", data, "--colour", "rgba");
    assertEquals(0, outcome.code(), outcome.said());
    Path run = folder.resolve("run");
    assertEquals(new Settings.Image(23, 17, 4, 0), RunFolder.open(run).settings().image());
    assertEquals(Map.of("colour", "rgba"), RunFolder.open(run).facts().dataOptions());
    BufferedImage sheet = ImageIO.read(run.resolve("samples/000001.png").toFile());
    assertEquals(2 + 10 * (2 * 17 + 2), sheet.getWidth());
    assertTrue(Files.isRegularFile(run.resolve("report.html")));
    outcome = djinn("train", "--resume", "--out", run.toString(), "--steps", "2");
    assertEquals(0, outcome.code(), outcome.said());
  }

  @Test
  void aShapeThatAPresetCannotTakeIsRefusedNamingThoseThatCan() throws IOException {
    for (int i = 0; i < 6; i++) {
      sprite("sprites/" + i + ".png", 17, 23);
    }
    Outcome outcome = train("dcgan", "--data", folder.resolve("sprites").toString());
    assertEquals(2, outcome.code(), outcome.said());
    assertTrue(
        outcome
            .said()
            .endsWith(
                "'height/4': 23 is not a multiple of 4; for pictures of 17×23 take"
                    + " gan, modern, or bring them to another size with --image-size\n"),
        outcome.said());
    assertFalse(Files.exists(folder.resolve("run")));
  }

  /** Earlier versions cut pictures of one shape to squares without being asked. */
  @Test
  void anOldRunFindsItsSquaresAgain() throws IOException {
    for (int i = 0; i < 6; i++) {
      sprite("sprites/" + i + ".png", 40, 32);
    }
    String data = folder.resolve("sprites").toString();
    Outcome outcome = train("quick", "--data", data, "--image-size", "32");
    assertEquals(0, outcome.code(), outcome.said());
    Path yaml = folder.resolve("run/run.yaml");
    String text = Files.readString(yaml);
    assertTrue(text.contains("image-size"), text);
    Files.writeString(yaml, text.replaceAll("image-size: *'?32'?", ""));
    assertEquals(Map.of(), RunFolder.open(folder.resolve("run")).facts().dataOptions());
    outcome = djinn("train", "--resume", "--out", folder.resolve("run").toString(), "--steps", "2");
    assertEquals(0, outcome.code(), outcome.said());
    outcome = djinn("train", yaml.toString(), "--out", folder.resolve("again").toString());
    assertEquals(0, outcome.code(), outcome.said());
  }

  @Test
  void skippedPicturesAreListedAndTheRestTrains() throws IOException {
    for (int i = 0; i < 6; i++) {
      picture("pictures/" + i + ".png");
    }
    Files.writeString(folder.resolve("pictures/broken.png"), "no picture");
    Outcome outcome =
        train("quick", "--data", folder.resolve("pictures").toString(), "--image-size", "28");
    assertEquals(0, outcome.code(), outcome.said());
    assertTrue(outcome.said().contains("skipped 1 of 7 pictures"), outcome.said());
    assertTrue(outcome.said().contains("broken.png: "), outcome.said());
    assertEquals(6, RunFolder.open(folder.resolve("run")).facts().dataCount());
  }

  @Test
  void aRunsDescriptionGivesTheRunAgainOnTheSameDataOnly() throws IOException {
    for (int i = 0; i < 6; i++) {
      picture("pictures/" + i + ".png");
    }
    String data = folder.resolve("pictures").toString();
    Outcome outcome = train("quick", "--data", data, "--image-size", "28");
    assertEquals(0, outcome.code(), outcome.said());
    String description = folder.resolve("run/run.yaml").toString();
    outcome = djinn("train", description, "--out", folder.resolve("again").toString());
    assertEquals(0, outcome.code(), outcome.said());
    RunFolder run = RunFolder.open(folder.resolve("run"));
    RunFolder again = RunFolder.open(folder.resolve("again"));
    assertEquals(run.facts(), again.facts());
    assertEquals(run.settings(), again.settings());
    for (String part : List.of("generator", "discriminator", "optimizers")) {
      String file = "checkpoints/000001/" + part + ".safetensors";
      assertEquals(
          -1,
          Files.mismatch(
              folder.resolve("run").resolve(file), folder.resolve("again").resolve(file)),
          part);
    }

    picture("pictures/another.png");
    Path third = folder.resolve("third");
    outcome = djinn("train", description, "--out", third.toString());
    assertEquals(1, outcome.code(), outcome.said());
    assertTrue(
        outcome.said().contains(data + " is not what " + description + " was trained on"),
        outcome.said());
    assertFalse(Files.exists(third));
    outcome = djinn("train", description, "--data", data, "--out", third.toString());
    assertEquals(0, outcome.code(), outcome.said());
    assertTrue(outcome.said().contains("; this run will be another"), outcome.said());
  }

  @Test
  void aClassifiersTestIsOpenedBeforeItTrains() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Outcome outcome = djinn("classifier", "mnist-10k", "--test", "nowhere", "-o", file.toString());
    assertEquals(2, outcome.code(), outcome.said());
    assertTrue(outcome.said().contains("'nowhere'"), outcome.said());
    for (int i = 0; i < 6; i++) {
      picture("pictures/" + i + ".png");
    }
    Files.writeString(folder.resolve("pictures/broken.png"), "no picture");
    String pictures = folder.resolve("pictures").toString();
    outcome =
        djinn(
            "classifier",
            "mnist-10k",
            "--test",
            pictures,
            "--image-size",
            "28",
            "-o",
            file.toString());
    assertEquals(1, outcome.code(), outcome.said());
    assertTrue(
        outcome.said().contains("pictures has no labels; a test needs them"), outcome.said());
    assertTrue(outcome.said().contains("skipped 1 of 7 pictures"), outcome.said());
    assertFalse(outcome.said().contains("epoch"), outcome.said());
    assertFalse(Files.exists(file));
  }

  @Test
  void unconditionalLeavesLabelsUnused() throws IOException {
    for (int i = 0; i < 6; i++) {
      picture((i % 2 == 0 ? "pictures/a/" : "pictures/b/") + i + ".png");
    }
    String data = folder.resolve("pictures").toString();
    Outcome outcome = train("modern", "--data", data, "--image-size", "28", "--unconditional");
    assertEquals(0, outcome.code(), outcome.said());
    String run = Files.readString(folder.resolve("run/run.yaml"));
    assertTrue(run.contains("\nclasses: 0\n") && !run.contains("label-"), run);
    // cgan is made of labels.
    outcome = train("cgan", "--data", data, "--image-size", "28", "--unconditional");
    assertEquals(2, outcome.code(), outcome.said());
    assertTrue(outcome.said().contains("needs labels"), outcome.said());
  }

  @Test
  void aConditionalNetworkOnDataWithoutLabelsSaysWhatToDo() throws IOException {
    for (int i = 0; i < 6; i++) {
      picture("pictures/" + i + ".png");
    }
    Outcome outcome =
        train("cgan", "--data", folder.resolve("pictures").toString(), "--image-size", "28");
    assertEquals(2, outcome.code(), outcome.said());
    assertTrue(
        outcome.said().contains("classes: this network needs labels, but the data has none; sort"),
        outcome.said());
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @Test
  void arraysThatAreNotSquareTrainAsTheyAre() throws IOException {
    Path file = blackArray("wide.npy", 4, 20, 28);
    Outcome outcome = train("quick", "--data", file.toString());
    assertEquals(0, outcome.code(), outcome.said());
    assertEquals(
        new Settings.Image(20, 28, 1, -1),
        RunFolder.open(folder.resolve("run")).settings().image());
  }

  @Test
  void arraysOfAnotherShapeSayWhatIsDoneToThem() throws IOException {
    Path file = blackArray("wide.npy", 4, 20, 28);
    Outcome outcome = train("quick", "--data", file.toString(), "--image-size", "28");
    assertEquals(0, outcome.code(), outcome.said());
    assertTrue(
        outcome
            .said()
            .contains("wide.npy: images of 28x20, the largest centred square, brought to 28x28\n"),
        outcome.said());
  }

  @Test
  void oneClassIsEnoughForAConditionalNetwork() throws IOException {
    Path images = folder.resolve("one-images-idx3-ubyte");
    try (OutputStream out = Files.newOutputStream(images)) {
      out.write(new byte[] {0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28});
      byte[] pixels = new byte[5 * 28 * 28];
      new Random(1).nextBytes(pixels);
      out.write(pixels);
    }
    Files.write(
        folder.resolve("one-labels-idx1-ubyte"),
        new byte[] {0, 0, 8, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0});
    Outcome outcome = train("cgan", "--data", images.toString());
    assertEquals(0, outcome.code(), outcome.said());
    assertEquals(1, RunFolder.open(folder.resolve("run")).settings().classes());
  }

  @Test
  void anErrorStandsOnALineOfItsOwnBelowTheProgress() throws Exception {
    // Weights of 0 have gradients of 0 through the ReLU, which Adam divides by their size, 0.
    String text =
        failure(
            "-Xmx256m",
            "train",
            "quick",
            "--steps",
            "1",
            "--batch",
            "8",
            "--set",
            "generator.epsilon=0",
            "--set",
            "generator.layers.0.dense.init=constant 0",
            "--out",
            folder.resolve("run").toString());
    assertTrue(text.contains(" left\u001b[K" + System.lineSeparator() + "djinn: step 1: "), text);
  }

  /** What a process of its own says, as on a terminal, before it ends with exit code 1. */
  private String failure(String memory, String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                memory,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                TrainerMain.class.getName()));
    command.addAll(List.of(args));
    Path said = folder.resolve("said");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("DJINN_TERMINAL", "1");
    Process process = builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    String text = Files.readString(said);
    assertEquals(1, process.exitValue(), text);
    return text;
  }

  @Test
  void aPictureThatUnpacksToMoreThanMemoryIsSkippedAndNotTheRun() throws Exception {
    Path pictures = Files.createDirectories(folder.resolve("bombs"));
    BufferedImage large = new BufferedImage(7000, 7000, BufferedImage.TYPE_BYTE_GRAY);
    for (String format : List.of("png", "tiff")) {
      ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionType("Deflate");
      Path file = pictures.resolve("large." + format);
      try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
        writer.setOutput(out);
        writer.write(null, new IIOImage(large, null, null), param);
      }
    }
    String text = failure("-Xmx40m", "data", pictures.toString());
    String reason = ": decoding it takes more than Java's memory of ";
    assertTrue(text.contains("  large.png" + reason), text);
    assertTrue(text.contains("  large.tiff" + reason), text);
    assertTrue(text.contains("djinn: bombs: none of 2 pictures can be used"), text);
  }

  @Test
  void dataThatDoesNotFitIntoMemoryIsOneLineAndExitCode1() throws Exception {
    Path file = blackArray("big.npy", 60_000, 28, 28);
    String text =
        failure(
            "-Xmx32m",
            "train",
            "quick",
            "--data",
            file.toString(),
            "--out",
            folder.resolve("run").toString());
    assertTrue(text.contains("djinn: the data does not fit into Java's memory of "), text);
    assertFalse(text.contains("\tat "), text);
    assertFalse(Files.exists(folder.resolve("run")));
  }

  private Path blackArray(String name, int count, int rows, int columns) throws IOException {
    Path file = folder.resolve(name);
    String header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d), }"
            .formatted(count, rows, columns);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
      out.write(String.format("%-117s\n", header).getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < count; i++) {
        out.write(new byte[rows * columns]);
      }
    }
    return file;
  }
}
