package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.OrtRun;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rewrite on random weights: the graph changes as it should, the function does not. */
class OptimizationTest {
  private static final double EXACT = 0;
  private static final double ROUNDING = 1e-5;

  private final Random random = new Random(42);
  private final GraphBuilder graph = new GraphBuilder("test");

  @Test
  void dropoutAndIdentityVanish() throws OrtException {
    String x = vector(5);
    String y = graph.add(Operator.IDENTITY, "i", graph.add(Operator.DROPOUT, "d", x));
    Graph after = same(graph.add(Operator.RELU, "y", y), Optimization.DROPOUT_REMOVAL, EXACT);
    assertEquals(List.of(Operator.RELU), operators(after));
  }

  @Test
  void dropoutThatIsTheOutputBecomesIdentity() throws OrtException {
    Graph after =
        same(graph.add(Operator.DROPOUT, "y", vector(5)), Optimization.DROPOUT_REMOVAL, EXACT);
    assertEquals(List.of(Operator.IDENTITY), operators(after));
  }

  @Test
  void constantsAreComputed() throws OrtException {
    String a = constant("a", 3, 1, 2);
    String b = constant("b", 4, 1);
    String sum = graph.add(Operator.ADD, "sum", a, b);
    String turned =
        graph.add(
            Operator.TRANSPOSE,
            Attributes.none().with("perm", new long[] {2, 0, 1}),
            "turned",
            sum);
    String flat = graph.add(Operator.RESHAPE, "flat", turned, shape(1, 24));
    String y = graph.add(Operator.MUL, "y", vector(24), graph.add(Operator.TANH, "t", flat));
    Graph after = same(y, Optimization.CONSTANT_FOLDING, ROUNDING);
    assertEquals(List.of(Operator.MUL), operators(after));
  }

  @Test
  void constantDenseLayerIsComputed() throws OrtException {
    String fixed = dense(constant("row", 1, 6), "fixed", 6, 4);
    String y = graph.add(Operator.ADD, "y", vector(4), fixed);
    assertEquals(
        List.of(Operator.ADD), operators(same(y, Optimization.CONSTANT_FOLDING, ROUNDING)));
  }

  @Test
  void whatIsDoneToAnEmbeddingIsDoneToItsTable() throws OrtException {
    String label = graph.input("label", TensorType.of(ElementType.INT64, TensorType.BATCH));
    String row = graph.add(Operator.GATHER, "row", constant("table", 3, 8), label);
    String scaled = graph.add(Operator.MUL, "scaled", row, constant("factor", 1));
    String dense = graph.add(Operator.LEAKY_RELU, "act", dense(scaled, "dense", 8, 6));
    String image = graph.add(Operator.RESHAPE, "image", dense, shape(0, 1, 2, 3));
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 1, 2, 3));
    String y = graph.add(Operator.CONCAT, Attributes.none().with("axis", 1), "y", x, image);
    Graph after = same(y, Optimization.EMBEDDING_FOLDING, ROUNDING);
    assertEquals(List.of(Operator.GATHER, Operator.CONCAT), operators(after));
  }

  @Test
  void embeddingOfLargerResultStays() throws OrtException {
    String label = graph.input("label", TensorType.of(ElementType.INT64, TensorType.BATCH));
    String row = graph.add(Operator.GATHER, "row", constant("table", 300, 1), label);
    Graph after = same(dense(row, "y", 1, 20), Optimization.EMBEDDING_FOLDING, EXACT);
    assertEquals(List.of(Operator.GATHER, Operator.GEMM), operators(after));
  }

  @Test
  void batchNormFoldsIntoDenseBefore() throws OrtException {
    String y = norm(dense(vector(7), "dense", 7, 5), "y", 5);
    Graph after = same(y, Optimization.BATCH_NORM_INTO_PREVIOUS, ROUNDING);
    assertEquals(List.of(Operator.GEMM), operators(after));
  }

  @Test
  void batchNormFoldsIntoDenseThroughReshape() throws OrtException {
    String image =
        graph.add(Operator.RESHAPE, "r", dense(vector(7), "d", 7, 12), shape(0, 3, 2, 2));
    Graph after = same(norm(image, "y", 3), Optimization.BATCH_NORM_INTO_PREVIOUS, ROUNDING);
    assertEquals(List.of(Operator.GEMM, Operator.RESHAPE), operators(after));
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "1, false", "2, false"})
  void batchNormFoldsIntoConvolutionBefore(int groups, boolean transposed) throws OrtException {
    String x = image(4, 5, 6);
    Operator operator = transposed ? Operator.CONV_TRANSPOSE : Operator.CONV;
    String w = transposed ? constant("w", 4, 6 / groups, 3, 3) : constant("w", 6, 4 / groups, 3, 3);
    Attributes attributes =
        Attributes.none().with("group", groups).with("pads", new long[] {1, 0, 1, 1});
    String conv = graph.add(operator, attributes, "conv", x, w);
    Graph after = same(norm(conv, "y", 6), Optimization.BATCH_NORM_INTO_PREVIOUS, ROUNDING);
    assertEquals(List.of(operator), operators(after));
  }

  @Test
  void batchNormStaysWhereTheLayerBeforeHasAnotherReader() throws OrtException {
    String dense = dense(vector(7), "dense", 7, 5);
    String y = graph.add(Operator.ADD, "y", norm(dense, "norm", 5), dense);
    Graph after = same(y, Optimization.BATCH_NORM_INTO_PREVIOUS, EXACT);
    assertTrue(operators(after).contains(Operator.BATCH_NORMALIZATION));
  }

  @Test
  void batchNormAfterActivationFoldsIntoDenseAfter() throws OrtException {
    String act = graph.add(Operator.LEAKY_RELU, "act", dense(vector(4), "first", 4, 7));
    String dropped = norm(act, "norm", 7);
    Graph after = same(dense(dropped, "y", 7, 3), Optimization.BATCH_NORM_INTO_NEXT, ROUNDING);
    assertEquals(List.of(Operator.GEMM, Operator.LEAKY_RELU, Operator.GEMM), operators(after));
  }

  @Test
  void batchNormFoldsIntoDenseAfterFlatten() throws OrtException {
    String act = graph.add(Operator.RELU, "act", image(3, 2, 2));
    String flat = graph.add(Operator.FLATTEN, "flat", norm(act, "norm", 3));
    Graph after = same(dense(flat, "y", 12, 5), Optimization.BATCH_NORM_INTO_NEXT, ROUNDING);
    assertEquals(List.of(Operator.RELU, Operator.FLATTEN, Operator.GEMM), operators(after));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void batchNormFoldsIntoUnpaddedConvolutionAfter(int groups) throws OrtException {
    String act = graph.add(Operator.RELU, "act", image(3, 6, 5));
    String w = constant("w", 6, 3 / groups, 3, 3);
    String y =
        graph.add(
            Operator.CONV, Attributes.none().with("group", groups), "y", norm(act, "n", 3), w);
    Graph after = same(y, Optimization.BATCH_NORM_INTO_NEXT, ROUNDING);
    assertEquals(List.of(Operator.RELU, Operator.CONV), operators(after));
  }

  @Test
  void batchNormStaysBeforePaddedConvolution() throws OrtException {
    String act = graph.add(Operator.RELU, "act", image(3, 6, 5));
    Attributes padded = Attributes.none().with("pads", new long[] {0, 0, 0, 1});
    String y = graph.add(Operator.CONV, padded, "y", norm(act, "n", 3), constant("w", 6, 3, 3, 3));
    Graph after = same(y, Optimization.BATCH_NORM_INTO_NEXT, EXACT);
    assertTrue(operators(after).contains(Operator.BATCH_NORMALIZATION));
  }

  @ParameterizedTest
  @CsvSource({"3, 1, 1, 1", "4, 0, 1, 1", "2, 1, 1, 1", "3, 2, 2, 1", "3, 1, 1, 2", "1, 0, 1, 1"})
  void unitStrideDeconvolutionBecomesConvolution(int kernel, int pad, int dilation, int groups)
      throws OrtException {
    Attributes attributes =
        Attributes.none()
            .with("pads", new long[] {pad, pad, 0, pad})
            .with("dilations", new long[] {dilation, dilation})
            .with("group", groups);
    String y =
        graph.add(
            Operator.CONV_TRANSPOSE,
            attributes,
            "y",
            image(4, 6, 5),
            constant("w", 4, 6 / groups, kernel, kernel),
            constant("b", 6));
    Graph after = same(y, Optimization.UNIT_STRIDE_DECONVOLUTION, ROUNDING);
    assertEquals(List.of(Operator.CONV), operators(after));
  }

  @Test
  void deconvolutionThatCropsStays() throws OrtException {
    Attributes attributes = Attributes.none().with("pads", new long[] {1, 1, 1, 1});
    String y =
        graph.add(
            Operator.CONV_TRANSPOSE, attributes, "y", image(4, 6, 5), constant("w", 4, 6, 1, 1));
    Graph after = same(y, Optimization.UNIT_STRIDE_DECONVOLUTION, EXACT);
    assertEquals(List.of(Operator.CONV_TRANSPOSE), operators(after));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 2, 1, 1, 1",
    "4, 2, 1, 0, 2",
    "2, 2, 0, 0, 3",
    "5, 2, 2, 1, 1",
    "3, 3, 0, 0, 1",
    "5, 4, 1, 1, 1",
    "2, 3, 0, 1, 1",
    "7, 2, 3, 1, 4"
  })
  void narrowDeconvolutionBecomesConvolutionAndDepthToSpace(
      int kernel, int stride, int pad, int extra, int channels) throws OrtException {
    Attributes attributes =
        Attributes.none()
            .with("strides", new long[] {stride, stride})
            .with("pads", new long[] {pad, pad, pad, pad})
            .with("output_padding", new long[] {extra, extra});
    String y =
        graph.add(
            Operator.CONV_TRANSPOSE,
            attributes,
            "y",
            image(3, 4, 5),
            constant("w", 3, channels, kernel, kernel),
            constant("b", channels));
    Graph after = same(y, Optimization.DECONVOLUTION_PHASES, ROUNDING);
    assertEquals(List.of(Operator.CONV, Operator.DEPTH_TO_SPACE), operators(after));
  }

  @Test
  void deconvolutionWithoutWholeBlocksStays() throws OrtException {
    Attributes attributes = Attributes.none().with("strides", new long[] {2, 2});
    String y =
        graph.add(
            Operator.CONV_TRANSPOSE, attributes, "y", image(3, 4, 5), constant("w", 3, 1, 3, 3));
    Graph after = same(y, Optimization.DECONVOLUTION_PHASES, EXACT);
    assertEquals(List.of(Operator.CONV_TRANSPOSE), operators(after));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 2, 1, 8, false",
    "5, 2, 2, 8, true",
    "3, 2, 1, 2, true",
    "5, 3, 2, 3, false",
    "7, 2, 3, 8, false",
    "3, 3, 1, 9, false",
    "2, 2, 0, 2, false"
  })
  void convolutionMovesBeforeUpsampling(
      int kernel, int scale, int pad, int channels, boolean joined) throws OrtException {
    String up = upsample(image(3, 4, 5), scale);
    Attributes attributes = Attributes.none().with("pads", new long[] {pad, pad, pad, pad});
    String y =
        graph.add(
            Operator.CONV,
            attributes,
            "y",
            up,
            constant("w", channels, 3, kernel, kernel),
            constant("b", channels));
    Graph after = same(y, Optimization.UPSAMPLE_PHASES, ROUNDING);
    long side = graph.typeOf(y).dim(2);
    boolean whole = side % scale == 0 && graph.typeOf(y).dim(3) % scale == 0;
    assertEquals(whole, !operators(after).contains(Operator.RESIZE));
    assertEquals(whole && !joined, operators(after).contains(Operator.CONCAT));
  }

  @Test
  void pointwiseConvolutionCommutesWithUpsampling() throws OrtException {
    String y =
        graph.add(Operator.CONV, "y", upsample(image(3, 4, 5), 2), constant("w", 2, 3, 1, 1));
    Graph after = same(y, Optimization.UPSAMPLE_PHASES, EXACT);
    assertEquals(List.of(Operator.CONV, Operator.RESIZE), operators(after));
  }

  @Test
  void activationMovesToTheConvolutionBitForBit() throws OrtException {
    String a = graph.add(Operator.CONV, "a", image(3, 4, 5), constant("wa", 4, 3, 1, 1));
    String b = graph.add(Operator.CONV, "b", "image", constant("wb", 4, 3, 1, 1));
    String joined = graph.add(Operator.CONCAT, Attributes.none().with("axis", 1), "joined", a, b);
    String spread =
        graph.add(
            Operator.DEPTH_TO_SPACE,
            Attributes.none().with("blocksize", 2).with("mode", "DCR"),
            "spread",
            joined);
    String y = graph.add(Operator.TANH, "y", upsample(spread, 2));
    Graph after = same(y, Optimization.ACTIVATION_HOISTING, EXACT);
    assertEquals(
        List.of(
            Operator.CONV,
            Operator.CONV,
            Operator.TANH,
            Operator.TANH,
            Operator.CONCAT,
            Operator.DEPTH_TO_SPACE,
            Operator.RESIZE),
        operators(after));
  }

  @Test
  void activationStaysBehindUpsamplingThatMakesMeans() throws OrtException {
    String scales = graph.constant("scales", Tensor.floats(new float[] {1, 1, 2, 2}, 4));
    Attributes bilinear = Attributes.none().with("mode", "linear");
    String up = graph.add(Operator.RESIZE, bilinear, "up", image(3, 4, 5), "", scales);
    Graph after = same(graph.add(Operator.TANH, "y", up), Optimization.ACTIVATION_HOISTING, EXACT);
    assertEquals(List.of(Operator.RESIZE, Operator.TANH), operators(after));
  }

  @Test
  void tanhAndItsRangeBecomeSigmoid() throws OrtException {
    String conv =
        graph.add(Operator.CONV, "c", image(2, 4, 4), constant("w", 4, 2, 1, 1), constant("b", 4));
    Attributes block = Attributes.none().with("blocksize", 2).with("mode", "DCR");
    String tanh =
        graph.add(Operator.TANH, "t", graph.add(Operator.DEPTH_TO_SPACE, block, "d", conv));
    String half = graph.constant("half", Tensor.scalar(0.5f));
    String y = graph.add(Operator.ADD, "y", graph.add(Operator.MUL, "m", tanh, half), half);
    Graph after = same(y, Optimization.TANH_TO_SIGMOID, 1e-6);
    assertEquals(
        List.of(Operator.CONV, Operator.DEPTH_TO_SPACE, Operator.SIGMOID), operators(after));
    assertFalse(after.nodes().stream().anyMatch(node -> node.name().equals("c")));
  }

  @Test
  void denseWeightsAreTransposed() throws OrtException {
    Graph after = same(dense(vector(4), "y", 4, 3), Optimization.DENSE_TRANSPOSITION, ROUNDING);
    assertEquals(0, after.nodes().get(0).attributes().integer("transB", 0));
  }

  private Graph same(String output, Optimization optimization, double tolerance)
      throws OrtException {
    graph.output(output);
    Graph before = graph.build();
    Graph after = optimization.apply(before);
    for (int batch : new int[] {1, 3}) {
      float[] expected = OrtRun.run(before, batch, batch).get(output);
      float[] made = OrtRun.run(after, batch, batch).get(output);
      assertArrayEquals(expected, made, (float) tolerance);
    }
    assertEquals(before.typeOf(output), after.typeOf(output));
    return after;
  }

  private static List<Operator> operators(Graph graph) {
    return graph.nodes().stream().map(Node::operator).toList();
  }

  private String vector(int size) {
    return graph.input("vector", TensorType.floats(TensorType.BATCH, size));
  }

  private String image(int channels, int height, int width) {
    return graph.input("image", TensorType.floats(TensorType.BATCH, channels, height, width));
  }

  private String constant(String name, long... dims) {
    return graph.constant(name, RandomTensors.normal(random, dims));
  }

  private String shape(long... dims) {
    return graph.constant("shape" + List.of(dims.length), Tensor.vector(dims));
  }

  private String dense(String input, String name, int inputs, int outputs) {
    return graph.add(
        Operator.GEMM,
        Attributes.none().with("transB", 1),
        name,
        input,
        constant(name + ".w", outputs, inputs),
        constant(name + ".b", outputs));
  }

  private String norm(String input, String name, int channels) {
    String variance = graph.constant(name + ".variance", RandomTensors.positive(random, channels));
    return graph.add(
        Operator.BATCH_NORMALIZATION,
        Attributes.none().with("epsilon", 1e-3f),
        name,
        input,
        constant(name + ".gamma", channels),
        constant(name + ".beta", channels),
        constant(name + ".mean", channels),
        variance);
  }

  private String upsample(String input, int scale) {
    String scales = graph.constant("scales", Tensor.floats(new float[] {1, 1, scale, scale}, 4));
    Attributes attributes =
        Attributes.none()
            .with("mode", "nearest")
            .with("nearest_mode", "floor")
            .with("coordinate_transformation_mode", "asymmetric");
    return graph.add(Operator.RESIZE, attributes, "up", input, "", scales);
  }
}
