package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeTest {
  /** 255 steps from the smaller of low and 0 to the larger of high and 0. */
  @ParameterizedTest
  @CsvSource({
    "0, 255, 1, 0",
    "-255, 0, 1, 255",
    "-1, 1.04, 0.008, 125",
    "2, 5.1, 0.02, 0",
    "-5.1, -2, 0.02, 255",
    "-0.1, 0.41, 0.002, 50"
  })
  void stepAndZeroHoldNought(float low, float high, float step, int zero) {
    Range range = new Range(low, high);
    assertEquals(step, range.step(), 1e-6 * step);
    assertEquals(zero, range.zero());
  }

  @Test
  void nothingButNoughtHasAStepAllTheSame() {
    assertEquals(1, new Range(0, 0).step());
    assertEquals(0, new Range(0, 0).zero());
  }

  @Test
  void twoRangesHoldBoth() {
    assertEquals(new Range(-3, 4), new Range(-3, 1).with(new Range(0, 4)));
    assertEquals(new Range(-3, 4), new Range(-3, 4).with(new Range(0, 1)));
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "NaN, 1", "0, NaN", "0, Infinity", "-Infinity, 0"})
  void refusesWhatIsNoRange(float low, float high) {
    assertThrows(IllegalArgumentException.class, () -> new Range(low, high));
  }
}
