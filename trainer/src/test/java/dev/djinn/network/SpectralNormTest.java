package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpectralNormTest {
  private static final WeightInit NORMAL = new WeightInit(WeightInit.Kind.NORMAL, 0.7);
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get().setRandomSeed(11);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NetworkBlock block(Shape input, Layer... layers) {
    return NetworkBlock.create(new Network("net", input, 0, List.of(layers)), manager);
  }

  private static NDArray run(NetworkBlock block, NDArray x, boolean training) {
    return GradientMode.unrecorded(() -> block.run(x, null, training));
  }

  private static float[] array(NetworkBlock block, String name) {
    return block.arrays().get(name).toFloatArray();
  }

  private static void set(NetworkBlock block, String name, float... values) {
    block.arrays().get(name).set(FloatBuffer.wrap(values));
  }

  /** W = diag(3, 1), u = (1, 1): v = (3, 1)/√10, Wv = (9, 1)/√10, so σ = √82/√10. */
  @Test
  void oneStepByHand() {
    NetworkBlock block =
        block(
            new Shape(2),
            new Layer.Dense(2, WeightSpec.of(NORMAL).withoutBias().withSpectralNorm()));
    set(block, "00.weight", 3, 0, 0, 1);
    set(block, "00.spectral_u", 1, 1);
    NDArray x = manager.create(new float[] {1, 1}, new Shape(1, 2));
    double sigma = Math.sqrt(8.2);
    float[] expected = {(float) (3 / sigma), (float) (1 / sigma)};
    assertArrayEquals(expected, run(block, x, false).toFloatArray(), 1e-6f);
    assertArrayEquals(new float[] {1, 1}, array(block, "00.spectral_u"), 0);
    assertArrayEquals(expected, run(block, x, true).toFloatArray(), 1e-6f);
    // Training keeps u' = (9, 1)/√82; the next step has v = (27, 1)/√730 and Wv = (81, 1)/√730.
    double length = Math.sqrt(82);
    assertArrayEquals(
        new float[] {(float) (9 / length), (float) (1 / length)},
        array(block, "00.spectral_u"),
        1e-6f);
    double next = Math.sqrt(6562 / 730.0);
    assertArrayEquals(
        new float[] {(float) (3 / next), (float) (1 / next)},
        run(block, x, true).toFloatArray(),
        1e-6f);
  }

  static List<Layer> layers() {
    return List.of(
        new Layer.Dense(5, WeightSpec.of(NORMAL).withoutBias().withSpectralNorm()),
        new Layer.Conv(6, 3, 1, 1, 1, 1, WeightSpec.of(NORMAL).withoutBias().withSpectralNorm()),
        new Layer.Conv(4, 3, 2, 1, 1, 2, WeightSpec.of(NORMAL).withSpectralNorm()),
        new Layer.Deconv(3, 4, 2, 1, 0, 1, WeightSpec.of(NORMAL).withSpectralNorm()),
        new Layer.Deconv(6, 3, 1, 1, 0, 2, WeightSpec.of(NORMAL).withoutBias().withSpectralNorm()));
  }

  /** Rows of outputs, each with all that it is made from. */
  private static double[][] matrix(float[] weight, Shape shape, int axis) {
    int rows = (int) shape.get(axis);
    int columns = weight.length / rows;
    double[][] matrix = new double[rows][columns];
    if (axis == 0) {
      for (int i = 0; i < weight.length; i++) {
        matrix[i / columns][i % columns] = weight[i];
      }
      return matrix;
    }
    int kernel = (int) (shape.get(2) * shape.get(3));
    for (int in = 0; in < shape.get(0); in++) {
      for (int out = 0; out < rows; out++) {
        for (int k = 0; k < kernel; k++) {
          matrix[out][in * kernel + k] = weight[(in * rows + out) * kernel + k];
        }
      }
    }
    return matrix;
  }

  /** The largest singular value, by Jacobi's rotations of A Aᵀ until it is diagonal. */
  private static double largestSingularValue(double[][] a) {
    int n = a.length;
    double[][] s = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < a[0].length; k++) {
          s[i][j] += a[i][k] * a[j][k];
        }
      }
    }
    for (int sweep = 0; sweep < 60; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double angle = Math.atan2(2 * s[p][q], s[q][q] - s[p][p]) / 2;
          double c = Math.cos(angle);
          double d = Math.sin(angle);
          for (int k = 0; k < n; k++) {
            double x = s[k][p];
            s[k][p] = c * x - d * s[k][q];
            s[k][q] = d * x + c * s[k][q];
          }
          for (int k = 0; k < n; k++) {
            double x = s[p][k];
            s[p][k] = c * x - d * s[q][k];
            s[q][k] = d * x + c * s[q][k];
          }
        }
      }
    }
    double largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, s[i][i]);
    }
    return Math.sqrt(largest);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void stepsConvergeToTheLargestSingularValue(Layer layer) {
    Shape input = layer instanceof Layer.Dense ? new Shape(7) : new Shape(4, 5, 5);
    NetworkBlock block = block(input, layer);
    NDArray x = manager.randomNormal(new Shape(1).addAll(input));
    for (int i = 0; i < 300; i++) {
      run(block, x, true).close();
    }
    NDArray weight = block.arrays().get("00.weight");
    int axis = layer instanceof Layer.Deconv ? 1 : 0;
    double sigma = largestSingularValue(matrix(weight.toFloatArray(), weight.getShape(), axis));
    float[] divided = weight.toFloatArray();
    for (int i = 0; i < divided.length; i++) {
      divided[i] /= (float) sigma;
    }
    float[] normalised =
        SpectralNorm.normalised(
            weight.toFloatArray(), weight.getShape(), axis, array(block, "00.spectral_u"));
    assertArrayEquals(divided, normalised, 2e-5f, layer.toString());

    NDArray made = run(block, x, false);
    set(block, "00.weight", divided);
    // The same layer without the norm, on the divided weight.
    NetworkBlock plain = block(input, without(layer));
    set(plain, "00.weight", divided);
    assertArrayEquals(
        run(plain, x, false).toFloatArray(), made.toFloatArray(), 1e-4f, layer.toString());
  }

  private static Layer without(Layer layer) {
    if (layer instanceof Layer.Dense l) {
      return new Layer.Dense(
          l.units(), new WeightSpec(l.weights().init(), l.weights().bias(), false));
    }
    if (layer instanceof Layer.Conv l) {
      return new Layer.Conv(
          l.channels(),
          l.kernel(),
          l.stride(),
          l.padding(),
          l.dilation(),
          l.groups(),
          new WeightSpec(l.weights().init(), l.weights().bias(), false));
    }
    Layer.Deconv l = (Layer.Deconv) layer;
    return new Layer.Deconv(
        l.channels(),
        l.kernel(),
        l.stride(),
        l.padding(),
        l.outputPadding(),
        l.groups(),
        new WeightSpec(l.weights().init(), l.weights().bias(), false));
  }

  /** Far from convergence too, the double arithmetic for exporters is what the engine runs. */
  @ParameterizedTest
  @MethodSource("layers")
  void exportersDivideAsTheEngineDoes(Layer layer) {
    Shape input = layer instanceof Layer.Dense ? new Shape(7) : new Shape(4, 5, 5);
    NetworkBlock block = block(input, layer);
    NDArray weight = block.arrays().get("00.weight");
    int axis = layer instanceof Layer.Deconv ? 1 : 0;
    NetworkBlock plain = block(input, without(layer));
    set(
        plain,
        "00.weight",
        SpectralNorm.normalised(
            weight.toFloatArray(), weight.getShape(), axis, array(block, "00.spectral_u")));
    NDArray x = manager.randomNormal(new Shape(2).addAll(input));
    assertArrayEquals(
        run(plain, x, false).toFloatArray(), run(block, x, false).toFloatArray(), 1e-5f);
  }

  @Test
  void theLengthOfTheKeptVectorDoesNotMatter() {
    NetworkBlock block =
        block(new Shape(7), new Layer.Dense(5, WeightSpec.of(NORMAL).withSpectralNorm()));
    NDArray x = manager.randomNormal(new Shape(3, 7));
    float[] expected = run(block, x, false).toFloatArray();
    float[] u = array(block, "00.spectral_u");
    for (int i = 0; i < u.length; i++) {
      u[i] *= 0.125f;
    }
    set(block, "00.spectral_u", u);
    assertArrayEquals(expected, run(block, x, false).toFloatArray(), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aNetworkOfSuchLayersNeverStretchesADistance(long seed) {
    assertTrue(stretch(seed, true) <= 1 + 1e-4, "seed " + seed);
    // The test would notice: without the norm the same weights do stretch.
    assertTrue(stretch(seed, false) > 1.5, "seed " + seed);
  }

  /** The largest ratio of distances after and before, over many pairs of near points. */
  private double stretch(long seed, boolean spectralNorm) {
    TorchEngine.get().setRandomSeed((int) seed);
    NetworkBlock block =
        block(
            new Shape(6),
            new Layer.Dense(
                16, new WeightSpec(NORMAL, Optional.of(WeightInit.ZEROS), spectralNorm)),
            new Layer.Activation(Layer.Activation.Function.LEAKY_RELU, 0.2),
            new Layer.Dense(8, new WeightSpec(NORMAL, Optional.of(WeightInit.ZEROS), spectralNorm)),
            new Layer.Activation(Layer.Activation.Function.TANH, 0),
            new Layer.Dense(
                3, new WeightSpec(NORMAL, Optional.of(WeightInit.ZEROS), spectralNorm)));
    int pairs = 500;
    NDArray from = manager.randomNormal(new Shape(pairs, 6)).mul(0.1f);
    NDArray step = manager.randomNormal(new Shape(pairs, 6)).mul(0.01f);
    for (int i = 0; i < 300; i++) {
      run(block, from, true).close();
    }
    NDArray moved = run(block, from.add(step), false).sub(run(block, from, false));
    float[] ratios = moved.norm(new int[] {1}).div(step.norm(new int[] {1})).toFloatArray();
    double most = 0;
    for (float ratio : ratios) {
      most = Math.max(most, ratio);
    }
    return most;
  }

  /**
   * Where u has converged, treating u and v as constants is exact: the gradient of c·(W/σ(W))x is
   * that of the true σ, taken here by central differences in double.
   */
  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7})
  void gradientsFlowThroughTheNorm(long seed) {
    TorchEngine.get().setRandomSeed((int) seed);
    NetworkBlock block =
        block(
            new Shape(4),
            new Layer.Dense(3, WeightSpec.of(NORMAL).withoutBias().withSpectralNorm()));
    NDArray x = manager.randomNormal(new Shape(1, 4));
    for (int i = 0; i < 1000; i++) {
      run(block, x, true).close();
    }
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def gradients(self, y: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
              return torch.autograd.grad([torch.sum(y)], p)
            """);
    float[] exact =
        GradientMode.recorded(
                () -> script.call("gradients", block.run(x, null, true), block.trained()))
            .singletonOrThrow()
            .toFloatArray();
    float[] input = x.toFloatArray();
    float[] weight = array(block, "00.weight");
    double h = 1e-5;
    for (int i = 0; i < weight.length; i++) {
      double difference = (sum(weight, i, h, input) - sum(weight, i, -h, input)) / (2 * h);
      assertEquals(difference, exact[i], 2e-4, "seed " + seed + ", weight " + i);
    }
  }

  /** Σ (W/σ(W)) x with one element of W moved, in double. */
  private static double sum(float[] weight, int moved, double by, float[] x) {
    double[][] w = matrix(weight, new Shape(3, 4), 0);
    w[moved / 4][moved % 4] += by;
    double sigma = largestSingularValue(w);
    double sum = 0;
    for (double[] row : w) {
      for (int i = 0; i < row.length; i++) {
        sum += row[i] / sigma * x[i];
      }
    }
    return sum;
  }

  /** Two runs before one backward pass, as of real and generated pictures: u has moved between. */
  @Test
  void twoRunsShareAGradient() {
    NetworkBlock block =
        block(
            new Shape(4),
            new Layer.Dense(3, WeightSpec.of(NORMAL).withoutBias().withSpectralNorm()));
    NDArray x = manager.randomNormal(new Shape(2, 4));
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def gradients(self, y: Tensor, z: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
              return torch.autograd.grad([torch.sum(y) + torch.sum(z)], p)
            """);
    NDList gradients =
        GradientMode.recorded(
            () ->
                script.call(
                    "gradients",
                    block.run(x, null, true),
                    block.run(x, null, true),
                    block.trained()));
    assertTrue(Float.isFinite(gradients.singletonOrThrow().sum().getFloat()));
  }

  @Test
  void refusesAWeightOfZeros() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> new Layer.Dense(3, WeightSpec.of(WeightInit.ZEROS).withSpectralNorm()));
    assertEquals("spectral-norm cannot start from a weight of zeros", e.getMessage());
  }
}
