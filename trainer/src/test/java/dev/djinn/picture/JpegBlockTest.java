package dev.djinn.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Worked by hand: a block of one grey g has the first coefficient 8 (g − 128), all others 0. */
class JpegBlockTest {
  private final JpegBlock block = new JpegBlock();

  @Test
  void aGreyThatIsNoneIsToldFromOneThatWasRounded() {
    assertTrue(isPossible(10, 8 * 127));
    assertTrue(isPossible(10, -8 * 128));
    // 8 × 20 beyond black; steps of 10 can have moved it by 8 × 5.
    assertFalse(isPossible(10, -8 * 148));
    // Steps of 40 can have moved it by 8 × 20.
    assertTrue(isPossible(40, -8 * 148));
  }

  @Test
  void aGreyIsPossibleButNotWithAWaveOnTop() {
    assertTrue(isPossible(4, 8 * 100));
    // The first wave across reaches 500 / 8 × √2 × cos(π/16) = 87 above the grey of 228.
    assertFalse(isPossible(4, 8 * 100, 500));
    assertTrue(isPossible(4, 0, 500));
  }

  @Test
  void aLargeWaveOfAnyFrequencyIsImpossible() {
    for (int k = 0; k < 64; k++) {
      block.clear();
      block.set(k, 500);
      assertTrue(block.isPossible(0), "coefficient " + k);
      block.set(k, 1800);
      assertFalse(block.isPossible(0), "coefficient " + k);
    }
  }

  @Test
  void roundingMovesABlockByHalfAStepInEachDirection() {
    int[] steps = new int[64];
    Arrays.fill(steps, 6);
    assertEquals(8 * 3, JpegBlock.rounding(steps), 1e-9);
  }

  private boolean isPossible(int step, float... coefficients) {
    int[] steps = new int[64];
    Arrays.fill(steps, step);
    block.clear();
    for (int k = 0; k < coefficients.length; k++) {
      block.set(k, coefficients[k]);
    }
    return block.isPossible(JpegBlock.rounding(steps));
  }
}
