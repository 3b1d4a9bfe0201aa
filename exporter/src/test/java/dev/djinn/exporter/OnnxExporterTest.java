package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.OnnxChecker;
import dev.djinn.graph.OnnxModel;
import dev.djinn.graph.OnnxReader;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxExporterTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path run;
  private static ExportResult exported;

  @BeforeAll
  static void trainAndExport() {
    run = SmallRun.train("quick", shared.resolve("run"));
    exported =
        OnnxExporter.export(
            TrainedRun.last(run), ExportOptions.defaults(), shared.resolve("model"));
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void writesAFileThatIsTheNetworkForEachTarget(Target target) throws IOException {
    ExportResult result =
        OnnxExporter.export(TrainedRun.last(run), ExportOptions.of(target), folder);
    assertTrue(result.parity().largestError() <= 1e-5, result.parity().toString());
    assertEquals(folder.resolve("model.onnx"), result.file());
    assertEquals(List.of(result.file(), folder.resolve("proof.txt")), list(folder));
    OnnxChecker.check(result.file());
  }

  @Test
  void samplerDrawsFromTheFile() {
    try (Sampler sampler = Sampler.open(exported.file())) {
      GeneratorContract contract = sampler.contract();
      assertEquals(GeneratorContract.Latent.normal(100), contract.latent());
      assertEquals(List.of(), contract.labels());
      assertEquals(new GeneratorContract.Image(1, 28, 28), contract.image());
      assertEquals("quick", contract.provenance().get("preset"));
      assertEquals(2L, contract.provenance().get("steps"));
      assertEquals(265L, contract.parity().get("rows"));
      assertEquals(5, sampler.sample(SampleRequest.of(5).withSeed(42)).count());
    }
  }

  @Test
  void sameCheckpointGivesSameBytes() throws IOException {
    ExportResult again =
        OnnxExporter.export(TrainedRun.last(run), ExportOptions.defaults(), folder);
    assertArrayEquals(Files.readAllBytes(exported.file()), Files.readAllBytes(again.file()));
  }

  @ParameterizedTest
  @EnumSource(PixelRange.class)
  void clipsWhatAGeneratorWithoutALastActivationMakes(PixelRange range) throws IOException {
    ExportResult result = OnnxExporter.export(linear(2, range), ExportOptions.defaults(), folder);
    float[] latents = {-2, -0.25f, 0, 0.2f, 2};
    try (OnnxRun run = OnnxRun.open(Files.readAllBytes(result.file()))) {
      Map<String, Tensor> made = run.run(Map.of("latent", Tensor.floats(latents, 5, 1)));
      float[] expected =
          range == PixelRange.ZERO_TO_ONE
              ? new float[] {0, 0, 0, 0.4f, 1}
              : new float[] {0, 0.25f, 0.5f, 0.7f, 1};
      assertArrayEquals(expected, made.get("image").floats(), 1e-6f);
    }
  }

  @Test
  void verifiesTheFileAgainstItsCheckpointOnly() {
    Parity parity =
        OnnxExporter.verify(exported.file(), TrainedRun.at(run, 2), OptionalDouble.of(1e-4));
    assertEquals(exported.parity(), parity);
    ExportException e =
        assertThrows(
            ExportException.class,
            () ->
                OnnxExporter.verify(
                    exported.file(), TrainedRun.at(run, 1), OptionalDouble.of(1e-4)));
    assertTrue(
        e.getMessage().endsWith("it is not of this run: its steps is 2, not 1"), e.getMessage());
  }

  @Test
  void saysAtWhichLayerATamperedFileDiffers() throws IOException {
    Path file = folder.resolve("tampered.onnx");
    OnnxModel model = OnnxReader.read(Files.readAllBytes(exported.file()));
    Graph graph = model.graph();
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
    String name =
        constants.keySet().stream().filter(key -> key.startsWith("04.weight")).findFirst().get();
    float[] weights = constants.get(name).floats();
    weights[7] += 1;
    constants.put(name, Tensor.floats(weights, constants.get(name).tensorType().toArray()));
    Graph tampered =
        new Graph(graph.name(), graph.inputs(), constants, graph.nodes(), graph.outputs());
    Files.write(file, OnnxWriter.write(tampered, model.metadata()));
    ExportException e =
        assertThrows(
            ExportException.class,
            () -> OnnxExporter.verify(file, TrainedRun.last(run), OptionalDouble.of(1e-4)));
    assertTrue(e.getMessage().contains("first at layer 05 (BatchNorm"), e.getMessage());
  }

  @Test
  void saysWhichPartOfTheContractDiffers() throws IOException {
    Path file =
        withMetadata(
            "djinn.latent",
            "\"distribution\":\"normal\"",
            "\"distribution\":\"uniform\",\"low\":0,\"high\":1");
    ExportException e =
        assertThrows(
            ExportException.class,
            () -> OnnxExporter.verify(file, TrainedRun.last(run), OptionalDouble.of(1e-4)));
    assertTrue(e.getMessage().contains("its latent is"), e.getMessage());
  }

  @Test
  void saysWhatOfTheProvenanceDiffers() throws IOException {
    Path seed = withMetadata("djinn.provenance", "\"seed\":", "\"seed\":7");
    ExportException e =
        assertThrows(ExportException.class, () -> OnnxExporter.verify(seed, TrainedRun.last(run)));
    assertTrue(e.getMessage().contains("not of this run: its seed is 7"), e.getMessage());
    Path data = withMetadata("djinn.provenance", "mnist-10k", "photos");
    e = assertThrows(ExportException.class, () -> OnnxExporter.verify(data, TrainedRun.last(run)));
    assertTrue(e.getMessage().contains("its data is {name=photos, sha256="), e.getMessage());
    Path less = withMetadata("djinn.provenance", "\"averaged\"", "\"other\"");
    e = assertThrows(ExportException.class, () -> OnnxExporter.verify(less, TrainedRun.last(run)));
    assertTrue(e.getMessage().contains("its averaged is not stated, not true"), e.getMessage());
  }

  @Test
  void aRunThatWasResumedUnderOtherVersionsIsStillTheFiles() throws IOException {
    Path file = withMetadata("djinn.provenance", "\"libtorch\":\"", "\"libtorch\":\"1.");
    assertTrue(OnnxExporter.verify(file, TrainedRun.last(run)).holds());
  }

  @Test
  void theGraphSaysHowCloseAFileMustBeNotItsMetadata() throws IOException {
    Path file = withMetadata("djinn.parity", "\"fp32\"", "\"int8\"");
    ExportException e =
        assertThrows(ExportException.class, () -> OnnxExporter.verify(file, TrainedRun.last(run)));
    assertTrue(
        e.getMessage().endsWith("it says of itself that it is in int8, but its graph is in fp32"),
        e.getMessage());
  }

  @Test
  void aLargerErrorThatIsAllowedMayBeEverywhere() throws IOException {
    Path file = OnnxExporter.export(linear(2), ExportOptions.defaults(), folder).file();
    Parity parity = OnnxExporter.verify(file, linear(2.2f), OptionalDouble.of(0.5));
    assertTrue(parity.meanError() > 1e-3, parity.toString());
    assertThrows(
        ExportException.class,
        () -> OnnxExporter.verify(file, linear(2.2f), OptionalDouble.of(0.01)));
  }

  @Test
  void everyLabelIsTried() throws IOException {
    int classes = 300;
    Network network =
        new Network(
            "labelled",
            new Shape(2),
            classes,
            List.of(
                new Layer.LabelMultiply(WeightInit.GLOROT_UNIFORM),
                new Layer.Activation(Layer.Activation.Function.SIGMOID, 0),
                new Layer.Reshape(List.of(1, 1, 2))));
    float[] table = new float[2 * classes];
    Arrays.fill(table, 1);
    Generator generator = labelled(network, table);
    ExportResult result = OnnxExporter.export(generator, ExportOptions.defaults(), folder);
    assertEquals(classes, result.parity().rows());
    assertTrue(
        Files.readString(folder.resolve("proof.txt"))
            .contains("292 latents of the prior, 8 at its edges"));
    for (int label : new int[] {0, 150, 299}) {
      float[] other = table.clone();
      other[2 * label] = 3;
      ExportException e =
          assertThrows(
              ExportException.class,
              () -> OnnxExporter.verify(result.file(), labelled(network, other)));
      assertTrue(e.getMessage().contains("not the trained network"), e.getMessage());
    }
  }

  @Test
  void everyLayerOfAPlainFileIsComparedWithTheNetworks() throws IOException {
    WeightInit init = WeightInit.GLOROT_UNIFORM;
    Network network =
        new Network(
            "layers",
            new Shape(6),
            3,
            List.of(
                new Layer.LabelOneHot(1),
                new Layer.Dense(2 * 4 * 4, WeightSpec.of(init)),
                new Layer.BatchNorm(0.9, 1e-3),
                new Layer.Reshape(List.of(2, 4, 4)),
                new Layer.LabelChannel(init),
                new Layer.Residual(
                    List.of(new Layer.Conv(3, 3, 1, Layer.SAME, 1, 1, WeightSpec.of(init))),
                    List.of()),
                new Layer.Deconv(1, 4, 2, Layer.SAME, 0, 1, WeightSpec.of(init)),
                new Layer.Activation(Layer.Activation.Function.SIGMOID, 0)));
    Generator generator =
        new Generator(
            network,
            RandomWeights.of(network, new Random(3)),
            PixelRange.ZERO_TO_ONE,
            GeneratorContract.Latent.normal(6),
            List.of("a", "b", "c"),
            Map.of());
    Path file = OnnxExporter.export(generator, ExportOptions.of(Target.PLAIN), folder).file();
    LayerComparison layers =
        LayerComparison.of(Files.readAllBytes(file), generator, new Probes(generator));
    assertEquals(
        network.steps().stream().map(step -> step.at().path()).toList(),
        layers.layers().stream().map(LayerComparison.LayerError::path).toList());
    layers.layers().forEach(layer -> assertTrue(layer.error() < 1e-5, layer.toString()));
    String proof = Files.readString(folder.resolve("proof.txt"));
    for (String line :
        List.of(
            "  Dense[units=32, bias=true, init=glorot-uniform, spectralNorm=false]",
            "  Residual[body=[Conv[channels=3, kernel=3, stride=1, padding=-1, dilation=1, groups=1,"
                + " bias=true, init=glorot-uniform, spectralNorm=false]], shortcut=[]]")) {
      assertTrue(proof.contains(line + "\n"), proof);
    }
  }

  @Test
  void refusesOutputsOfOtherTypes() throws IOException {
    GraphBuilder graph = new GraphBuilder("floats");
    String latent = graph.input("latent", TensorType.floats(TensorType.BATCH, 1));
    String shape = graph.constant("shape", Tensor.vector(0, 1, 1, 1));
    graph.output(graph.add(Operator.RESHAPE, "image", latent, shape));
    graph.output(graph.add(Operator.RESHAPE, "pixels", latent, shape));
    Path file = folder.resolve("floats.onnx");
    Files.write(file, OnnxWriter.write(graph.build(), linear(1).contract(Map.of()).toMetadata()));
    ExportException e =
        assertThrows(ExportException.class, () -> OnnxExporter.verify(file, linear(1)));
    assertTrue(
        e.getMessage().endsWith("expected image float (1, 1, 1, 1) and pixels uint8 (1, 1, 1, 1)"),
        e.getMessage());
  }

  @Test
  void whatStoodBesideAnOlderFileGoesWithIt() throws IOException {
    Path file = Files.writeString(folder.resolve("model.onnx"), "old");
    Path sum = Files.writeString(folder.resolve("model.onnx.sha256"), "of the old");
    Path proof = Files.writeString(folder.resolve("proof.txt"), "of the old");
    OnnxExporter.export(linear(2), ExportOptions.defaults(), folder);
    assertFalse(Files.exists(sum));
    assertTrue(Files.readString(proof).startsWith("largest error"), Files.readString(proof));

    Files.delete(file);
    Files.createDirectories(file.resolve("in the way"));
    assertThrows(
        ExportException.class,
        () -> OnnxExporter.export(linear(2), ExportOptions.defaults(), folder));
    assertFalse(Files.exists(proof), "a proof without its file");
  }

  @Test
  void leavesNothingWhenTheFileIsNotTheNetwork() throws IOException {
    ExportOptions strict =
        new ExportOptions(
            Target.SERVER, Set.of(), Set.of(), Precision.FP32, OptionalDouble.of(1e-12));
    Path target = folder.resolve("new");
    ExportException e =
        assertThrows(
            ExportException.class, () -> OnnxExporter.export(TrainedRun.last(run), strict, target));
    assertTrue(e.getMessage().contains("tolerance 1.0e-12"), e.getMessage());
    assertFalse(Files.exists(target));
  }

  @Test
  void refusesAFileWhereAFolderIsNeeded() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    ExportException e =
        assertThrows(
            ExportException.class,
            () -> OnnxExporter.export(TrainedRun.last(run), ExportOptions.defaults(), file));
    assertTrue(e.getMessage().contains(": a file is where a folder should be"), e.getMessage());
    assertEquals("text", Files.readString(file));
  }

  @Test
  void refusesBytesThatAreNoModel() throws IOException {
    Path file = Files.writeString(folder.resolve("bad.onnx"), "text");
    assertThrows(
        ExportException.class,
        () -> OnnxExporter.verify(file, TrainedRun.last(run), OptionalDouble.of(1e-4)));
  }

  /** Copies the exported file with another text in one of its metadata. */
  private Path withMetadata(String key, String text, String other) throws IOException {
    OnnxModel model = OnnxReader.read(Files.readAllBytes(exported.file()));
    Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
    assertTrue(metadata.get(key).contains(text), metadata.get(key));
    metadata.put(key, metadata.get(key).replace(text, other));
    Path file = folder.resolve("tampered.onnx");
    Files.write(file, OnnxWriter.write(model.graph(), metadata));
    return file;
  }

  /** One weight a pixel, of one latent number: y = weight × z. */
  private static Generator linear(float weight) {
    return linear(weight, PixelRange.ZERO_TO_ONE);
  }

  private static Generator linear(float weight, PixelRange range) {
    Network network =
        new Network(
            "linear",
            new Shape(1),
            0,
            List.of(
                new Layer.Dense(
                    1, WeightSpec.of(new WeightInit(WeightInit.Kind.CONSTANT, 2)).withoutBias()),
                new Layer.Reshape(List.of(1, 1, 1))));
    Weights weights =
        Weights.of(network, Map.of("00.weight", Tensor.floats(new float[] {weight}, 1, 1)));
    return new Generator(
        network, weights, range, GeneratorContract.Latent.normal(1), List.of(), Map.of());
  }

  private static Generator labelled(Network network, float... table) {
    return new Generator(
        network,
        Weights.of(network, Map.of("00.embedding", Tensor.floats(table, network.classes(), 2))),
        PixelRange.ZERO_TO_ONE,
        GeneratorContract.Latent.normal(2),
        IntStream.range(0, network.classes()).mapToObj(Integer::toString).toList(),
        Map.of());
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
