package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.Node;
import dev.djinn.graph.OnnxChecker;
import dev.djinn.graph.OnnxReader;
import dev.djinn.graph.Operator;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.sampler.ContractReader;
import dev.djinn.sampler.GeneratorContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PrecisionTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path run;

  @BeforeAll
  static void train() {
    run = SmallRun.train("quick", shared.resolve("run"));
  }

  @ParameterizedTest
  @CsvSource({"SERVER, 0.51", "WEB, 0.51", "PLAIN, 0.51"})
  void fp16HalvesTheFile(Target target, double share) throws IOException {
    ExportResult full = export(target, Precision.FP32);
    long bytes = full.bytes();
    ExportResult half = export(target, Precision.FP16);
    assertTrue(half.bytes() < share * bytes, half.bytes() + " of " + bytes);
    assertTrue(half.parity().largestError() < 2e-3, half.parity().toString());
    OnnxChecker.check(half.file());
  }

  @Test
  void onnxRuntimeCastsHalvesWhenItLoadsThem() throws IOException, OrtException {
    Path loaded = folder.resolve("loaded.onnx");
    ExportResult half = export(Target.SERVER, Precision.FP16);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizedModelFilePath(loaded.toString());
      OrtEnvironment.getEnvironment().createSession(half.file().toString(), options).close();
    }
    OnnxMl.GraphProto graph = OnnxMl.ModelProto.parseFrom(Files.readAllBytes(loaded)).getGraph();
    assertFalse(
        graph.getInitializerList().stream()
            .anyMatch(tensor -> tensor.getDataType() == ElementType.FLOAT16.code()));
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void int8IsAQuarterAndNearby(Target target) throws IOException {
    long bytes = export(target, Precision.FP32).bytes();
    ExportResult small = export(target, Precision.INT8);
    if (target == Target.SERVER) {
      assertTrue(small.bytes() < 0.31 * bytes, small.bytes() + " of " + bytes);
    }
    assertTrue(small.parity().largestError() < 0.1, small.parity().toString());
    assertTrue(small.parity().largestError() > 1e-4, "nothing was put in eight bits");
    OnnxChecker.check(small.file());
  }

  @Test
  void aRowInEightBitsDoesNotDependOnItsBatch() {
    Parity parity = export(Target.SERVER, Precision.INT8).parity();
    assertEquals(Verifier.BATCHES.size(), parity.errorByBatch().size());
    assertEquals(1, Set.copyOf(parity.errorByBatch().values()).size(), parity.toString());
  }

  @Test
  void theLossOfQualityIsToldAndSmallerWithMoreBits() {
    assertTrue(export(Target.SERVER, Precision.FP32).precisionLoss().isEmpty());
    double half = export(Target.SERVER, Precision.FP16).precisionLoss().getAsDouble();
    double eighth = export(Target.SERVER, Precision.INT8).precisionLoss().getAsDouble();
    // Halved weights move no pixel by a level, eight bits move many.
    assertTrue(half >= 0 && half < 0.1 * eighth && eighth < 1, half + ", " + eighth);
  }

  @Test
  void conditionalGeneratorsToo() throws IOException {
    Path conditional = SmallRun.train("cgan", shared.resolve("cgan"));
    for (Precision precision : Precision.values()) {
      ExportResult result =
          OnnxExporter.export(
              TrainedRun.last(conditional), ExportOptions.of(Target.SERVER, precision), folder);
      assertTrue(result.parity().holds(), result.parity().toString());
      OnnxChecker.check(result.file());
    }
  }

  @Test
  void theFileTellsItsPrecisionAndVerifyKnowsIt() throws IOException {
    Generator generator = TrainedRun.last(run);
    ExportResult small = export(Target.SERVER, Precision.INT8);
    assertEquals(
        "int8",
        ContractReader.read(OnnxReader.read(Files.readAllBytes(small.file())).metadata())
            .parity()
            .get("precision"));
    assertEquals(
        small.precisionLoss().getAsDouble(),
        ContractReader.read(OnnxReader.read(Files.readAllBytes(small.file())).metadata())
            .parity()
            .get("fcd_to_fp32"));
    assertEquals(small.parity(), OnnxExporter.verify(small.file(), generator));
    ExportException e =
        assertThrows(
            ExportException.class,
            () -> OnnxExporter.verify(small.file(), generator, OptionalDouble.of(1e-4)));
    assertTrue(e.getMessage().contains("in int8 the model is further from"), e.getMessage());
  }

  @Test
  void refusesAnErrorBeyondTheBoundAndLeavesNothing() {
    ExportOptions strict =
        new ExportOptions(
            Target.SERVER, Set.of(), Set.of(), Precision.INT8, OptionalDouble.of(1e-4));
    Path target = folder.resolve("new");
    ExportException e =
        assertThrows(
            ExportException.class, () -> OnnxExporter.export(TrainedRun.last(run), strict, target));
    assertTrue(e.getMessage().contains("allow more with --max-error"), e.getMessage());
    assertFalse(Files.exists(target));
  }

  @Test
  void aLatentBesideAOneHotLabelKeepsItsDigits() {
    WeightInit init = WeightInit.GLOROT_UNIFORM;
    Network network =
        new Network(
            "joined",
            new Shape(40),
            3,
            List.of(
                new Layer.LabelOneHot(1),
                new Layer.Dense(36, WeightSpec.of(init)),
                new Layer.Activation(Layer.Activation.Function.SIGMOID, 0),
                new Layer.Reshape(List.of(1, 6, 6))));
    Graph graph =
        OnnxExporter.export(
                generator(network, 40, List.of("a", "b", "c")),
                ExportOptions.of(Target.SERVER, Precision.INT8),
                folder)
            .graph();
    Node join =
        graph.nodes().stream()
            .filter(node -> node.operator() == Operator.CONCAT)
            .findFirst()
            .orElseThrow();
    assertEquals("latent", join.input(0), graph.toString());
    // The join is split into two halves of eight bits, and nothing before it is in steps.
    assertEquals(
        List.of("high", "low"),
        graph.nodes().stream()
            .filter(node -> node.operator() == Operator.QUANTIZE_LINEAR)
            .map(node -> node.input(0).replaceAll(".*[.]", ""))
            .toList(),
        graph.toString());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aFileTooSmallForFewerBitsSaysThatItIsAsTrained(Precision precision) throws IOException {
    Network network =
        new Network(
            "small",
            new Shape(3),
            0,
            List.of(
                new Layer.Dense(4, WeightSpec.of(WeightInit.GLOROT_UNIFORM)),
                new Layer.Activation(Layer.Activation.Function.SIGMOID, 0),
                new Layer.Reshape(List.of(1, 2, 2))));
    Generator generator = generator(network, 3, List.of());
    ExportResult result =
        new RepositoryExport(folder)
            .add("small", generator, ExportOptions.of(Target.SERVER, precision));
    assertEquals(Precision.FP32, result.precision());
    assertEquals(1e-4, result.parity().tolerance());
    String proof = Files.readString(folder.resolve("small/1/proof.txt"));
    assertTrue(proof.contains("target server, precision fp32, "), proof);
    String card = Files.readString(folder.resolve("small/README.md"));
    assertTrue(card.contains("| precision | fp32 |"), card);
    assertEquals(
        "fp32",
        ContractReader.read(OnnxReader.read(Files.readAllBytes(result.file())).metadata())
            .parity()
            .get("precision"));
    assertEquals(1e-4, OnnxExporter.verify(result.file(), generator).tolerance());
  }

  private static Generator generator(Network network, int latent, List<String> labels) {
    return new Generator(
        network,
        RandomWeights.of(network, new Random(5)),
        PixelRange.ZERO_TO_ONE,
        GeneratorContract.Latent.normal(latent),
        labels,
        Map.of());
  }

  /** Thin layers, joins, residuals, pools and upsampling, at 8 bits beside the float graph. */
  @Test
  void everyLayerAroundEightBits() {
    WeightInit init = WeightInit.GLOROT_UNIFORM;
    List<Layer> layers =
        List.of(
            new Layer.LabelOneHot(1),
            new Layer.Dense(8 * 4 * 4, WeightSpec.of(init)),
            new Layer.Activation(Layer.Activation.Function.RELU, 0),
            new Layer.Reshape(List.of(8, 4, 4)),
            new Layer.LabelChannel(init),
            new Layer.Upsample(2),
            new Layer.Conv(16, 3, 1, Layer.SAME, 1, 1, WeightSpec.of(init)),
            new Layer.Activation(Layer.Activation.Function.LEAKY_RELU, 0.2),
            new Layer.Residual(
                List.of(
                    new Layer.Conv(16, 3, 1, Layer.SAME, 1, 1, WeightSpec.of(init).withoutBias()),
                    new Layer.BatchNorm(0.9, 1e-3),
                    new Layer.Activation(Layer.Activation.Function.TANH, 0)),
                List.of()),
            new Layer.Deconv(12, 4, 2, Layer.SAME, 0, 1, WeightSpec.of(init)),
            new Layer.Activation(Layer.Activation.Function.RELU, 0),
            new Layer.Pool(Layer.Pool.Kind.MAX, 2, 2),
            new Layer.Conv(3, 3, 1, Layer.SAME, 1, 1, WeightSpec.of(init)),
            new Layer.Activation(Layer.Activation.Function.SIGMOID, 0));
    Network network = new Network("all", new Shape(40), 3, layers);
    Generator generator = generator(network, 40, List.of("a", "b", "c"));
    for (Target target : Target.values()) {
      ExportResult result =
          OnnxExporter.export(generator, ExportOptions.of(target, Precision.INT8), folder);
      assertTrue(result.parity().meanError() < 0.01, result.parity().toString());
      Set<Operator> operators =
          result.graph().nodes().stream().map(Node::operator).collect(Collectors.toSet());
      assertTrue(operators.contains(Operator.QUANTIZE_LINEAR), result.graph().toString());
    }
  }

  private ExportResult export(Target target, Precision precision) {
    return OnnxExporter.export(TrainedRun.last(run), ExportOptions.of(target, precision), folder);
  }
}
