package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.nlp.embedding.TrainableWordEmbedding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Trees of blocks: how they are joined, their inputs and outputs, and networks of our own in them.
 */
class BlockTreesTest {
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

  private static Arguments join(String name, Function<NDArray[], NDArray> join, Operator operator) {
    return Arguments.of(name, join, operator);
  }

  private static NDArray[] arrays(List<NDList> parts) {
    return parts.stream().map(NDList::singletonOrThrow).toArray(NDArray[]::new);
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
