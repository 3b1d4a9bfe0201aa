package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.ForeignModel.Wiring;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.io.InputStream;
import java.net.URI;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Generators as people have them: every one of a kind draws the same pictures. */
class AnyGeneratorTest {
  private static final Image IMAGE = new Image(3, 4, 4);
  private static final ForeignModel FOREIGN =
      ForeignModel.of(Latent.normal(8), List.of(), IMAGE, -1, 1);
  private static final SampleRequest SEVEN = SampleRequest.of(7).withSeed(5);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "FLOAT, 8, 0",
    "FLOAT, 8x1x1, 0",
    "FLOAT, 8x1, 0",
    "FLOAT, 1x8, 0",
    "FLOAT, 2x2x2, 0",
    "DOUBLE, 8, 0",
    "FLOAT16, 8, 0",
    "BFLOAT16, 8, 0",
    "FLOAT, 8, 1",
    "FLOAT, 8, 4",
    "DOUBLE, 8x1x1, 3",
  })
  void takesLatentsOfEveryTypeRankAndBatch(DataType type, String row, int batch) {
    ForeignGraph graph = new ForeignGraph().latent(type, batch, row);
    float[] expected = draw(new ForeignGraph().write(folder.resolve("usual.onnx")), FOREIGN);
    float error = type == DataType.FLOAT16 ? 4e-3f : type == DataType.BFLOAT16 ? 3e-2f : 1e-6f;
    assertArrayEquals(expected, draw(graph.write(folder.resolve("z.onnx")), FOREIGN), error);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT, false",
    "FLOAT, true",
    "DOUBLE, true",
    "FLOAT16, false",
    "UINT8, false",
    "UINT8, true",
  })
  void givesImagesOfEveryTypeAndOrder(DataType type, boolean channelsLast) {
    float[] expected = draw(new ForeignGraph().write(folder.resolve("usual.onnx")), FOREIGN);
    Path file = new ForeignGraph().image(type, channelsLast).write(folder.resolve("x.onnx"));
    float error = type == DataType.FLOAT16 ? 1e-3f : type == DataType.UINT8 ? 0.002f : 1e-6f;
    assertArrayEquals(expected, draw(file, FOREIGN), error);
    try (Sampler sampler = open(file, FOREIGN)) {
      Samples samples = sampler.sample(SEVEN);
      for (int at = 0; at < 16; at++) {
        for (int channel = 0; channel < 3; channel++) {
          assertEquals(
              Math.rint(samples.image()[channel * 16 + at] * 255f),
              samples.pixels()[at * 3 + channel] & 255);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "INT64, '', 0",
    "INT64, 1, 0",
    "INT32, '', 0",
    "INT32, 1, 0",
    "FLOAT, 3, 0",
    "DOUBLE, 3, 2",
    "INT64, '', 2"
  })
  void takesLabelsAsNumbersOrOneHot(DataType type, String row, int batch) {
    ForeignModel three = ForeignModel.of(Latent.normal(8), List.of("a", "b", "c"), IMAGE, -1, 1);
    Path usual = new ForeignGraph().label(DataType.INT64, 0, "").write(folder.resolve("l.onnx"));
    Path file =
        new ForeignGraph()
            .latent(DataType.FLOAT, batch, "8")
            .label(type, batch, row)
            .write(folder.resolve("m.onnx"));
    float[] expected = draw(usual, three);
    assertArrayEquals(expected, draw(file, three), 1e-6f);
    // The reference: ONNX Runtime itself on the usual one.
    float[] reference = run(usual);
    for (int i = 0; i < expected.length; i++) {
      assertEquals((reference[i] + 1) / 2, expected[i], 1e-6f);
    }
  }

  @Test
  void feedsFurtherInputsWithTheValuesGiven() throws Exception {
    Path file = met("stylegan.onnx");
    SamplerException missing = assertThrows(SamplerException.class, () -> open(file, FOREIGN));
    assertTrue(
        missing.getMessage().contains("input psi FLOAT [] has no value"), missing.getMessage());
    float[] all = draw(file, given(Map.of("psi", List.of(1.0), "noise0", List.of(0.0))));
    float[] less = draw(file, given(Map.of("psi", List.of(0.0), "noise0", List.of(0.0))));
    List<Double> noise = IntStream.range(0, 16).mapToObj(i -> i / 4.0).toList();
    float[] noisy = draw(file, given(Map.of("psi", List.of(1.0), "noise0", noise)));
    assertTrue(differ(all, less) && differ(all, noisy));
    SamplerException wrong =
        assertThrows(
            SamplerException.class,
            () -> draw(file, given(Map.of("psi", List.of(1.0), "noise0", List.of(1.0, 2.0)))));
    assertTrue(
        wrong.getMessage().endsWith("takes 1 or 16 numbers, but 2 are given"), wrong.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"z_norank.onnx", "names.onnx"})
  void findsOutWhatAFileDoesNotSay(String name) throws Exception {
    try (Sampler sampler = open(met(name), FOREIGN)) {
      assertEquals(7 * 48, sampler.sample(SEVEN).image().length);
    }
  }

  @Test
  void runsRowByRowWhereAGraphHasItsBatchBuiltIn() {
    Path file = new ForeignGraph().bakedBatch().write(folder.resolve("baked.onnx"));
    float[] expected = draw(new ForeignGraph().write(folder.resolve("usual.onnx")), FOREIGN);
    assertArrayEquals(expected, draw(file, FOREIGN), 1e-6f);
    try (Sampler sampler = open(file, FOREIGN)) {
      assertEquals(1, sampler.batchRows());
    }
  }

  @Test
  void saysWhatAnImageReallyIs() {
    Path file = new ForeignGraph().write(folder.resolve("x.onnx"));
    ForeignModel grey = ForeignModel.of(Latent.normal(8), List.of(), new Image(1, 8, 8), -1, 1);
    SamplerException e = assertThrows(SamplerException.class, () -> open(file, grey));
    assertEquals(
        file
            + ": no output is an image of 1 x 8 x 8, as numbers or uint8, channels first or last;"
            + " one row gives out FLOAT [1, 3, 4, 4]: say what the model makes, or export one that"
            + " makes it",
        e.getMessage());
  }

  @Test
  void opensAModelFromBytesStreamsAndOtherFileSystems() throws Exception {
    Path file = met("names.onnx");
    float[] expected = draw(file, FOREIGN);
    SamplerOptions options = SamplerOptions.DEFAULT.withForeign(FOREIGN);
    try (Sampler sampler = Sampler.open(Files.readAllBytes(file), options)) {
      assertArrayEquals(expected, sampler.sample(SEVEN).image());
    }
    try (InputStream in = AnyGeneratorTest.class.getResourceAsStream("met/names.onnx");
        Sampler sampler = Sampler.open(in, options)) {
      assertArrayEquals(expected, sampler.sample(SEVEN).image());
    }
    URI zip = URI.create("jar:" + folder.resolve("models.zip").toUri());
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      for (String name : List.of("names.onnx", "ext2.onnx", "ext2.onnx_data")) {
        Files.copy(met(name), files.getPath("/" + name));
      }
      assertArrayEquals(expected, draw(files.getPath("/names.onnx"), FOREIGN));
      assertArrayEquals(
          draw(met("ext2.onnx"), FOREIGN), draw(files.getPath("/ext2.onnx"), FOREIGN));
    }
    byte[] outside = Files.readAllBytes(met("ext2.onnx"));
    SamplerException e = assertThrows(SamplerException.class, () -> Sampler.open(outside, options));
    assertTrue(e.getMessage().contains("has weights in ext2.onnx_data"), e.getMessage());
  }

  @Test
  void aFilesOwnContractWinsOverWhatIsSaidOfForeignOnes() {
    Path file = TestModels.write(folder, TestModels.UNCONDITIONAL);
    Samples own;
    try (Sampler sampler = Sampler.open(file)) {
      own = sampler.sample(SEVEN);
    }
    ForeignModel other = ForeignModel.of(Latent.normal(10), List.of(), new Image(1, 4, 4), -1, 1);
    try (Sampler sampler = open(file, other)) {
      assertEquals(own, sampler.sample(SEVEN));
      assertTrue(sampler.foreign().isEmpty());
    }
  }

  private static ForeignModel given(Map<String, List<Double>> values) {
    Optional<String> found = Optional.empty();
    return new ForeignModel(FOREIGN.contract(), -1, 1, new Wiring(found, found, found, values));
  }

  static Path met(String name) throws Exception {
    return Path.of(AnyGeneratorTest.class.getResource("met/" + name).toURI());
  }

  private static Sampler open(Path file, ForeignModel foreign) {
    return Sampler.open(file, SamplerOptions.DEFAULT.withForeign(foreign));
  }

  private static float[] draw(Path file, ForeignModel foreign) {
    try (Sampler sampler = open(file, foreign)) {
      SampleRequest request =
          foreign.contract().conditional() ? SEVEN.withLabels(0, 1, 2, 2, 1, 0, 0) : SEVEN;
      return sampler.sample(request).image();
    }
  }

  private static boolean differ(float[] one, float[] other) {
    for (int i = 0; i < one.length; i++) {
      if (Math.abs(one[i] - other[i]) > 1e-4f) {
        return true;
      }
    }
    return false;
  }

  private static float[] run(Path file) {
    float[] latents = new float[7 * 8];
    Latents.fill(5, 0, 7, latents, Latent.normal(8));
    OrtEnvironment environment = OnnxRuntime.environment();
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor z =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(latents), new long[] {7, 8});
        OnnxTensor y =
            OnnxTensor.createTensor(
                environment, LongBuffer.wrap(new long[] {0, 1, 2, 2, 1, 0, 0}), new long[] {7});
        OrtSession.Result result = session.run(Map.of("z", z, "y", y))) {
      float[] out = new float[7 * 48];
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(out);
      return out;
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }
}
