package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import dev.djinn.network.Layer.Activation;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each layer against DJL's own operator where it has one, else against numbers worked out here. */
class NetworkBlockTest {
  private static final WeightInit NORMAL = new WeightInit(WeightInit.Kind.NORMAL, 0.5);
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get().setRandomSeed(7);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NetworkBlock block(Shape input, int classes, Layer... layers) {
    return NetworkBlock.create(new Network("net", input, classes, List.of(layers)), manager);
  }

  private static NDArray run(NetworkBlock block, NDArray x, NDArray label, boolean training) {
    return GradientMode.unrecorded(() -> block.run(x, label, training));
  }

  private static void set(NetworkBlock block, String name, float... values) {
    block.arrays().get(name).set(FloatBuffer.wrap(values));
  }

  @Test
  void denseIsDjlsLinear() {
    NetworkBlock block = block(new Shape(5), 0, new Layer.Dense(3, WeightSpec.of(NORMAL)));
    set(block, "00.bias", 1, 2, 3);
    NDArray x = manager.randomNormal(new Shape(4, 5));
    NDArray expected =
        Linear.linear(x, block.arrays().get("00.weight"), block.arrays().get("00.bias")).get(0);
    assertArrayEquals(expected.toFloatArray(), run(block, x, null, true).toFloatArray(), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void convolutionIsDjlsConv2d(int stride) {
    Layer conv = new Layer.Conv(6, 3, stride, 1, 1, 2, WeightSpec.of(NORMAL));
    NetworkBlock block = block(new Shape(4, 9, 8), 0, conv);
    set(block, "00.bias", 1, 2, 3, 4, 5, 6);
    NDArray x = manager.randomNormal(new Shape(2, 4, 9, 8));
    NDArray expected =
        Conv2d.conv2d(
                x,
                block.arrays().get("00.weight"),
                block.arrays().get("00.bias"),
                new Shape(stride, stride),
                new Shape(1, 1),
                new Shape(1, 1),
                2)
            .get(0);
    assertArrayEquals(expected.toFloatArray(), run(block, x, null, true).toFloatArray(), 1e-5f);
  }

  /** By its definition: every input element adds its value times the kernel to the output. */
  @ParameterizedTest
  @CsvSource({"3,1", "3,2", "4,2", "5,1", "5,2", "2,2", "1,2", "4,3"})
  void transposedConvolutionScattersTheKernel(int kernel, int stride) {
    Layer.Deconv layer =
        new Layer.Deconv(2, kernel, stride, Layer.SAME, 0, 1, WeightSpec.of(NORMAL));
    NetworkBlock block = block(new Shape(3, 4, 4), 0, layer);
    set(block, "00.bias", 0.5f, -0.5f);
    NDArray x = manager.randomNormal(new Shape(1, 3, 4, 4));
    NDArray y = run(block, x, null, true);
    int side = 4 * stride;
    assertEquals(new Shape(1, 2, side, side), y.getShape());
    float[] in = x.toFloatArray();
    float[] weight = block.arrays().get("00.weight").toFloatArray();
    float[] expected = new float[2 * side * side];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i < side * side ? 0.5f : -0.5f;
    }
    for (int c = 0; c < 3; c++) {
      for (int o = 0; o < 2; o++) {
        for (int h = 0; h < 4; h++) {
          for (int w = 0; w < 4; w++) {
            for (int a = 0; a < kernel; a++) {
              for (int b = 0; b < kernel; b++) {
                int row = h * stride + a - layer.padding();
                int column = w * stride + b - layer.padding();
                if (row >= 0 && row < side && column >= 0 && column < side) {
                  expected[(o * side + row) * side + column] +=
                      in[(c * 4 + h) * 4 + w] * weight[((c * 2 + o) * kernel + a) * kernel + b];
                }
              }
            }
          }
        }
      }
    }
    assertArrayEquals(expected, y.toFloatArray(), 1e-5f, "kernel " + kernel + " stride " + stride);
  }

  @Test
  void batchNormUsesBatchStatisticsInTrainingAndRunningOnesAfter() {
    NetworkBlock block = block(new Shape(1), 0, new Layer.BatchNorm(0.9, 1e-3));
    NDArray x = manager.create(new float[] {1, 3}, new Shape(2, 1));
    // Mean 2, variance 1: (x − 2) / √1.001.
    float unit = (float) (1 / Math.sqrt(1.001));
    assertArrayEquals(new float[] {-unit, unit}, run(block, x, null, true).toFloatArray(), 1e-6f);
    // Running mean 0.9·0 + 0.1·2; libtorch keeps the unbiased variance: 0.9·1 + 0.1·2.
    assertArrayEquals(
        new float[] {0.2f}, block.arrays().get("00.running_mean").toFloatArray(), 1e-6f);
    assertArrayEquals(
        new float[] {1.1f}, block.arrays().get("00.running_var").toFloatArray(), 1e-6f);
    float deviation = (float) Math.sqrt(1.1 + 1e-3);
    assertArrayEquals(
        new float[] {0.8f / deviation, 2.8f / deviation},
        run(block, x, null, false).toFloatArray(),
        1e-6f);
  }

  @Test
  void activationsFollowTheirFormulas() {
    NDArray x = manager.create(new float[] {-2, 0, 3}, new Shape(1, 3));
    assertArrayEquals(new float[] {0, 0, 3}, activate(Activation.Function.RELU, x), 0);
    assertArrayEquals(
        new float[] {-0.4f, 0, 3}, activate(Activation.Function.LEAKY_RELU, x), 1e-6f);
    assertArrayEquals(
        new float[] {(float) Math.tanh(-2), 0, (float) Math.tanh(3)},
        activate(Activation.Function.TANH, x),
        1e-6f);
    assertArrayEquals(
        new float[] {(float) (1 / (1 + Math.exp(2))), 0.5f, (float) (1 / (1 + Math.exp(-3)))},
        activate(Activation.Function.SIGMOID, x),
        1e-6f);
  }

  private float[] activate(Activation.Function function, NDArray x) {
    return run(block(new Shape(3), 0, new Activation(function, 0.2)), x, null, false)
        .toFloatArray();
  }

  @Test
  void dropoutDropsItsShareInTrainingOnly() {
    NetworkBlock block = block(new Shape(10_000), 0, new Layer.Dropout(0.3));
    NDArray ones = manager.ones(new Shape(1, 10_000));
    float[] dropped = run(block, ones, null, true).toFloatArray();
    int zeros = 0;
    for (float value : dropped) {
      assertTrue(value == 0 || Math.abs(value - 1 / 0.7) < 1e-6, "unexpected " + value);
      zeros += value == 0 ? 1 : 0;
    }
    // Five standard deviations of a binomial with n = 10,000, p = 0.3.
    assertEquals(3000, zeros, 230);
    assertArrayEquals(ones.toFloatArray(), run(block, ones, null, false).toFloatArray(), 0);
  }

  @Test
  void upsampleRepeatsAndPoolsReduce() {
    NDArray x = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 1, 2, 2));
    NetworkBlock up = block(new Shape(1, 2, 2), 0, new Layer.Upsample(2));
    NDArray large = run(up, x, null, false);
    assertArrayEquals(
        new float[] {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, large.toFloatArray(), 0);
    NetworkBlock max = block(new Shape(1, 2, 2), 0, new Layer.Pool(Layer.Pool.Kind.MAX, 2, 2));
    assertArrayEquals(new float[] {4}, run(max, x, null, false).toFloatArray(), 0);
    NetworkBlock mean = block(new Shape(1, 2, 2), 0, new Layer.Pool(Layer.Pool.Kind.AVERAGE, 2, 2));
    assertArrayEquals(new float[] {2.5f}, run(mean, x, null, false).toFloatArray(), 0);
  }

  /** The two run as one; apart, in a network each, they must make the same, gradients too. */
  @ParameterizedTest
  @CsvSource({
    "2,3,-1,1",
    "2,5,-1,1",
    "2,1,-1,1",
    "2,7,-1,1",
    "2,4,1,1",
    "2,3,0,1",
    "2,3,2,1",
    "2,1,3,1",
    "3,3,-1,1",
    "3,5,2,1",
    "4,3,-1,1",
    "1,3,-1,1",
    "2,3,-1,2"
  })
  void upsamplingAndConvolutionAreOneOperation(int scale, int kernel, int padding, int stride) {
    Layer up = new Layer.Upsample(scale);
    Layer conv = new Layer.Conv(3, kernel, stride, padding, 1, 1, WeightSpec.of(NORMAL));
    Shape small = new Shape(2, 4, 5);
    NetworkBlock both = block(small, 0, up, conv);
    NetworkBlock first = block(small, 0, up);
    NetworkBlock second = block(new Shape(2, 4L * scale, 5L * scale), 0, conv);
    set(both, "01.bias", 1, 2, 3);
    second.arrays().get("00.weight").set(both.arrays().get("01.weight").toByteBuffer());
    second.arrays().get("00.bias").set(both.arrays().get("01.bias").toByteBuffer());
    NDArray x = manager.randomNormal(new Shape(2).addAll(small));
    NDArray same = x.duplicate();
    x.setRequiresGradient(true);
    same.setRequiresGradient(true);
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def gradients(self, y: Tensor, by: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
              return torch.autograd.grad([torch.sum(torch.mul(y, by))], p)
            """);
    NDArray made = GradientMode.recorded(() -> both.run(x, null, true));
    NDArray expected =
        GradientMode.recorded(() -> second.run(first.run(same, null, true), null, true));
    assertEquals(expected.getShape(), made.getShape());
    assertArrayEquals(expected.toFloatArray(), made.toFloatArray(), 1e-4f);
    NDArray by = manager.randomNormal(made.getShape());
    NDList found = GradientMode.recorded(() -> script.call("gradients", made, by, with(both, x)));
    NDList wanted =
        GradientMode.recorded(() -> script.call("gradients", expected, by, with(second, same)));
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(wanted.get(i).toFloatArray(), found.get(i).toFloatArray(), 1e-3f);
    }
  }

  private static NDList with(NetworkBlock block, NDArray x) {
    NDList arrays = new NDList(block.trained());
    arrays.add(x);
    return arrays;
  }

  @Test
  void cropKeepsTheCentredSquare() {
    // Rows 1 to 3 and columns 1 to 4, numbered as they are read: 11 … 14, 21 … 24, 31 … 34.
    NDArray x =
        manager.create(
            new float[] {11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34}, new Shape(1, 1, 3, 4));
    NetworkBlock three = block(new Shape(1, 3, 4), 0, new Layer.Crop(3));
    assertArrayEquals(
        new float[] {11, 12, 13, 21, 22, 23, 31, 32, 33},
        run(three, x, null, false).toFloatArray(),
        0);
    NetworkBlock two = block(new Shape(1, 3, 4), 0, new Layer.Crop(2));
    assertArrayEquals(new float[] {12, 13, 22, 23}, run(two, x, null, false).toFloatArray(), 0);
    NetworkBlock one = block(new Shape(1, 3, 4), 0, new Layer.Crop(1));
    assertArrayEquals(new float[] {22}, run(one, x, null, false).toFloatArray(), 0);
    NetworkException e =
        assertThrows(NetworkException.class, () -> block(new Shape(1, 3, 4), 0, new Layer.Crop(4)));
    assertTrue(e.getMessage().contains("crop to 4 is larger than (1, 3, 4)"), e.getMessage());
  }

  @Test
  void labelsMultiplyStackAndJoin() {
    NDArray label = manager.create(new long[] {1});
    NetworkBlock multiply = block(new Shape(2), 2, new Layer.LabelMultiply(WeightInit.EMBEDDING));
    set(multiply, "00.embedding", 1, 2, 3, 4);
    NDArray x = manager.create(new float[] {10, 100}, new Shape(1, 2));
    assertArrayEquals(new float[] {30, 400}, run(multiply, x, label, false).toFloatArray(), 0);

    NetworkBlock channel =
        block(new Shape(1, 1, 2), 2, new Layer.LabelChannel(WeightInit.EMBEDDING));
    set(channel, "00.embedding", 1, 2, 3, 4);
    NDArray picture = manager.create(new float[] {7, 8}, new Shape(1, 1, 1, 2));
    assertArrayEquals(
        new float[] {7, 8, 3, 4}, run(channel, picture, label, false).toFloatArray(), 0);

    NetworkBlock vector = block(new Shape(2), 3, new Layer.LabelOneHot(1));
    assertArrayEquals(
        new float[] {10, 100, 0, 1, 0}, run(vector, x, label, false).toFloatArray(), 0);
    NetworkBlock channels = block(new Shape(1, 1, 2), 2, new Layer.LabelOneHot(1));
    assertArrayEquals(
        new float[] {7, 8, 0, 0, 1, 1}, run(channels, picture, label, false).toFloatArray(), 0);
    NetworkBlock scaled = block(new Shape(2), 3, new Layer.LabelOneHot(2.5));
    assertArrayEquals(
        new float[] {10, 100, 0, 2.5f, 0}, run(scaled, x, label, false).toFloatArray(), 0);
  }

  @Test
  void residualAddsBothPaths() {
    Layer dense = new Layer.Dense(2, WeightSpec.of(NORMAL).withoutBias());
    NetworkBlock block = block(new Shape(2), 0, new Layer.Residual(List.of(dense), List.of()));
    set(block, "00.body.00.weight", 1, 2, 3, 4);
    NDArray x = manager.create(new float[] {1, 1}, new Shape(1, 2));
    assertArrayEquals(new float[] {4, 8}, run(block, x, null, false).toFloatArray(), 0);
  }

  /** Activations overwrite what they are given only where nobody else reads it. */
  @Test
  void activationsLeaveAloneWhatOthersRead() {
    Layer relu = new Activation(Activation.Function.RELU, 0);
    Layer dense = new Layer.Dense(2, WeightSpec.of(NORMAL).withoutBias());
    NetworkBlock block =
        block(
            new Shape(2),
            0,
            relu,
            dense,
            new Layer.Residual(List.of(relu, dense), List.of(relu)),
            new Layer.Residual(List.of(relu, dense), List.of()));
    set(block, "01.weight", 1, 0, 0, -1);
    set(block, "02.body.01.weight", 10, 0, 0, 10);
    set(block, "03.body.01.weight", 1, 0, 0, 1);
    NDArray x = manager.create(new float[] {2, 3, -4, 5}, new Shape(2, 2));
    // (2, 3) → (2, −3) → 10 · (2, 0) + (2, 0) → twice that; (−4, 5) → (0, 5) → (0, −5) → 0.
    assertArrayEquals(new float[] {44, 0, 0, 0}, run(block, x, null, true).toFloatArray(), 0);
    assertArrayEquals(new float[] {2, 3, -4, 5}, x.toFloatArray(), 0);
  }

  @Test
  void isADjlBlock() {
    NetworkBlock block = block(new Shape(5), 0, new Layer.Dense(3, WeightSpec.of(NORMAL)));
    NDArray x = manager.randomNormal(new Shape(4, 5));
    NDArray direct = run(block, x, null, false);
    NDArray viaDjl = block.forward(new ParameterStore(manager, false), new NDList(x), false).get(0);
    assertArrayEquals(direct.toFloatArray(), viaDjl.toFloatArray(), 0);
    assertEquals(new Shape(4, 3), block.getOutputShapes(new Shape[] {x.getShape()})[0]);
  }

  @Test
  void initialisersHaveTheirMomentsAndBounds() {
    Shape shape = new Shape(200, 300);
    double glorot = Math.sqrt(6.0 / 500);
    check(WeightInit.GLOROT_UNIFORM.draw(manager, shape), glorot / Math.sqrt(3), glorot);
    NDArray truncated = new WeightInit(WeightInit.Kind.TRUNCATED_NORMAL, 0.02).draw(manager, shape);
    // A unit normal cut at ±2 has variance 1 − 4φ(2) / (2Φ(2) − 1) = 0.7737.
    check(truncated, 0.02 * Math.sqrt(0.773741), 0.04);
    NDArray normal = new WeightInit(WeightInit.Kind.GLOROT_NORMAL, 0).draw(manager, shape);
    check(normal, Math.sqrt(2.0 / 500), 2 * Math.sqrt(2.0 / 500) / 0.87962566);
  }

  @Test
  void equalizedWeightsLearnAsFastAsTheyAreLarge() {
    WeightInit equalized = new WeightInit(WeightInit.Kind.EQUALIZED, Math.sqrt(2));
    NetworkBlock block =
        block(
            new Shape(8, 6, 6),
            0,
            new Layer.Conv(500, 3, 1, Layer.SAME, 1, 1, WeightSpec.of(equalized)),
            new Layer.Reshape(List.of(-1)),
            new Layer.Dense(1, WeightSpec.of(new WeightInit(WeightInit.Kind.EQUALIZED, 1))));
    // √2 / √(8 · 3 · 3) and 1 / √(500 · 6 · 6); biases learn at the rate itself.
    assertEquals(
        List.of(0.166_667, 1.0, 0.007_454, 1.0),
        block.rateScales().stream().map(scale -> Math.round(scale * 1e6) / 1e6).toList());
    float[] weight = block.trained().get(0).toFloatArray();
    double squares = 0;
    for (float value : weight) {
      squares += value * value;
    }
    assertEquals(1.0 / 6, Math.sqrt(squares / weight.length), 0.005);
  }

  private static void check(NDArray array, double deviation, double bound) {
    double sum = 0;
    double squares = 0;
    float most = 0;
    for (float value : array.toFloatArray()) {
      sum += value;
      squares += value * value;
      most = Math.max(most, Math.abs(value));
    }
    int n = (int) array.size();
    assertEquals(0, sum / n, 5 * deviation / Math.sqrt(n));
    assertEquals(1, Math.sqrt(squares / n) / deviation, 0.01);
    assertTrue(most <= bound * 1.0001, most + " beyond " + bound);
    assertTrue(most > bound * 0.98, most + " does not reach " + bound);
  }

  /** Cross-correlation by hand, zeros where the kernel leaves the picture. */
  @ParameterizedTest
  @CsvSource({"3,2,6", "5,2,6", "4,1,5", "3,2,7"})
  void upperPaddingReadsFromTheFirstRowOn(int kernel, int stride, int side) {
    Layer.Conv layer =
        new Layer.Conv(
            1, kernel, stride, Layer.SAME_UPPER, 1, 1, WeightSpec.of(NORMAL).withoutBias());
    NetworkBlock block = block(new Shape(1, side, side), 0, layer);
    float[] w = block.arrays().get("00.weight").toFloatArray();
    NDArray x = manager.randomNormal(new Shape(1, 1, side, side));
    float[] in = x.toFloatArray();
    int out = (side + stride - 1) / stride;
    // TensorFlow's "SAME".
    int before = Math.max((out - 1) * stride + kernel - side, 0) / 2;
    float[] expected = new float[out * out];
    for (int y = 0; y < out; y++) {
      for (int z = 0; z < out; z++) {
        for (int k = 0; k < kernel * kernel; k++) {
          int row = y * stride - before + k / kernel;
          int column = z * stride - before + k % kernel;
          if (row >= 0 && row < side && column >= 0 && column < side) {
            expected[y * out + z] += w[k] * in[row * side + column];
          }
        }
      }
    }
    assertArrayEquals(expected, run(block, x, null, false).toFloatArray(), 1e-4f);
  }

  /** A transposed convolution is the adjoint of the convolution: ⟨C x, y⟩ = ⟨x, Cᵀ y⟩. */
  @ParameterizedTest
  @CsvSource({"3,2", "5,2", "4,2", "4,3", "3,1"})
  void upperTransposedConvolutionIsTheAdjointOfTheConvolution(int kernel, int stride) {
    int small = 5;
    int large = small * stride;
    WeightSpec weights = WeightSpec.of(NORMAL).withoutBias();
    NetworkBlock conv =
        block(
            new Shape(1, large, large),
            0,
            new Layer.Conv(1, kernel, stride, Layer.SAME_UPPER, 1, 1, weights));
    NetworkBlock deconv =
        block(
            new Shape(1, small, small),
            0,
            new Layer.Deconv(1, kernel, stride, Layer.SAME_UPPER, 0, 1, weights));
    set(deconv, "00.weight", conv.arrays().get("00.weight").toFloatArray());
    NDArray x = manager.randomNormal(new Shape(1, 1, large, large));
    NDArray y = manager.randomNormal(new Shape(1, 1, small, small));
    double one = run(conv, x, null, false).mul(y).sum().getFloat();
    double other = run(deconv, y, null, false).mul(x).sum().getFloat();
    assertEquals(one, other, 1e-3);
  }

  @Test
  void modesDifferInStatisticsAndInDropout() {
    NetworkBlock norm = block(new Shape(3), 0, new Layer.BatchNorm(0.5, 1e-3));
    NDArray x = manager.randomNormal(new Shape(8, 3)).mul(2).add(1);
    float[] before = norm.arrays().get("00.running_mean").toFloatArray();
    float[] unmoved = run(norm, x, Mode.UNMOVED).toFloatArray();
    float[] frozen = run(norm, x, Mode.FROZEN).toFloatArray();
    float[] inference = run(norm, x, Mode.INFERENCE).toFloatArray();
    assertArrayEquals(before, norm.arrays().get("00.running_mean").toFloatArray());
    assertArrayEquals(inference, frozen);
    assertArrayEquals(run(norm, x, Mode.TRAINING).toFloatArray(), unmoved);
    NetworkBlock dropout = block(new Shape(100), 0, new Layer.Dropout(0.5));
    NDArray ones = manager.ones(new Shape(1, 100));
    for (Mode mode : Mode.values()) {
      boolean drops = run(dropout, ones, mode).min().getFloat() == 0;
      assertEquals(mode != Mode.INFERENCE, drops, mode.name());
    }
  }

  private static NDArray run(NetworkBlock block, NDArray x, Mode mode) {
    return GradientMode.unrecorded(() -> block.run(x, null, mode));
  }
}
