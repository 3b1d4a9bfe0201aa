package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import dev.djinn.exporter.Target;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockOptionsTest {
  private static final BlockInput DATA = BlockInput.floats("data", 3, 4);

  @Test
  void eachWithChangesOneThing() {
    BlockOptions options = BlockOptions.of(DATA);
    assertEquals(List.of(DATA), options.inputs());
    assertEquals(1e-4, options.tolerance());
    assertEquals(Target.SERVER, options.target());
    assertEquals(List.of("a"), options.withOutputs("a").outputs());
    assertEquals(Target.WEB, options.withTarget(Target.WEB).target());
    assertEquals(1e-6, options.withTolerance(1e-6).tolerance());
    assertEquals(
        options.withOutputs("a").withTarget(Target.WEB),
        options.withTarget(Target.WEB).withOutputs("a"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1e-4, 1, Double.NaN})
  void refusesTolerancesThatBoundNothing(double tolerance) {
    BlockOptions options = BlockOptions.of(DATA);
    assertThrows(IllegalArgumentException.class, () -> options.withTolerance(tolerance));
  }

  @Test
  void refusesToReadNothing() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> BlockOptions.of());
    assertEquals("name at least one input of the block", e.getMessage());
  }

  @Test
  void inputsHaveTheBatchInFront() {
    assertEquals(TensorType.floats(TensorType.BATCH, 3, 4), DATA.tensorType());
    assertEquals(
        TensorType.of(ElementType.INT64, TensorType.BATCH),
        BlockInput.indices("label", 10).tensorType());
  }

  @Test
  void refusesInputsThatNoBlockReads() {
    assertThrows(IllegalArgumentException.class, () -> BlockInput.indices("label", 0));
    assertThrows(IllegalArgumentException.class, () -> BlockInput.floats("data", -1, 3));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new BlockInput("data", ElementType.UINT8, List.of(3L), 0));
    assertTrue(e.getMessage().contains("is UINT8, a block reads FLOAT or INT64"), e.getMessage());
  }

  /**
   * A converter is for a class and its subclasses, but not for one that computes something else.
   */
  @Test
  void theNearestConverterUpTheClassesCounts() {
    BlockConverters standard = BlockConverters.standard();
    assertTrue(standard.of(Linear.builder().setUnits(2).build()).isPresent());
    assertTrue(standard.of(new SequentialBlock() {}).isPresent());
    assertTrue(standard.of(new Another()).isEmpty());
    BlockConverter<Another> mine = (block, at) -> List.of(at.input());
    Block another = new Another();
    assertTrue(standard.with(Another.class, mine).of(another).isPresent());
    assertTrue(standard.of(another).isEmpty(), "the standard ones are not changed");
    assertTrue(standard.toString().contains("Linear, "), standard.toString());
    assertTrue(standard.of(Dropout.builder().build()).isPresent());
  }

  /** Computes something of its own. */
  private static final class Another extends SequentialBlock {
    @Override
    protected ai.djl.ndarray.NDList forwardInternal(
        ai.djl.training.ParameterStore store,
        ai.djl.ndarray.NDList inputs,
        boolean training,
        ai.djl.util.PairList<String, Object> params) {
      return inputs;
    }
  }
}
