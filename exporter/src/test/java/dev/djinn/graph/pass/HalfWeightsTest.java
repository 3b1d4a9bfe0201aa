package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
