package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtException;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.Operator;
import dev.djinn.graph.OrtRun;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfWeightsTest {
  @Test
  void everyHalfIsItself() {
    for (int bits = 0; bits < 0x10000; bits++) {
      if ((bits & 0x7c00) != 0x7c00) {
        assertEquals((short) bits, HalfWeights.half(value(bits)));
      }
    }
  }

  @Test
  void betweenTwoHalvesGoesToTheNearerAndATieToTheEvenOne() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = value(bits);
      float high = value(bits + 1);
      float middle = (low + high) / 2;
      assertEquals((short) bits, HalfWeights.half(Math.nextDown(middle)));
      assertEquals((short) (bits + (bits & 1)), HalfWeights.half(middle));
      assertEquals((short) (bits + 1), HalfWeights.half(Math.nextUp(middle)));
    }
  }

  @Test
  void keepsSignsAndMarksWhatIsTooLarge() {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      float value = (float) random.nextGaussian();
      assertEquals((short) (HalfWeights.half(value) ^ 0x8000), HalfWeights.half(-value));
    }
    assertEquals((short) 0x7bff, HalfWeights.half(65519));
    assertEquals((short) 0x7c00, HalfWeights.half(65520));
    assertEquals((short) 0xfc00, HalfWeights.half(Float.NEGATIVE_INFINITY));
    assertEquals((short) 0x7e00, HalfWeights.half(Float.NaN));
  }

  @Test
  void aGraphComputesWithTheNearestHalves() throws OrtException {
    Random random = new Random(2);
    Tensor weight = RandomTensors.normal(random, 20, 30);
    float[] rounded = weight.floats();
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = value(HalfWeights.half(rounded[i]) & 0xffff);
    }
    Graph halved = HalfWeights.apply(dense(weight));
    assertEquals(ElementType.FLOAT16, halved.constants().get("w.half").type());
    assertArrayEquals(
        OrtRun.run(dense(Tensor.floats(rounded, 20, 30)), 3, 5).get("y"),
        OrtRun.run(halved, 3, 5).get("y"),
        1e-6f);
  }

  @Test
  void whatIsSmallOrBeyondTheHalvesStays() {
    Graph small = dense(RandomTensors.normal(new Random(3), 5, 30));
    assertEquals(small.toString(), HalfWeights.apply(small).toString());
    float[] values = RandomTensors.normal(new Random(3), 20, 30).floats();
    values[7] = 70_000;
    Graph large = dense(Tensor.floats(values, 20, 30));
    assertEquals(large.constants(), HalfWeights.apply(large).constants());
  }

  private static Graph dense(Tensor weight) {
    GraphBuilder graph = new GraphBuilder("halves");
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 30));
    graph.output(
        graph.add(
            Operator.GEMM,
            Attributes.none().with("transB", 1),
            "y",
            x,
            graph.constant("w", weight)));
    return graph.build();
  }

  /** What a half's bits stand for, by IEEE 754's definition. */
  private static float value(int bits) {
    int exponent = (bits >> 10) & 31;
    int fraction = bits & 0x3ff;
    double size =
        exponent == 0
            ? fraction * Math.pow(2, -24)
            : (1024 + fraction) * Math.pow(2, exponent - 25);
    return (float) ((bits & 0x8000) == 0 ? size : -size);
  }
}
