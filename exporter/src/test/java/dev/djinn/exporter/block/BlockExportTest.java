package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
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
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.djinn.exporter.ExportException;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain DJL blocks by their own classes, over their attributes, and what is refused. */
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
      BlockResult result = BlockExport.write(block, options, folder.resolve("classifier.onnx"));
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
      BlockExport.write(block, options, folder.resolve("other.onnx"));
      assertTrue(Files.exists(sum) && Files.exists(proof), "these are not of other.onnx");
      BlockExport.write(block, options, folder.resolve("model.onnx"));
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

  private static Block each(Function<NDArray, NDArray> function) {
    return LambdaBlock.singleton(function);
  }
}
