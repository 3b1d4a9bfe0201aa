package dev.djinn.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationMeasuresTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    System.setProperty("ai.djl.offline", "true");
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** Rows of normal numbers, mean and deviation as given. */
  private NDArray normal(long seed, int rows, int width, double mean, double deviation) {
    Random random = new Random(seed);
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return manager.create(values, new Shape(rows, width));
  }

  @Nested
  class FrechetDistance {
    @Test
    void ofIndependentNormalsIsTheClosedForm() {
      // Diagonal covariances commute: Σ (μ₁ − μ₂)² + (σ₁ − σ₂)².
      Gaussian a = Gaussian.of(new double[] {1, 2}, new double[] {4, 0, 0, 9}, 2);
      Gaussian b = Gaussian.of(new double[] {0, 4}, new double[] {1, 0, 0, 16}, 2);
      assertEquals(1 + 4 + (2 - 1) * (2 - 1) + (3 - 4) * (3 - 4), a.frechetDistance(b), 1e-12);
    }

    @Test
    void ofCorrelatedNormalsAgreesWithTheTwoByTwoFormula() {
      // For 2×2, tr(M^½) = √(tr M + 2 √det M), M = Σ₁Σ₂.
      double[] s1 = {2, 0.5, 0.5, 1};
      double[] s2 = {1, -0.3, -0.3, 3};
      double trace = s1[0] * s2[0] + 2 * s1[1] * s2[1] + s1[3] * s2[3];
      double det = (s1[0] * s1[3] - s1[1] * s1[1]) * (s2[0] * s2[3] - s2[1] * s2[1]);
      double expected = 3 + 4 - 2 * Math.sqrt(trace + 2 * Math.sqrt(det));
      Gaussian a = Gaussian.of(new double[2], s1, 2);
      Gaussian b = Gaussian.of(new double[2], s2, 2);
      assertEquals(expected, a.frechetDistance(b), 1e-12);
      assertEquals(expected, b.frechetDistance(a), 1e-12);
    }

    @Test
    void ofASetWithItselfIsNothing() {
      Gaussian a = Gaussian.of(normal(1, 300, 8, 0, 1));
      assertEquals(0, a.frechetDistance(a), 1e-9);
    }

    @Test
    void survivesFeaturesThatNeverDiffer() {
      NDArray constant = manager.ones(new Shape(50, 3));
      assertEquals(3, Gaussian.of(constant).frechetDistance(Gaussian.of(constant.add(1))), 1e-9);
    }

    @Test
    void fitsMeanAndUnbiasedCovariance() {
      NDArray rows = manager.create(new float[] {1, 0, 3, 4, 5, 2}, new Shape(3, 2));
      // Means 3 and 2; deviations (−2, −2), (0, 2), (2, 0): covariance [[4, 2], [2, 4]].
      Gaussian expected = Gaussian.of(new double[] {3, 2}, new double[] {4, 2, 2, 4}, 2);
      assertEquals(0, Gaussian.of(rows).frechetDistance(expected), 1e-9);
    }

    @Test
    void ofASampleComesCloseToTheDistributions() {
      Gaussian a = Gaussian.of(normal(1, 20_000, 3, 0, 1));
      Gaussian b = Gaussian.of(normal(2, 20_000, 3, 2, 3));
      assertEquals(3 * (4 + 4), a.frechetDistance(b), 0.7);
    }
  }

  @Nested
  class KernelDistances {
    @Test
    void ofTwoTinySetsIsTheSumByHand() {
      // Width 1, kernel (xy + 1)³. Within {0, 1}: k(0, 1) = 1, so 1. Within {1, 2}: k(1, 2) = 27.
      // Across: k(0, 1) + k(0, 2) + k(1, 1) + k(1, 2) = 1 + 1 + 8 + 27 = 37, mean 9.25.
      NDArray a = manager.create(new double[] {0, 1}, new Shape(2, 1));
      NDArray b = manager.create(new double[] {1, 2}, new Shape(2, 1));
      assertEquals(1 + 27 - 2 * 9.25, KernelDistance.discrepancy(a, b), 1e-12);
    }

    @Test
    void isUnbiasedForEqualDistributions() {
      KernelDistance same =
          KernelDistance.of(normal(1, 3000, 4, 0, 1), normal(2, 3000, 4, 0, 1), 7);
      KernelDistance other =
          KernelDistance.of(normal(1, 3000, 4, 0, 1), normal(2, 3000, 4, 0.5, 1), 7);
      assertEquals(0, same.mean(), 3 * same.spread() + 1e-3);
      assertTrue(other.mean() > 10 * Math.abs(same.mean()), other + " against " + same);
    }
  }

  @Nested
  class SmallSets {
    @Test
    void haveTheSpreadOfSubsetsOfHalfTheirSize() {
      // Fresh pairs of 300, beside subsets of 300 of two sets of 600: a subset without replacement
      // varies by √(1 − 300 / 600) of that.
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 50; i++) {
        NDArray a = normal(100 + i, 300, 4, 0, 1).toType(DataType.FLOAT64, false);
        NDArray b = normal(200 + i, 300, 4, 0.5, 1).toType(DataType.FLOAT64, false);
        double distance = KernelDistance.discrepancy(a, b);
        sum += distance;
        squares += distance * distance;
      }
      double fresh = Math.sqrt(squares / 50 - sum / 50 * sum / 50);
      KernelDistance found =
          KernelDistance.of(normal(1, 600, 4, 0, 1), normal(2, 600, 4, 0.5, 1), 7);
      assertEquals(Math.sqrt(0.5) * fresh, found.spread(), 0.3 * fresh);
    }

    @Test
    void ofTwoAreComparedWhole() {
      // As ofTwoTinySetsIsTheSumByHand: no subset of two has a pair of its own.
      NDArray a = manager.create(new float[] {0, 1}, new Shape(2, 1));
      NDArray b = manager.create(new float[] {1, 2}, new Shape(2, 1));
      assertEquals(1 + 27 - 2 * 9.25, KernelDistance.of(a, b, 7).mean(), 1e-12);
    }
  }

  @Nested
  class Balls {
    @Test
    void onALineAreAsWorkedOutByHand() {
      // k = 1. Real 0, 1, 3: radii 1, 1, 2. Generated 0.5, 10, 11: radii 9.5, 1, 1.
      // 0.5 lies in the balls of 0 and 1, and 2.5 from 3: outside. 10 and 11 lie in none.
      NDArray real = manager.create(new float[] {0, 1, 3}, new Shape(3, 1));
      NDArray generated = manager.create(new float[] {0.5f, 10, 11}, new Shape(3, 1));
      Neighbourhoods found = Neighbourhoods.of(real, generated, 1);
      assertEquals(1 / 3.0, found.precision(), 1e-12);
      assertEquals(2 / 3.0, found.density(), 1e-12);
      assertEquals(2 / 3.0, found.coverage(), 1e-12);
      assertEquals(1, found.recall(), 1e-12); // all within 9.5 of 0.5
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void ofEqualSetsAreAllFull(long seed) {
      NDArray x = normal(seed, 2100, 6, 0, 1);
      Neighbourhoods found = Neighbourhoods.of(x, x, 5);
      assertEquals(1, found.precision());
      assertEquals(1, found.recall());
      assertEquals(1, found.coverage());
      // Each lies in its own ball and in those of whom it is one of the five nearest: 6 in all,
      // less some of the fifth nearest, which lie on the rim, where rounding decides.
      assertEquals(6 / 5.0, found.density(), 0.01);
    }

    @Test
    void ofDisjointSetsAreEmpty() {
      Neighbourhoods found =
          Neighbourhoods.of(normal(1, 200, 4, 0, 1), normal(2, 200, 4, 100, 1), 5);
      assertEquals(new Neighbourhoods(0, 0, 0, 0), found);
    }

    @Test
    void densityAndCoverageBarelyFeelOneOutlierWhereRecallDoes() {
      NDArray real = normal(1, 500, 4, 0, 1);
      NDArray generated = normal(2, 500, 4, 30, 0.01);
      NDArray outlier = generated.duplicate();
      outlier.set(new NDIndex("0:5"), normal(3, 5, 4, 0, 1));
      // Five strays near the data: their balls do not reach further than among themselves.
      assertEquals(0, Neighbourhoods.of(real, generated, 5).recall());
      assertEquals(1, Neighbourhoods.of(real, outlier, 5).recall());
      assertTrue(Neighbourhoods.of(real, outlier, 5).coverage() < 0.1);
    }

    @Test
    void needMoreElementsThanNeighbours() {
      NDArray five = normal(1, 5, 2, 0, 1);
      assertThrows(IllegalArgumentException.class, () -> Neighbourhoods.of(five, five, 5));
    }
  }

  @Nested
  class Histogram {
    @Test
    void divergesAsTheFormulaSays() {
      ClassHistogram found = ClassHistogram.of(List.of(0, 0, 0, 2), List.of(0.5, 0.25, 0.25));
      assertEquals(List.of(3, 0, 1), found.counts());
      assertEquals(2, found.found());
      assertEquals(0, found.least());
      assertEquals(0.75 * Math.log(1.5), found.divergence(), 1e-12);
    }
  }
}
