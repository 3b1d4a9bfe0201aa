package dev.djinn.server.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.djinn.sampler.Npy;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import dev.djinn.sampler.TestModels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path model;
  private Path work;

  @BeforeEach
  void writeModel() throws IOException {
    model = TestModels.write(folder.resolve("models/small/1"), TestModels.CONDITIONAL);
    work = Files.createDirectory(folder.resolve("work"));
  }

  @Test
  void sampleWritesAGridOfTheSeedsSamples() throws IOException {
    Path png = work.resolve("grid.png");
    assertEquals(0, run("sample", model, "-n", 7, "--seed", 42, "--columns", 3, "-o", png));
    assertEquals("", out.toString());
    assertEquals(png + ": 7 samples of seed 42" + System.lineSeparator(), err.toString());
    Samples expected = draw(SampleRequest.of(7).withSeed(42));
    assertArrayEquals(expected.toGridPng(3), Files.readAllBytes(png));
    assertEquals(12, ImageIO.read(png.toFile()).getWidth());
    assertEquals(List.of(png), list());
  }

  @Test
  void inspectDraftsADescriptionWithWhichAForeignModelIsSampled() throws IOException {
    Path foreign = TestModels.writeForeign(work.resolve("faces.onnx"));
    assertEquals(0, run("inspect", foreign, "--describe"));
    assertEquals(
        """
        {
          "latent": {"size":10,"distribution":"normal","input":"z"},
          "image": {"channels":2,"height":4,"width":4,"black":-1,"white":1,"output":"out"}
        }
        """,
        out.toString());
    Files.writeString(work.resolve("faces.onnx.json"), out.toString());
    Path npy = work.resolve("faces.npy");
    assertEquals(0, run("sample", foreign, "-n", 3, "-o", npy));
    assertEquals(128 + 3 * 32, Files.size(npy));
    assertEquals(1, run("inspect", model, "--describe"));
    assertTrue(err.toString().contains("has a contract of its own"), err.toString());
  }

  @Test
  void sampleTakesFurtherInputsAndRefusesABrokenPromise() throws IOException {
    Path met = Path.of("../sampler/src/test/resources/dev/djinn/sampler/met");
    Path npy = work.resolve("style.npy");
    assertEquals(
        0,
        run(
            "sample",
            met.resolve("stylegan.onnx"),
            "--latent",
            "8:normal",
            "--image",
            "3x4x4",
            "--input",
            "psi=0.7",
            "--input",
            "noise0=0",
            "-n",
            2,
            "-o",
            npy));
    assertEquals(128 + 2 * 48, Files.size(npy));
    assertEquals(
        1,
        run(
            "sample",
            met.resolve("random_noise.onnx"),
            "--latent",
            "8:normal",
            "--image",
            "3x4x4",
            "--strict",
            "-n",
            2,
            "-o",
            work.resolve("no.npy")));
    assertTrue(err.toString().contains("breaks the promise of the seed"), err.toString());
  }

  @Test
  void sampleWritesAnArray() throws IOException {
    Path npy = work.resolve("samples.npy");
    assertEquals(
        0, run("sample", model, "-n", 1000, "-s", -1, "-l", "two", "--first", 5, "-o", npy));
    byte[] bytes = Files.readAllBytes(npy);
    byte[] header = Npy.header(1000, 4, 4, 1);
    assertArrayEquals(header, Arrays.copyOf(bytes, header.length));
    SampleRequest request = SampleRequest.of(1000).withSeed(-1).withFirstIndex(5).withLabel(2);
    assertArrayEquals(
        draw(request).pixels(), Arrays.copyOfRange(bytes, header.length, bytes.length));
    assertEquals(List.of(npy), list());
  }

  @Test
  void sampleWritesAFolderOfPicturesNamedByTheirNumbers() throws IOException {
    Path pictures = work.resolve("pictures.v1");
    assertEquals(0, run("sample", model, "-n", 3, "--first", 999_999, "-o", pictures + "/"));
    try (Stream<Path> files = Files.list(pictures)) {
      assertEquals(
          List.of("1000000.png", "1000001.png", "999999.png"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    Samples expected = draw(SampleRequest.of(1).withFirstIndex(1_000_001));
    assertArrayEquals(expected.toPng(0), Files.readAllBytes(pictures.resolve("1000001.png")));
    assertEquals(List.of(pictures), list());
  }

  @Test
  void sampleReplacesAFileButNeverAFullFolder() throws IOException {
    Path png = Files.writeString(work.resolve("grid.png"), "old");
    assertEquals(0, run("sample", model, "-n", 1, "-o", png));
    assertTrue(Files.size(png) > 50);
    assertEquals(
        0, run("sample", model, "-n", 1, "-o", Files.createDirectory(work.resolve("empty"))));
    fails(
        2,
        "cannot write " + work + ": it exists and is not an empty folder",
        "sample",
        model,
        "-o",
        work);
  }

  @Test
  void sampleTakesAForeignModelWithItsContract() throws IOException {
    Path foreign = TestModels.writeForeign(folder.resolve("foreign.onnx"));
    Path npy = work.resolve("samples.npy");
    assertEquals(
        0, run("sample", foreign, "--latent", "10:normal", "--image", "2x4x4", "-n", 4, "-o", npy));
    assertEquals(128 + 4 * 32, Files.size(npy));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      nullValues = "",
      value = {
        "-n;0;a count of 0 is not possible, it must be at least 1",
        "-n;many;--count: 'many' is not a whole number (see djinn sample --help)",
        "--label;nine;\"unknown label 'nine'; known are zero, one, two\"",
        "--label;3;\"unknown label '3'; known are zero, one, two\"",
        "--device;cuda;device 'cuda' is none of auto, cpu, gpu, gpu:N (see djinn sample --help)",
        "--workers;0;workers is 0, not between 1 and 1024 (see djinn sample --help)",
        "--latent;10;--latent describes a foreign model, which needs --image as well (see djinn"
            + " sample --help)",
        "--image;1x2x3;--image, --labels and --input describe a foreign model, which needs --latent as well"
            + " (see djinn sample --help)",
        "--first;-1;a first index of -1 is not possible for 64 samples",
        "--seed;x;--seed: 'x' is not a whole number (see djinn sample --help)",
        "--wrong;1;unknown option '--wrong' (see djinn sample --help)"
      })
  void sampleSaysWhichOptionIsWrong(String option, String value, String message)
      throws IOException {
    fails(2, message, "sample", model, option, value, "-o", work.resolve("grid.png"));
    assertEquals(List.of(), list());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "missing/grid.png;folder %1$s/missing does not exist",
        "a.txt/grid.png;%1$s/a.txt is a file, a folder is needed",
        "a.txt/b/grid.png;%1$s/a.txt is a file, a folder is needed",
        "grid.jpg;it ends in none of .png, .npy, .gif, .apng, and a folder's name in /",
        "there.png;it is a folder"
      })
  void sampleRefusesOutputsThatCannotBe(String output, String why) throws IOException {
    Files.createDirectory(work.resolve("there.png"));
    Files.writeString(work.resolve("a.txt"), "in the way");
    Path target = work.resolve(output);
    fails(2, "cannot write " + target + ": " + why.formatted(work), "sample", model, "-o", target);
  }

  @Test
  void sampleSaysWhenAFolderCannotBeWritten() {
    // Not even root may make files in there.
    fails(
        1,
        "cannot write /proc/grid.png: no such file or folder",
        "sample",
        model,
        "-o",
        "/proc/grid.png");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample", "inspect"})
  void refuseAModelThatIsNotThere(String command) {
    List<Object> args =
        command.equals("sample")
            ? List.of(command, "nowhere", "-o", work.resolve("grid.png"))
            : List.of(command, "nowhere");
    assertEquals(2, run(args.toArray()));
    assertTrue(err.toString().startsWith("djinn: unknown model 'nowhere'"), err.toString());
    assertEquals(1, err.toString().lines().count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "\b\b\u0012\u0005hello", "\u0000", ":\u00ff"})
  void refuseAFileThatIsNotOnnx(String content) throws IOException {
    Files.writeString(model, content);
    assertEquals(1, run("inspect", model));
    assertTrue(
        err.toString().startsWith("djinn: " + model + ": not an ONNX file: "), err.toString());
    assertEquals(1, err.toString().lines().count());
    assertEquals(1, run("sample", model, "-o", work.resolve("grid.png")));
    assertEquals(2, err.toString().lines().count());
    assertEquals(List.of(), list());
  }

  @Test
  void inspectSaysWhatTheFileIs() throws IOException {
    assertEquals(0, run("inspect", folder.resolve("models")));
    String text = out.toString();
    for (String line :
        List.of(
            "file        " + model,
            "onnx        IR version 8, opset 17",
            "producer    djinn-test",
            "input       latent float32 (batch, 10)",
            "input       label int64 (batch)",
            "output      image float32 (batch, 1, 4, 4)",
            "output      pixels uint8 (batch, 4, 4, 1)",
            // dense 10 x 128 and 128, table 3 x 128, convolution 8 x 9, the scalar 255
            "operators   11: Add 1, Cast 1, Conv 1, Gather 1, Gemm 1, Mul 1, Relu 1, Reshape 1,"
                + " Round 1, Sigmoid 1, Transpose 1",
            "parameters  1,865",
            "contract    version 1",
            "latent      10, normal",
            "labels      3: zero, one, two",
            "image       1 x 4 x 4",
            "parity      largestAbsoluteError 0.000001",
            "quality     not stated")) {
      assertTrue(text.lines().anyMatch(line::equals), "no '" + line + "' in\n" + text);
    }
    assertTrue(text.matches("(?s).*sha256 {6}[0-9a-f]{64}\\R.*"), text);
    // In the order of the file, and this one's has none.
    assertTrue(text.matches("(?s).*\\Rprovenance  (preset test|steps 3)\\R.*"), text);
    assertTrue(text.matches("(?s).* (preset test)\\R.*"), text);
    assertEquals("", err.toString());
  }

  @Test
  void inspectPutsFiguresOfRealPicturesBesideAndRoundsThem() {
    Map<String, Object> quality = new LinkedHashMap<>();
    quality.put("samples", 10000.0);
    quality.put("fcd", 0.3286307722399293);
    quality.put("fcd_sd", 0.002935941973412841);
    quality.put("real_fcd", 0.00942999066487952);
    quality.put("real_fcd_sd", 1.0e-8);
    assertEquals(
        List.of(
            "                 generated                real",
            "samples          10,000",
            "fcd              0.3286 ± 0.002936        0.00943 ± 1E-8"),
        Figures.table(quality));
  }

  @Test
  void inspectGivesTheSameAsJson() throws IOException {
    assertEquals(0, run("inspect", folder.resolve("models"), "--json"));
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, Double> numbers = new LinkedHashMap<>();
    try (JsonParser json = new JsonFactory().createParser(out.toString())) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          texts.put(String.valueOf(json.currentName()), json.getText());
        } else if (token.isNumeric()) {
          numbers.put(json.currentName(), json.getDoubleValue());
        }
      }
    }
    assertEquals(model.toString(), texts.get("file"));
    assertEquals("test", texts.get("preset"));
    assertEquals(64, texts.get("sha256").length());
    assertEquals(1865, numbers.get("parameters"));
    assertEquals(8, numbers.get("ir_version"));
    assertEquals(1e-6, numbers.get("largestAbsoluteError"));
    assertEquals(2, run("inspect", model, "--json", "--describe"));
  }

  @Test
  void inspectSaysWhatATransparentModelIs() {
    Path file = TestModels.write(folder.resolve("transparent"), TestModels.TRANSPARENT);
    assertEquals(0, run("inspect", file));
    for (String line :
        List.of(
            "output      image float32 (batch, 4, 6, 4)",
            "output      pixels uint8 (batch, 6, 4, 4)",
            "contract    version 2",
            "image       4 x 6 x 4, red, green, blue and straight alpha")) {
      assertTrue(out.toString().lines().anyMatch(line::equals), "no '" + line + "' in\n" + out);
    }
  }

  @Test
  void sampleWritesTransparentPictures() throws IOException {
    Path file = TestModels.write(folder.resolve("transparent"), TestModels.TRANSPARENT);
    byte[] pixels;
    try (Sampler sampler = Sampler.open(file)) {
      pixels = sampler.sample(SampleRequest.of(2).withSeed(3).withLabel(1)).pixels();
    }
    Path pictures = work.resolve("pictures");
    assertEquals(
        0, run("sample", file, "-n", "2", "--seed", "3", "--label", "one", "-o", pictures + "/"));
    for (int i = 0; i < 2; i++) {
      BufferedImage picture = ImageIO.read(pictures.resolve("00000" + i + ".png").toFile());
      assertEquals(4, picture.getWidth());
      assertEquals(6, picture.getHeight());
      int[] read = picture.getRaster().getPixels(0, 0, 4, 6, (int[]) null);
      for (int at = 0; at < read.length; at++) {
        assertEquals(pixels[i * read.length + at] & 255, read[at]);
      }
    }
  }

  @Test
  void inspectShowsAModelWithoutContractAndRefusesAMalformedOne() throws IOException {
    assertEquals(0, run("inspect", TestModels.writeForeign(folder.resolve("foreign.onnx"))));
    assertTrue(out.toString().contains("contract    none: not exported by Djinn"), out.toString());
    Path wrong = TestModels.writeMalformed(folder.resolve("wrong.onnx"));
    fails(1, wrong + ": metadata djinn.latent is malformed: not a JSON object", "inspect", wrong);
  }

  @Test
  void inspectSurvivesACutAnywhere() throws IOException {
    byte[] bytes = Files.readAllBytes(model);
    for (int length = 0; length < bytes.length; length += 1 + length / 20) {
      Files.write(model, Arrays.copyOf(bytes, length));
      int exit = run("inspect", model);
      assertTrue(exit == 0 || exit == 1, "exit " + exit + " at " + length);
      assertFalse(err.toString().contains("unexpected"), err.toString());
    }
  }

  @Test
  void versionNamesTheNativeLibraryToo() {
    assertEquals(0, run("--version"));
    assertTrue(
        out.toString()
            .matches("(?s)djinn .*\\Rjava  *1?\\d.*\\Ronnxruntime  *\\d+\\.\\d+\\.\\d+\\R"),
        out.toString());
  }

  @Test
  void helpShowsExamples() {
    assertEquals(0, run("sample", "--help"));
    assertTrue(out.toString().contains("  djinn sample dcgan-mnist -n 64 --seed 42 -o grid.png"));
    assertEquals(0, run("inspect", "-h"));
    assertTrue(out.toString().contains("  djinn inspect dcgan-mnist"));
    assertEquals(0, run("serve", "--help"));
    assertTrue(out.toString().contains("  djinn serve models"));
  }

  @Test
  void serveTakesANameForASingleModelAlone() throws IOException {
    assertEquals(2, run("serve", folder.toString(), "--name", "a/b"));
    assertTrue(err.toString().contains("'a/b' is no name for a model"), err.toString());
    for (String name : new String[] {"one", "two"}) {
      TestModels.write(
          folder.resolve("several").resolve(name).resolve("1"), TestModels.UNCONDITIONAL);
    }
    assertEquals(2, run("serve", folder.resolve("several").toString(), "--name", "a"));
    assertTrue(err.toString().contains("holds 2 models, of which one alone"), err.toString());
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
                ServerMain.class.getName(),
                "serve",
                "--help")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("help.txt").toFile())
            .start();
    assertEquals(0, help.waitFor());
    String classes = Files.readString(loaded);
    assertTrue(classes.contains(ServerMain.class.getName()), classes);
    assertFalse(classes.contains("ai.onnxruntime.OrtEnvironment "), "ONNX Runtime was loaded");
  }

  @Test
  void stackTracesAreOnlyForTheVerbose() {
    assertEquals(2, run("inspect", "nowhere", "--verbose"));
    assertTrue(err.toString().contains("at dev.djinn.sampler.ModelFiles.resolve"), err.toString());
    fails(2, "give a command (see djinn --help)");
  }

  private int run(Object... args) {
    return ServerMain.run(
        Stream.of(args).map(Object::toString).toArray(String[]::new),
        new PrintWriter(out, true),
        new PrintWriter(err, true));
  }

  private void fails(int exitCode, String message, Object... args) {
    err.getBuffer().setLength(0);
    assertEquals(exitCode, run(args));
    assertEquals("djinn: " + message + System.lineSeparator(), err.toString());
  }

  private Samples draw(SampleRequest request) {
    try (Sampler sampler = Sampler.open(model)) {
      return sampler.sample(request);
    }
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files.toList();
    }
  }

  @Test
  void serveEndsProperlyWhileItsModelsAreLoaded() throws Exception {
    Path socket = folder.resolve("s");
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName(),
                "serve",
                folder.resolve("models").toString(),
                "--unix-socket",
                socket.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said.txt").toFile())
            .start();
    try {
      while (server.isAlive() && !Files.exists(socket)) {
        Thread.sleep(1);
      }
      server.destroy(); // SIGTERM
      assertTrue(server.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, server.exitValue(), Files.readString(folder.resolve("said.txt")));
      assertFalse(Files.exists(socket));
    } finally {
      server.destroyForcibly();
    }
  }
}
