package dev.djinn.exporter.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.exporter.SmallRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExporterMainTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path run;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void train() {
    run = SmallRun.train("quick", shared.resolve("run"));
  }

  @Test
  void exportsThenVerifies() {
    assertEquals(0, run("export", run.toString(), "-o", folder.toString()), err.toString());
    assertTrue(out.toString().contains("proven: largest error"), out.toString());
    assertEquals(0, run("verify", folder.toString(), run.toString()), err.toString());
    assertEquals(1, run("verify", folder.toString(), run.toString(), "--checkpoint", "1"));
    assertOneLine("it is not of this run: its steps is 2, not 1");
  }

  @Test
  void exportsAClassifier() {
    assertEquals(0, run("export", "mnist", "-o", folder.toString()), err.toString());
    assertTrue(Files.isRegularFile(folder.resolve("model.onnx")));
    assertEquals(2, run("export", "mnist", "--repository", folder.toString()));
    assertOneLine("--repository is for a run, and mnist is a classifier");
    assertEquals(2, run("export", "mnist", "-o", folder.toString(), "--precision", "int8"));
    assertTrue(err.toString().contains("--precision is for a run"), err.toString());
  }

  @Test
  void leavesOutAndAddsRewrites() {
    String[] arguments = {
      "export",
      run.toString(),
      "-o",
      folder.toString(),
      "--without",
      "batch_norm_into_previous",
      "--with",
      "deconvolution_phases"
    };
    assertEquals(0, run(arguments), err.toString());
  }

  @Test
  void exportsInEightBitsAndTellsTheError() {
    String[] arguments = {"export", run.toString(), "-o", folder.toString(), "--precision", "int8"};
    assertEquals(0, run(arguments), err.toString());
    assertTrue(out.toString().contains("tolerance 1.0e+00"), out.toString());
    assertEquals(0, run("verify", folder.toString(), run.toString()), err.toString());
    assertEquals(1, run("verify", folder.toString(), run.toString(), "--max-error", "1e-4"));
    assertOneLine("in int8 the model is further from the trained network than allowed");
  }

  @Test
  void refusesUnknownTarget() {
    assertEquals(2, run("export", run.toString(), "-o", folder.toString(), "--target", "moon"));
    assertOneLine("moon");
  }

  @Test
  void refusesFolderThatIsNotThere() {
    assertEquals(2, run("export", "nowhere", "-o", folder.toString()));
    assertOneLine("nowhere is no folder");
  }

  @Test
  void asksWhereToWrite() {
    assertEquals(2, run("export", run.toString()));
    assertOneLine("djinn: give --out DIR or --repository DIR (see djinn export --help)");
  }

  @Test
  void refusesFolderWithoutARun() {
    assertEquals(1, run("export", folder.toString(), "-o", folder.toString()));
    assertOneLine("holds no run");
  }

  @Test
  void refusesCheckpointThatIsNotThere() {
    assertEquals(1, run("export", run.toString(), "-o", folder.toString(), "--checkpoint", "77"));
    assertOneLine("no checkpoint of step 77");
  }

  @Test
  void refusesCorruptedCheckpointAndLeavesNothing() throws IOException {
    Path broken = SmallRun.train("quick", folder.resolve("broken"));
    Path file = broken.resolve("checkpoints/000002/generator.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    Path target = folder.resolve("target");
    assertEquals(1, run("export", broken.toString(), "-o", target.toString()));
    assertOneLine("corrupted");
    assertFalse(Files.exists(target));
  }

  @Test
  void refusesModelThatIsNotThere() {
    assertEquals(2, run("verify", "nowhere.onnx", run.toString()));
    assertOneLine("nowhere.onnx");
  }

  @Test
  void refusesErrorBoundOfZero() {
    String[] arguments = {"export", run.toString(), "-o", folder.toString(), "--max-error", "0"};
    assertEquals(2, run(arguments));
    assertOneLine("tolerance must be above 0 and at most 1");
  }

  @Test
  void printsVersionsOfNatives() {
    assertEquals(0, run("--version"));
    assertTrue(out.toString().contains("onnxruntime  1."), out.toString());
    assertTrue(out.toString().contains("libtorch     2."), out.toString());
  }

  @Test
  void helpShowsExamples() {
    assertEquals(0, run("export", "--help"));
    assertTrue(out.toString().contains("djinn export runs/quick -o exports/quick"), out.toString());
  }

  @Test
  void helpLoadsNoNatives() throws IOException, InterruptedException {
    Path loaded = folder.resolve("classes.log");
    Process help =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + loaded,
                "-cp",
                System.getProperty("java.class.path"),
                ExporterMain.class.getName(),
                "export",
                "--help")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("help.txt").toFile())
            .start();
    assertEquals(0, help.waitFor());
    String classes = Files.readString(loaded);
    assertTrue(classes.contains(ExporterMain.class.getName()), classes);
    assertFalse(classes.contains("ai.djl.engine.Engine "), "the engine was loaded");
    assertFalse(classes.contains("ai.onnxruntime.OrtEnvironment "), "ONNX Runtime was loaded");
  }

  @Test
  void namesTheCommandWhoseHelpToRead() {
    assertEquals(2, run("--wrong"));
    assertOneLine("unknown option '--wrong' (see djinn --help)");
    err.getBuffer().setLength(0);
    assertEquals(2, run("verify"));
    assertOneLine("(see djinn verify --help)");
  }

  private int run(String... arguments) {
    return ExporterMain.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private void assertOneLine(String part) {
    String text = err.toString();
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.startsWith("djinn: ") && text.contains(part), text);
  }
}
