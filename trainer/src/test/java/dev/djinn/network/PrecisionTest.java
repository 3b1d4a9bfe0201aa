package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * bfloat16 keeps 8 significant bits, so that each product is off by at most 1/256 of itself;
 * libtorch computes it on every processor, if slowly on some. float32 is the reference.
 */
class PrecisionTest {
  private static final double MOST = 0.02;

  /** What float32 sums in another order come to is a thousand times less. */
  private static final double LEAST = 1e-4;

  private static final String GRADIENTS =
      """
      def gradients(self, y: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
        return torch.autograd.grad([torch.sum(torch.mul(y, y))], p)
      """;

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

  /** The same weights in each precision. */
  private NetworkBlock block(String layers, Shape input, Precision precision) {
    TorchEngine.get().setRandomSeed(7);
    Network network =
        NetworkFile.read(
            "net",
            input,
            3,
            YamlCursor.parse("layers: " + layers, "mine.yaml").get("layers"),
            Map.of(),
            false);
    return NetworkBlock.create(network, precision, manager);
  }

  private NDArray label() {
    return manager.create(new long[] {0, 1, 2, 0, 1, 2, 0, 1});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[conv: {channels: 16, kernel: 3, init: normal 0.1}]",
        "[conv: {channels: 16, kernel: 3, padding: wrap, bias: false, init: normal 0.1}]",
        "[conv: {channels: 16, kernel: 4, stride: 2, init: normal 0.1}, leaky-relu: 0.2]",
        "[conv: {channels: 12, kernel: 3, groups: 4, spectral-norm: true, init: normal 0.1}]",
        "[deconv: {channels: 16, kernel: 4, stride: 2, init: normal 0.1}, relu]",
        "[upsample: 2, conv: {channels: 16, kernel: 3, init: normal 0.1}, tanh]",
        "[upsample: {scale: 2, filter: [1, 2, 1]}, conv: {channels: 8, kernel: 1, init: normal 0.3}]",
        "[downsample: {scale: 2, filter: [1, 2, 1]}, conv: {channels: 8, kernel: 1, init: normal 0.3}]",
        "[conv: {channels: 16, kernel: 3, bias: false, init: normal 0.1}, batch-norm: {momentum: 0.9, epsilon:"
            + " 1e-5}, leaky-relu: 0.2]",
        "[conv: {channels: 16, kernel: 3, init: normal 0.1}, max-pool: {kernel: 2}]",
        "[conv: {channels: 16, kernel: 3, init: normal 0.1}, average-pool: {kernel: 2}, sigmoid]",
        "[label-one-hot: 2.5, conv: {channels: 16, kernel: 3, init: normal 0.1}, label-channel]",
        "[residual: {body: [conv: {channels: 4, kernel: 3, init: normal 0.2}, leaky-relu: 0.2]}]",
        "[residual: {body: [conv: {channels: 8, kernel: 3, init: normal 0.2}], shortcut: [conv:"
            + " {channels: 8, kernel: 1, init: normal 0.5}]}, crop: [6, 5], leaky-relu: 0.1]",
        "[flatten, dense: {units: 32, init: normal 0.1}, label-multiply: {init: normal 1}, dense:"
            + " {units: 2, init: normal 0.2}]",
        "[flatten, dense: {units: 64, init: normal 0.1}, reshape: [16, 2, 2], conv: {channels: 8,"
            + " kernel: 3, init: normal 0.1}]",
        "[flatten, dense: {units: 16, init: normal 0.1}, basis: {height: 2, width: 2}, deconv:"
            + " {channels: 8, kernel: 4, stride: 2, init: normal 0.1}]",
      })
  void learningIsAlmostThatOfFloat32AndAllElseIsThat(String layers) {
    Shape input = new Shape(4, 8, 8);
    TorchEngine.get().setRandomSeed(3);
    NDArray x = manager.randomNormal(new Shape(8).addAll(input));
    NetworkBlock exact = block(layers, input, Precision.FP32);
    NetworkBlock fast = block(layers, input, Precision.BF16);
    assertArrayEquals(draw(exact, x), draw(fast, x));
    // Where two pixels are almost alike, another of them may be the largest.
    double most = layers.contains("max-pool") ? 10 * MOST : MOST;
    NDList expected = learn(exact, x);
    NDList actual = learn(fast, x);
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(DataType.FLOAT32, actual.get(i).getDataType());
      assertEquals(expected.get(i).getShape(), actual.get(i).getShape());
      assertTrue(distance(expected.get(i), actual.get(i)) < most, "array " + i);
    }
    assertTrue(distance(expected.get(0), actual.get(0)) > LEAST, "that was float32");
  }

  /** The output, then its gradients by x and each array. */
  private NDList learn(NetworkBlock block, NDArray x) {
    x.setRequiresGradient(true);
    TorchScript script = TorchScript.compile(manager, GRADIENTS);
    NDArray y = GradientMode.recorded(() -> block.run(x, label(), Mode.TRAINING));
    NDList by = new NDList(x);
    by.addAll(block.trained());
    NDList all = new NDList(y);
    all.addAll(GradientMode.recorded(() -> script.call("gradients", y, by)));
    return all;
  }

  private float[] draw(NetworkBlock block, NDArray x) {
    return GradientMode.unrecorded(() -> block.run(x, label(), Mode.INFERENCE).toFloatArray());
  }

  /** ‖a − b‖ / ‖a‖. */
  private static double distance(NDArray a, NDArray b) {
    float[] left = a.toFloatArray();
    float[] right = b.toFloatArray();
    double difference = 0;
    double length = 0;
    for (int i = 0; i < left.length; i++) {
      difference += Math.pow(left[i] - right[i], 2);
      length += Math.pow(left[i], 2);
    }
    return Math.sqrt(difference / length);
  }

  @Test
  void dropoutDropsItsShareAndScalesTheRest() {
    String layers = "[conv: {channels: 16, kernel: 3, init: normal 0.1}, dropout: 0.3]";
    Shape input = new Shape(4, 8, 8);
    NDArray x = manager.randomNormal(new Shape(8).addAll(input));
    NetworkBlock block = block(layers, input, Precision.BF16);
    float[] whole = draw(block, x);
    float[] dropped =
        GradientMode.unrecorded(() -> block.run(x, null, Mode.TRAINING)).toFloatArray();
    int zeros = 0;
    for (int i = 0; i < whole.length; i++) {
      if (dropped[i] == 0) {
        zeros++;
      } else {
        assertEquals(whole[i] / 0.7, dropped[i], 0.05);
      }
    }
    // 8,192 draws have a standard deviation of 0.005.
    assertEquals(0.3, zeros / (double) whole.length, 0.02);
  }
}
