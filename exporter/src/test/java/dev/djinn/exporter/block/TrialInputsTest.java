package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.graph.ElementType;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrialInputsTest {
  private static final TrialInputs INPUTS =
      new TrialInputs(
          List.of(
              TensorType.floats(TensorType.BATCH, 50, 40),
              TensorType.of(ElementType.INT64, TensorType.BATCH, 300)),
          List.of(0L, 7L));

  private static double[] sizes(TrialInputs.Kind kind) {
    float[] values = INPUTS.of(kind, 3).get(0).floats();
    return IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])).toArray();
  }

  @ParameterizedTest
  @EnumSource(TrialInputs.Kind.class)
  void areOfTheirTypesAndTheSameEachTime(TrialInputs.Kind kind) {
    List<Tensor> made = INPUTS.of(kind, 3);
    assertEquals(TensorType.floats(3, 50, 40), made.get(0).tensorType());
    assertEquals(TensorType.of(ElementType.INT64, 3, 300), made.get(1).tensorType());
    assertEquals(made, INPUTS.of(kind, 3));
    if (kind != TrialInputs.Kind.ZERO) {
      assertNotEquals(
          made.get(0).floats()[0], INPUTS.of(kind, 2).get(0).floats()[0], "other batches");
    }
  }

  @Test
  void indicesFillTheirBoundAndNoMore() {
    long[] indices = INPUTS.of(TrialInputs.Kind.NORMAL, 3).get(1).longs();
    assertEquals(0, LongStream.of(indices).min().orElseThrow());
    assertEquals(6, LongStream.of(indices).max().orElseThrow());
  }

  @Test
  void numbersAreOfTheSizesThatTheirKindSays() {
    assertTrue(max(sizes(TrialInputs.Kind.NORMAL)) < 6);
    assertTrue(max(sizes(TrialInputs.Kind.WIDE)) > 16);
    assertTrue(max(sizes(TrialInputs.Kind.UNIT)) <= 1);
    assertEquals(0, max(sizes(TrialInputs.Kind.ZERO)));
    assertTrue(min(sizes(TrialInputs.Kind.SCALES)) < 2e-4);
    assertTrue(max(sizes(TrialInputs.Kind.SCALES)) > 5e3);
    assertTrue(min(sizes(TrialInputs.Kind.HUGE)) >= 1e4);
    assertTrue(max(sizes(TrialInputs.Kind.HUGE)) > 1e29);
  }

  @Test
  void aPositionsNumberIsWhatIsAskedFor() {
    Tensor counting = INPUTS.first(2, i -> i);
    assertEquals(TensorType.floats(2, 50, 40), counting.tensorType());
    assertEquals(3999, counting.floats()[3999]);
  }

  private static double max(double... values) {
    return java.util.Arrays.stream(values).max().orElseThrow();
  }

  private static double min(double... values) {
    return java.util.Arrays.stream(values).min().orElseThrow();
  }
}
