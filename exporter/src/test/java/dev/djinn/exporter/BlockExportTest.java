package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.nlp.embedding.TrainableWordEmbedding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of plain DJL block over its attributes, against DJL. */
class BlockExportTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void linear(boolean bias) {
    for (int units : new int[] {1, 5}) {
      BlockParity.check(Linear.builder().setUnits(units).optBias(bias).build(), 6);
      BlockParity.check(Linear.builder().setUnits(units).optBias(bias).build(), 3, 6);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void convolution(int kernel) {
    for (int stride = 1; stride <= 2; stride++) {
      for (int padding = 0; padding <= 2; padding++) {
        for (int groups = 1; groups <= 2; groups++) {
          BlockParity.check(
              Conv2d.builder()
                  .setFilters(4)
                  .setKernelShape(new Shape(kernel, 1))
                  .optStride(new Shape(stride, 3 - stride))
                  .optPadding(new Shape(padding, 1))
                  .optDilation(new Shape(1 + (groups + stride) % 2, 1))
                  .optGroups(groups)
                  .optBias(stride == 1)
                  .build(),
              2,
              11,
              8);
        }
      }
      BlockParity.check(
          Conv1d.builder()
              .setFilters(3)
              .setKernelShape(new Shape(kernel))
              .optStride(new Shape(stride))
              .optPadding(new Shape(1))
              .build(),
          2,
          9);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {1e-5f, 2e-5f, 1e-3f, 0.07f, 1.234567e-4f})
  void normsWithAnyEpsilon(float epsilon) {
    BlockResult norm = BlockParity.check(BatchNorm.builder().optEpsilon(epsilon).build(), 3, 4, 5);
    Node node = norm.graph().nodes().get(0);
    assertEquals(Operator.BATCH_NORMALIZATION, node.operator());
    assertEquals(epsilon, node.attributes().real("epsilon", 0), epsilon * 1e-6);
    BlockParity.check(BatchNorm.builder().optEpsilon(epsilon).build(), 6);
    BlockParity.check(BatchNorm.builder().optEpsilon(epsilon).optAxis(2).build(), 3, 4, 5);
    BlockParity.check(
        BatchNorm.builder().optEpsilon(epsilon).optCenter(false).optScale(false).build(), 4, 4);
    BlockResult layer = BlockParity.check(LayerNorm.builder().optEpsilon(epsilon).build(), 3, 4, 5);
    node = layer.graph().nodes().get(0);
    assertEquals(epsilon, node.attributes().real("epsilon", 0), epsilon * 1e-5);
    BlockParity.check(LayerNorm.builder().optEpsilon(epsilon).axis(2).build(), 3, 7);
  }

  @Test
  void normOfManyChannelsWithALargeEpsilon() {
    BlockParity.check(BatchNorm.builder().optEpsilon(0.07f).build(), 64, 2);
    BlockParity.check(BatchNorm.builder().optEpsilon(0.07f).optAxis(2).build(), 2, 64);
  }

  static Stream<Arguments> functions() {
    return Stream.of(
        Arguments.of("relu", Activation.reluBlock(), Operator.RELU),
        Arguments.of("relu6", Activation.relu6Block(), Operator.CLIP),
        Arguments.of("sigmoid", Activation.sigmoidBlock(), Operator.SIGMOID),
        Arguments.of("tanh", Activation.tanhBlock(), Operator.TANH),
        Arguments.of("softplus", Activation.softPlusBlock(), Operator.SOFTPLUS),
        Arguments.of("softsign", Activation.softSignBlock(), Operator.SOFTSIGN),
        Arguments.of("leaky 0.01", Activation.leakyReluBlock(0.01f), Operator.LEAKY_RELU),
        Arguments.of("leaky 0.3", Activation.leakyReluBlock(0.3f), Operator.LEAKY_RELU),
        Arguments.of("leaky -0.5", Activation.leakyReluBlock(-0.5f), Operator.LEAKY_RELU),
        Arguments.of("elu 1", Activation.eluBlock(1), Operator.ELU),
        Arguments.of("elu 0.3", Activation.eluBlock(0.3f), Operator.ELU),
        Arguments.of("selu", Activation.seluBlock(), Operator.SELU),
        Arguments.of("gelu", Activation.geluBlock(), Operator.ERF),
        Arguments.of("swish 1", Activation.swishBlock(1), Operator.SIGMOID),
        Arguments.of("swish 1.7", Activation.swishBlock(1.7f), Operator.SIGMOID),
        Arguments.of("mish", Activation.mishBlock(), Operator.SOFTPLUS),
        Arguments.of("true mish", each(BlockExportTest::mish), Operator.SOFTPLUS),
        Arguments.of("unnamed", new LambdaBlock(Activation::tanh), Operator.TANH),
        Arguments.of("clip", each(x -> x.clip(-0.5, 2)), Operator.CLIP),
        Arguments.of("affine", each(x -> x.mul(2).sub(1)), Operator.MUL),
        Arguments.of("softmax", each(x -> x.softmax(1)), Operator.SOFTMAX),
        Arguments.of("log softmax", each(x -> x.logSoftmax(-1)), Operator.LOG_SOFTMAX));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void findsOutFunctions(String name, Block block, Operator operator) {
    for (long[] dims : new long[][] {{7}, {2, 5, 4}}) {
      BlockResult result = BlockParity.check(block, dims);
      assertTrue(
          result.graph().nodes().stream().anyMatch(node -> node.operator() == operator),
          result.graph().toString());
    }
  }

  static Stream<Arguments> layouts() {
    return Stream.of(
        Arguments.of("flatten", Blocks.batchFlattenBlock(), Operator.RESHAPE),
        Arguments.of("flatten 40", Blocks.batchFlattenBlock(40), Operator.RESHAPE),
        Arguments.of("reshape", each(x -> x.reshape(-1, 5, 8)), Operator.RESHAPE),
        Arguments.of("transpose", each(x -> x.transpose(0, 2, 3, 1)), Operator.TRANSPOSE),
        Arguments.of("square transpose", each(x -> x.swapAxes(2, 3)), Operator.TRANSPOSE),
        Arguments.of("slice", each(x -> x.get(":, :, 1:3, 2:")), Operator.SLICE),
        Arguments.of("nearest", upsample(0), Operator.RESIZE),
        Arguments.of("bilinear", upsample(1), Operator.RESIZE),
        Arguments.of("area", upsample(2), Operator.RESIZE),
        Arguments.of("identity", Blocks.identityBlock(), Operator.IDENTITY));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layouts")
  void findsOutLayouts(String name, Block block, Operator operator) {
    BlockResult result = BlockParity.check(block, 2, 4, 5);
    assertEquals(operator, result.graph().nodes().get(0).operator(), result.graph().toString());
    if (name.equals("square transpose")) {
      BlockParity.check(block, 3, 4, 4);
    }
  }

  @Test
  void activationsAfterBilinearUpsampling() {
    BlockParity.check(
        new SequentialBlock().add(upsample(1)).add(Activation.tanhBlock()),
        BlockOptions.of(BlockInput.floats("data", 2, 4, 5)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void pools(int kernel) {
    Shape size = new Shape(kernel, 2);
    for (int stride = 1; stride <= 3; stride++) {
      for (int padding = 0; padding <= kernel / 2; padding++) {
        for (boolean ceil : new boolean[] {false, true}) {
          Shape step = new Shape(stride, 2);
          Shape pad = new Shape(padding, 1);
          Shape line = new Shape(kernel);
          for (long[] dims : new long[][] {{2, 9, 8}, {1, 7, 7}}) {
            BlockParity.check(Pool.maxPool2dBlock(size, step, pad, ceil), dims);
            for (boolean include : new boolean[] {false, true}) {
              BlockParity.check(Pool.avgPool2dBlock(size, step, pad, ceil, include), dims);
            }
          }
          BlockParity.check(
              Pool.maxPool1dBlock(line, new Shape(stride), new Shape(padding), ceil), 2, 11);
          BlockParity.check(
              Pool.avgPool1dBlock(line, new Shape(stride), new Shape(padding), ceil), 2, 11);
        }
      }
    }
  }

  @Test
  void poolsOfMoreThanTheAxis() {
    for (long size = 2; size <= 5; size++) {
      for (int kernel = 3; kernel <= 7; kernel++) {
        for (int stride = 1; stride <= 6; stride++) {
          if (size + 2L * (kernel / 2) >= kernel) {
            Block pool =
                Pool.maxPool1dBlock(
                    new Shape(kernel), new Shape(stride), new Shape(kernel / 2), false);
            BlockParity.check(pool, 2, size);
          }
        }
      }
    }
  }

  @Test
  void longAxesTakeNoLonger() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          BlockParity.check(Activation.reluBlock(), 1, 4000);
          BlockParity.check(
              Pool.maxPool1dBlock(new Shape(900), new Shape(7), new Shape(450), false), 1, 4000);
          BlockParity.refuses(
              each(x -> Activation.relu(x).sqrt()),
              BlockOptions.of(BlockInput.floats("data", 1, 4000)),
              "is not known");
        });
  }

  @Test
  void globalPools() {
    BlockParity.check(Pool.globalAvgPool2dBlock(), 3, 4, 5);
    BlockParity.check(Pool.globalMaxPool2dBlock(), 3, 4, 5);
    BlockParity.check(Pool.globalAvgPool1dBlock(), 3, 7);
    BlockParity.check(Pool.globalMaxPool1dBlock(), 3, 7);
    BlockParity.check(Pool.globalAvgPool2dBlock(), 1, 1, 1);
  }

  static Stream<Arguments> joins() {
    return Stream.of(
        join("concat", p -> NDArrays.concat(new NDList(p[0], p[1]), 1), Operator.CONCAT),
        join("sum", p -> p[0].add(p[1]), Operator.ADD),
        join("sum, relu", p -> Activation.relu(p[0].add(p[1])), Operator.RELU),
        join("sum, leaky", p -> Activation.leakyRelu(p[0].add(p[1]), 0.2f), Operator.LEAKY_RELU),
        join("product", p -> p[0].mul(p[1]), Operator.MUL),
        join("difference", p -> p[0].sub(p[1]), Operator.SUB),
        join("turned difference", p -> p[1].sub(p[0]), Operator.SUB),
        join("mean", p -> p[0].add(p[1]).div(2), Operator.MUL),
        join("one of them", p -> p[1], Operator.GEMM));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("joins")
  void findsOutJoins(String name, Function<NDArray[], NDArray> join, Operator operator) {
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(6).build())
            .add(
                new ParallelBlock(
                    parts -> new NDList(join.apply(arrays(parts))),
                    List.of(
                        Linear.builder().setUnits(4).build(),
                        Linear.builder().setUnits(4).build())));
    BlockResult result = BlockParity.check(block, 3);
    assertTrue(
        result.graph().nodes().stream().anyMatch(node -> node.operator() == operator),
        result.graph().toString());
  }

  @Test
  void severalInputsAndOutputs() {
    Block embedding =
        TrainableWordEmbedding.builder()
            .setEmbeddingSize(5)
            .setVocabulary(new ai.djl.modality.nlp.DefaultVocabulary(List.of("a", "b", "c")))
            .build();
    BlockParity.check(embedding, BlockOptions.of(BlockInput.indices("tokens", 3, 6)));
    Block pair =
        new ParallelBlock(
            parts -> new NDList(parts.get(0).singletonOrThrow(), parts.get(1).singletonOrThrow()),
            List.of(Linear.builder().setUnits(4).build(), Linear.builder().setUnits(2).build()));
    BlockResult result =
        BlockParity.check(
            pair, BlockOptions.of(BlockInput.floats("x", 3)).withOutputs("wide", "narrow"));
    assertEquals(List.of("wide", "narrow"), result.graph().outputs());
    Block sum =
        new SequentialBlock()
            .add(inputs -> new NDList(inputs.get(0).add(inputs.get(1))))
            .add(Linear.builder().setUnits(2).build());
    BlockParity.check(sum, BlockOptions.of(BlockInput.floats("a", 3), BlockInput.floats("b", 3)));
    Block stages =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(Dropout.builder().build())
            .add(Activation::relu)
            .setReturnIntermediate(true);
    assertEquals(3, BlockParity.check(stages, 3).graph().outputs().size());
  }

  @Test
  void foldsWhatItReads() {
    Block block =
        new SequentialBlock()
            .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)).build())
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(Dropout.builder().optRate(0.5f).build())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(3).build());
    BlockResult result = BlockParity.check(block, 1, 8, 8);
    assertEquals(
        List.of(Operator.CONV, Operator.RELU, Operator.RESHAPE, Operator.GEMM, Operator.IDENTITY),
        result.graph().nodes().stream().map(Node::operator).toList());
  }

  /** The example of the README. */
  @Test
  void exportsTheExample(@TempDir Path folder) throws IOException {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Block block =
          new SequentialBlock()
              .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(8).build())
              .add(BatchNorm.builder().build())
              .add(Activation.leakyReluBlock(0.2f))
              .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
              .add(Blocks.batchFlattenBlock())
              .add(Linear.builder().setUnits(10).build());
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 28, 28));
      BlockOptions options =
          BlockOptions.of(BlockInput.floats("data", 1, 28, 28)).withOutputs("logits");
      BlockResult result = OnnxExporter.export(block, options, folder.resolve("classifier.onnx"));
      assertEquals(Files.size(result.file()), result.bytes());
      assertTrue(result.proof().largestError() < 1e-5, result.proof().toString());
    }
  }

  @Test
  void namesWhatCannotBeConverted() {
    BlockOptions options = BlockOptions.of(BlockInput.floats("data", 3, 4));
    Block odd =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(
                new SequentialBlock()
                    .add(Activation::relu)
                    .add(x -> new NDList(x.singletonOrThrow().square().sin())));
    BlockParity.refuses(odd, options, "02SequentialBlock/02LambdaBlock (LambdaBlock)", "not known");
    Block random =
        new LambdaBlock(
            x -> new NDList(x.singletonOrThrow().add(x.getManager().randomNormal(new Shape(4)))));
    BlockParity.refuses(random, options, "LambdaBlock", "two answers");
    BlockParity.refuses(
        new SequentialBlock().add(each(x -> x.get(":, 0, 0"))),
        options,
        "01LambdaBlock (LambdaBlock) is a function of",
        "not known");
    BlockParity.refuses(
        new SequentialBlock().add(new Scale()), options, "01Scale (Scale) has no converter");
    BlockParity.refuses(
        new SequentialBlock()
            .add(
                new ParallelBlock(
                    parts -> new NDList(parts.get(0).head().pow(parts.get(1).head()).abs().sin()),
                    List.of(Blocks.identityBlock(), Linear.builder().setUnits(4).build()))),
        options,
        "01ParallelBlock (ParallelBlock) joins");
    BlockParity.refuses(
        Linear.builder().setUnits(4).build(), options.withOutputs("a", "b"), "1 outputs, but 2");
  }

  @Test
  void refusesNamesThatAreTaken() {
    BlockOptions image = BlockOptions.of(BlockInput.floats("image", 3));
    for (String name : new String[] {"image", ""}) {
      BlockParity.refuses(
          Linear.builder().setUnits(4).build(),
          image.withOutputs(name),
          "an output cannot be called '" + name + "'");
    }
    BlockParity.refuses(
        Linear.builder().setUnits(4).build(),
        BlockOptions.of(BlockInput.floats("output", 3)),
        "an output cannot be called 'output'",
        "BlockOptions.withOutputs");
    BlockParity.refuses(
        new SequentialBlock().add(inputs -> new NDList(inputs.get(0).add(inputs.get(1)))),
        BlockOptions.of(BlockInput.floats("a", 3), BlockInput.floats("a", 3)),
        "an input cannot be called 'a'");
  }

  @Test
  void whatStoodBesideAnOlderFileGoesWithIt(@TempDir Path folder) throws IOException {
    Path sum = Files.writeString(folder.resolve("model.onnx.sha256"), "of the old");
    Path proof = Files.writeString(folder.resolve("proof.txt"), "of the old");
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Block block = Linear.builder().setUnits(2).build();
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      BlockOptions options = BlockOptions.of(BlockInput.floats("data", 3));
      OnnxExporter.export(block, options, folder.resolve("other.onnx"));
      assertTrue(Files.exists(sum) && Files.exists(proof), "these are not of other.onnx");
      OnnxExporter.export(block, options, folder.resolve("model.onnx"));
      assertFalse(Files.exists(sum));
      assertFalse(Files.exists(proof));
    }
  }

  @Test
  void refusesBlockWithoutParameters() {
    ExportException e =
        org.junit.jupiter.api.Assertions.assertThrows(
            ExportException.class,
            () ->
                BlockParity.export(
                    Linear.builder().setUnits(4).build(),
                    BlockOptions.of(BlockInput.floats("data", 3))));
    assertTrue(e.getMessage().contains("not initialized"), e.getMessage());
  }

  @Test
  void usersConverterIsAskedAndProven() {
    BlockOptions options = BlockOptions.of(BlockInput.floats("data", 3, 4));
    BlockParity.check(
        new SequentialBlock().add(Activation::relu).add(new Scale()),
        options.withConverter(
            Scale.class,
            (scale, at) -> List.of(at.add(Operator.MUL, at.input(), at.weight("factor")))));
    BlockParity.refuses(
        new SequentialBlock().add(Activation::relu).add(new Scale()),
        options.withConverter(
            Scale.class,
            (scale, at) -> List.of(at.add(Operator.ADD, at.input(), at.weight("factor")))),
        "the model is not the block",
        "02Scale (Scale) differs by");
  }

  /** A block of a user's own. */
  private static final class Scale extends AbstractBlock {
    private final Parameter factor =
        addParameter(Parameter.builder().setName("factor").setType(Parameter.Type.WEIGHT).build());

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      return new NDList(x.mul(store.getValue(factor, x.getDevice(), training)));
    }

    @Override
    protected void prepare(Shape[] inputs) {
      factor.setShape(new Shape(inputs[0].get(inputs[0].dimension() - 1)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return inputs;
    }
  }

  private static Arguments join(String name, Function<NDArray[], NDArray> join, Operator operator) {
    return Arguments.of(name, join, operator);
  }

  private static NDArray[] arrays(List<NDList> parts) {
    return parts.stream().map(NDList::singletonOrThrow).toArray(NDArray[]::new);
  }

  private static NDArray mish(NDArray x) {
    return x.mul(Activation.softPlus(x).tanh());
  }

  private static Block each(Function<NDArray, NDArray> function) {
    return LambdaBlock.singleton(function);
  }

  /** By DJL's numbers: 0 repeats the nearest pixel, 1 is bilinear, 2 takes the mean of an area. */
  private static Block upsample(int mode) {
    return each(
        x ->
            x.getNDArrayInternal()
                .interpolation(
                    new long[] {2 * x.getShape().get(2), 3 * x.getShape().get(3)}, mode, false));
  }

  @Test
  void networksOfOurOwnAmongOtherBlocks() {
    WeightInit init = new WeightInit(WeightInit.Kind.GLOROT_UNIFORM, 0);
    List<Layer> layers =
        List.of(
            new Layer.Residual(
                List.of(new Layer.Conv(2, 3, 1, Layer.SAME, 1, 1, WeightSpec.of(init))), List.of()),
            new Layer.BatchNorm(0.9, 1e-5));
    Network part = new Network("part", new Shape(2, 6, 6), 0, layers);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      SequentialBlock twice =
          new SequentialBlock()
              .add(NetworkBlock.create(part, manager))
              .add(Activation::relu)
              .add(NetworkBlock.create(part, manager));
      twice.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 6, 6));
      BlockParity.export(twice, BlockOptions.of(BlockInput.floats("x", 2, 6, 6)));
    }
  }

  @Test
  void aNetworkOfOurOwnReadsItsLabel() {
    WeightInit init = new WeightInit(WeightInit.Kind.GLOROT_UNIFORM, 0);
    Network network =
        new Network(
            "discriminator",
            new Shape(1, 4, 4),
            3,
            List.of(
                new Layer.LabelChannel(init),
                new Layer.Reshape(List.of(-1)),
                new Layer.Dense(1, WeightSpec.of(init))));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      BlockParity.export(
          NetworkBlock.create(network, manager),
          BlockOptions.of(BlockInput.floats("x", 1, 4, 4), BlockInput.indices("label", 3)));
    }
  }
}
