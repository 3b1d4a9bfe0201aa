package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Each weight is the nearest of 255 steps of its own output channel, the largest one exactly. */
  @Test
  void weightsAreTheNearestStepsOfTheirChannel() throws OrtException {
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    graph.output(convolution(convolution(x, "inner", 1), "last", 1));
    Graph before = graph.build();
    Graph after = Int8.apply(before, ranges(before));
    float[] weights = before.constants().get("inner.w").floats();
    byte[] steps = after.constants().get("inner.weight.q").bytes();
    float[] scales = after.constants().get("inner.weight.step").floats();
    assertEquals(4, scales.length);
    for (int channel = 0; channel < 4; channel++) {
      int most = 0;
      for (int i = 36 * channel; i < 36 * (channel + 1); i++) {
        assertEquals(weights[i], steps[i] * scales[channel], 0.5001f * scales[channel]);
        most = Math.max(most, Math.abs(steps[i]));
      }
      assertEquals(127, most, "channel " + channel);
    }
  }

  /** The last convolution makes the picture, so it keeps its weights and its own steps. */
  @Test
  void theLastConvolutionAndShortSumsStayInFloat() throws OrtException {
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    String pointwise =
        graph.add(
            Operator.CONV,
            "pointwise", // sums of four terms
            convolution(x, "inner", 1),
            graph.constant("p", RandomTensors.normal(random, 4, 4, 1, 1)));
    graph.output(convolution(pointwise, "last", 1));
    Graph before = graph.build();
    Graph after = Int8.apply(before, ranges(before));
    assertEquals(before.constants().get("last.w"), after.constants().get("last.w"));
    assertEquals(before.constants().get("p"), after.constants().get("p"));
    assertTrue(after.constants().containsKey("inner.weight.q"));
  }

  @Test
  void nothingToRewriteIsTheSameGraph() {
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    graph.output(convolution(x, "only", 1));
    Graph before = graph.build();
    assertEquals(List.of(), Int8.values(before));
    assertEquals(before.toString(), Int8.apply(before, Map.of()).toString());
  }

  /**
   * A latent gets 16 bits in two halves. What they lose is a step of the small ones, a 500th of a
   * step of eight bits; what the weights lose is half a step each, whatever the latent has.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLatentKeepsItsDigits(boolean outputsFirst) throws OrtException {
    int inputs = 64;
    String latent = graph.input("latent", TensorType.floats(TensorType.BATCH, inputs));
    // Weights that are whole steps lose nothing, so that all that is seen is the latent's loss.
    float[] whole = new float[inputs * 8];
    for (int i = 0; i < whole.length; i++) {
      int channel = outputsFirst ? i / inputs : i % 8;
      boolean first = outputsFirst ? i % inputs == 0 : i < 8;
      whole[i] = (first ? 127 : random.nextInt(255) - 127) * 0.001f * (channel + 1);
    }
    String w =
        graph.constant(
            "w", outputsFirst ? Tensor.floats(whole, 8, inputs) : Tensor.floats(whole, inputs, 8));
    Attributes attributes = outputsFirst ? Attributes.none().with("transB", 1) : Attributes.none();
    graph.output(graph.add(Operator.GEMM, attributes, "y", latent, w));
    Graph before = graph.build();
    Map<String, Range> ranges = Map.of("latent", new Range(-5, 5));
    float[] expected = OrtRun.run(before, BATCH, SEED).get("y");
    float[] made = OrtRun.run(Int8.apply(before, ranges), BATCH, SEED).get("y");
    float step = new Range(-10, 10).step(); // twice the range, for latents beyond those seen
    float small = new Range(-0.51f * step, 0.51f * step).step();
    for (int i = 0; i < expected.length; i++) {
      float largest = 0.127f * (i % 8 + 1);
      assertEquals(expected[i], made[i], 0.5f * small * inputs * largest + 1e-5f);
    }
  }

  /** Ranges are of the file, so a row is the same whatever stands beside it in the batch. */
  @Test
  void aRowDoesNotDependOnItsBatch() throws OrtException {
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    String y = convolution(convolution(x, "inner", 1), "last", 1);
    graph.output(y);
    Graph before = graph.build();
    Graph after = Int8.apply(before, ranges(before));
    float[] eight = OrtRun.run(after, 8, SEED).get(y);
    float[] one = OrtRun.run(after, 1, SEED).get(y);
    assertArrayEquals(Arrays.copyOf(eight, one.length), one);
  }

  /** What is beyond the range that was seen is cut off at its end, not wrapped round. */
  @Test
  void whatIsBeyondItsRangeIsCutOff() throws OrtException {
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    String y = convolution(convolution(x, "inner", 1), "last", 1);
    graph.output(y);
    Graph before = graph.build();
    Map<String, Range> narrow = new HashMap<>(ranges(before));
    narrow.put("x", new Range(-0.25f, 0.25f));
    Graph after = Int8.apply(before, narrow);
    GraphBuilder clipped = new GraphBuilder("clipped");
    String in = clipped.input("x", TensorType.floats(TensorType.BATCH, 4, 8, 8));
    before.constants().forEach(clipped::constant);
    String cut =
        clipped.add(
            Operator.CLIP,
            "cut",
            in,
            clipped.constant("low", Tensor.scalar(-0.25f)),
            clipped.constant("high", Tensor.scalar(0.25f)));
    Attributes padded = Attributes.none().with("pads", new long[] {1, 1, 1, 1});
    String inner = clipped.add(Operator.CONV, padded, "inner", cut, "inner.w");
    clipped.output(clipped.add(Operator.CONV, padded, "last", inner, "last.w"));
    float[] expected = OrtRun.run(clipped.build(), BATCH, SEED).get("last");
    float[] made = OrtRun.run(after, BATCH, SEED).get(y);
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, made, 0.05f * largest);
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
