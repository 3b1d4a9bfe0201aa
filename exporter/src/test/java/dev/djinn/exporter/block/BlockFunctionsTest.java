package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.pooling.Pool;
import dev.djinn.graph.Operator;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that DJL keeps no name of, found out by trying: activations, moves, pools. */
class BlockFunctionsTest {
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
        Arguments.of("true mish", each(BlockFunctionsTest::mish), Operator.SOFTPLUS),
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
}
