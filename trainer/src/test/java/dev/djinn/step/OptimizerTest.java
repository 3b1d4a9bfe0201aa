package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.OptimizerSpec;
import dev.djinn.torch.GradientMode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Twenty updates against the published formulas in double. */
class OptimizerTest {
  private static final int UPDATES = 20;
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** One update of one element's state: {parameter, first moment, second moment}. */
  private interface Formula {
    void update(double[] state, double gradient, int t);
  }

  private void follows(OptimizerSpec spec, double secondAtStart, Formula formula) {
    float[] start = {1, -2, 0.5f, 3};
    NDArray p = manager.create(start);
    NDArray q = manager.create(start);
    p.setRequiresGradient(true);
    // q learns twice as fast.
    Optimizer optimizer = new Optimizer(spec, new NDList(p, q), List.of(1.0, 2.0), manager);
    double[][] states = new double[4][];
    for (int i = 0; i < 4; i++) {
      states[i] = new double[] {start[i], 0, secondAtStart};
    }
    Random random = new Random(1);
    int managed = -1;
    for (int t = 1; t <= UPDATES; t++) {
      float[] g = new float[4];
      for (int i = 0; i < 4; i++) {
        // From 1e-6, where ε matters, to 1.
        g[i] = (float) (random.nextGaussian() * Math.pow(10, -2 * i));
        formula.update(states[i], g[i], t);
      }
      try (NDManager scope = manager.newSubManager()) {
        NDArray gradient = scope.create(g);
        GradientMode.unrecorded(
            () -> {
              optimizer.update(scope, new NDList(gradient, gradient.duplicate()), 1);
              return null;
            });
      }
      if (t == 1) {
        managed = manager.getManagedArrays().size();
      }
    }
    float[] expected = new float[4];
    float[] twiceAsFar = new float[4];
    for (int i = 0; i < 4; i++) {
      expected[i] = (float) states[i][0];
      // Neither form's steps depend on where the parameter is.
      twiceAsFar[i] = (float) (start[i] + 2 * (states[i][0] - start[i]));
    }
    assertArrayEquals(expected, p.toFloatArray(), 2e-6f);
    assertArrayEquals(twiceAsFar, q.toFloatArray(), 4e-6f);
    assertEquals(UPDATES, optimizer.updates());
    // Later updates leave nothing behind.
    assertEquals(managed, manager.getManagedArrays().size());
  }

  @Test
  void adamIsKerasForm() {
    OptimizerSpec.Adam adam = new OptimizerSpec.Adam(1e-2, 0.5, 0.999, 1e-7);
    follows(
        adam,
        0,
        (s, g, t) -> {
          s[1] = adam.beta1().start() * s[1] + (1 - adam.beta1().start()) * g;
          s[2] = adam.beta2().start() * s[2] + (1 - adam.beta2().start()) * g * g;
          double rate =
              adam.rate().start()
                  * Math.sqrt(1 - Math.pow(adam.beta2().start(), t))
                  / (1 - Math.pow(adam.beta1().start(), t));
          s[0] -= rate * s[1] / (Math.sqrt(s[2]) + adam.epsilon());
        });
  }

  @Test
  void rmsPropIsTensorFlowsForm() {
    OptimizerSpec.RmsProp rms = new OptimizerSpec.RmsProp(1e-2, 0.9, 1e-10);
    follows(
        rms,
        1,
        (s, g, t) -> {
          s[2] = rms.decay() * s[2] + (1 - rms.decay()) * g * g;
          s[0] -= rms.rate().start() * g / Math.sqrt(s[2] + rms.epsilon());
        });
  }

  /**
   * Second derivatives of a convolution come with the channels last in memory: the same elements in
   * another order.
   */
  @ParameterizedTest
  @MethodSource
  void gradientsMayLieInAnyOrderInMemory(OptimizerSpec spec) {
    float[] values = new float[12];
    float[] expected = new float[12];
    for (int i = 0; i < 12; i++) {
      values[i] = i % 5 - 2.5f;
      // A first step goes one rate against the sign.
      expected[i % 3 * 4 + i / 3] = values[i] < 0 ? 0.1f : -0.1f;
    }
    NDArray p = manager.zeros(new Shape(3, 4));
    Optimizer optimizer = new Optimizer(spec, new NDList(p), List.of(1.0), manager);
    try (NDManager scope = manager.newSubManager()) {
      NDArray gradient = scope.create(values, new Shape(4, 3)).transpose();
      GradientMode.unrecorded(
          () -> {
            optimizer.update(scope, new NDList(gradient), 1);
            return null;
          });
    }
    assertArrayEquals(expected, p.toFloatArray(), 1e-5f);
  }

  static List<OptimizerSpec> gradientsMayLieInAnyOrderInMemory() {
    // Without memory of earlier gradients either form divides by the gradient's size.
    return List.of(
        new OptimizerSpec.Adam(0.1, 0, 0, 1e-9), new OptimizerSpec.RmsProp(0.1, 0, 1e-12));
  }
}
