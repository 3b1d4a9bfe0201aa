package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Phases of one axis against the operators' own definitions, written out as loops. */
class AxisPhasesTest {
  private static final int LENGTH = 7;

  private final double[] x = new Random(5).doubles(LENGTH).toArray();

  @ParameterizedTest
  @CsvSource({
    "2, 3, 1", "2, 4, 1", "2, 5, 2", "3, 3, 0", "3, 5, 1", "4, 5, 2", "2, 1, 0", "3, 7, 3"
  })
  void phasesOfATransposedConvolutionAreIt(int stride, int kernel, int pad) {
    double[] w = new Random(kernel).doubles(kernel).toArray();
    int outputs = stride * LENGTH;
    double[] expected = new double[outputs];
    for (int i = 0; i < LENGTH; i++) {
      for (int k = 0; k < kernel; k++) {
        int o = stride * i - pad + k; // each input is spread over a window of outputs
        if (o >= 0 && o < outputs) {
          expected[o] += w[k] * x[i];
        }
      }
    }
    assertArrayEquals(expected, made(AxisPhases.ofDeconvolution(stride, kernel, pad), w), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 3, 1", "2, 5, 2", "3, 3, 1", "2, 2, 0", "3, 5, 2", "4, 3, 1", "2, 1, 0", "2, 4, 2"
  })
  void phasesOfAnUpsampledConvolutionAreIt(int scale, int kernel, int pad) {
    double[] w = new Random(kernel).doubles(kernel).toArray();
    double[] large = new double[scale * LENGTH];
    for (int i = 0; i < large.length; i++) {
      large[i] = x[i / scale];
    }
    double[] expected = new double[large.length];
    for (int o = 0; o < large.length; o++) {
      for (int k = 0; k < kernel; k++) {
        int i = o - pad + k;
        expected[o] += i >= 0 && i < large.length ? w[k] * large[i] : 0;
      }
    }
    assertArrayEquals(expected, made(AxisPhases.ofUpsampling(scale, kernel, pad), w), 1e-12);
  }

  /** Output stride · u + v is the sum of w[k] x[u + offset(v, k)]. */
  private double[] made(AxisPhases axis, double[] w) {
    double[] made = new double[axis.stride() * LENGTH];
    for (int o = 0; o < made.length; o++) {
      int u = o / axis.stride();
      int v = o % axis.stride();
      for (int k = 0; k < axis.kernel(); k++) {
        int e = axis.offset().applyAsInt(v, k);
        if (e != AxisPhases.NONE) {
          assertTrue(e >= axis.low(v) && e <= axis.high(v), "outside its window");
          made[o] += u + e >= 0 && u + e < LENGTH ? w[k] * x[u + e] : 0;
        }
      }
    }
    return made;
  }

  /** 5 wide after ×2 reads three inputs in either phase; 3 wide reads two, at other places. */
  @Test
  void windowsAreThoseOfTheReadme() {
    AxisPhases five = AxisPhases.ofUpsampling(2, 5, 2);
    assertEquals(-1, five.low());
    assertEquals(1, five.high());
    assertTrue(five.sameWindows());
    AxisPhases three = AxisPhases.ofUpsampling(2, 3, 1);
    assertEquals(-1, three.low(0));
    assertEquals(0, three.high(0));
    assertEquals(0, three.low(1));
    assertEquals(1, three.high(1));
    assertFalse(three.sameWindows());
  }

  @Test
  void aPhaseThatNoKernelIndexReachesHasTheEmptyWindow() {
    AxisPhases sparse = AxisPhases.ofDeconvolution(3, 2, 0);
    assertEquals(0, sparse.low(2));
    assertEquals(0, sparse.high(2));
    assertEquals(AxisPhases.NONE, sparse.offset().applyAsInt(2, 0));
    assertEquals(AxisPhases.NONE, sparse.offset().applyAsInt(2, 1));
  }
}
