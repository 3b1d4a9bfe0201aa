package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtException;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.Operator;
import dev.djinn.graph.OrtRun;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Int8Test {
  private static final int BATCH = 8;
  private static final long SEED = 3;

  private final Random random = new Random(42);
  private final GraphBuilder graph = new GraphBuilder("test");

  /** A residual's shortcut crops away a border of large numbers, which the body reads. */
  @Test
  void whatIsCroppedAndAlsoReadWholeIsNotCutOff() throws OrtException {
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    String scaled = graph.add(Operator.MUL, "scaled", x, graph.constant("border", border()));
    String crop =
        graph.add(
            Operator.SLICE,
            "crop",
            scaled,
            graph.constant("from", Tensor.vector(1, 1)),
            graph.constant("to", Tensor.vector(7, 7)),
            graph.constant("axes", Tensor.vector(2, 3)));
    String sum =
        graph.add(
            Operator.ADD, "sum", convolution(scaled, "body", 0), convolution(crop, "shortcut", 1));
    String y = convolution(sum, "y", 1);
    graph.output(y);
    Graph before = graph.build();
    Graph after = Int8.apply(before, ranges(before));

    float[] expected = OrtRun.run(before, BATCH, SEED).get(y);
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, OrtRun.run(after, BATCH, SEED).get(y), 0.05f * largest);
    // In the same steps, so that cropping is done on the steps.
    assertEquals(after.constants().get("scaled.step"), after.constants().get("crop.step"));
  }

  private static Tensor border() {
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      boolean inside = i / 8 % 7 != 0 && i % 8 % 7 != 0;
      values[i] = inside ? 1 : 10;
    }
    return Tensor.floats(values, 1, 1, 8, 8);
  }

  private String convolution(String input, String name, long padding) {
    long[] pads = {padding, padding, padding, padding};
    return graph.add(
        Operator.CONV,
        Attributes.none().with("pads", pads),
        name,
        input,
        graph.constant(name + ".w", RandomTensors.normal(random, 4, 4, 3, 3)));
  }

  /** What each value takes on the numbers that the test runs on. */
  private static Map<String, Range> ranges(Graph graph) throws OrtException {
    Map<String, Range> ranges = new HashMap<>();
    OrtRun.run(graph.withOutputs(Int8.values(graph)), BATCH, SEED)
        .forEach(
            (name, values) -> {
              float[] sorted = values.clone();
              Arrays.sort(sorted);
              ranges.put(name, new Range(sorted[0], sorted[sorted.length - 1]));
            });
    return ranges;
  }
}
