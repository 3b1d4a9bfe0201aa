package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What wraps knows no edge: rolling what goes in rolls what comes out. */
class WrapTest {
  private static final WeightSpec NORMAL =
      WeightSpec.of(new WeightInit(WeightInit.Kind.NORMAL, 0.5));
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

  private NetworkBlock block(Shape input, Layer... layers) {
    return NetworkBlock.create(new Network("net", input, 0, List.of(layers)), manager);
  }

  private static float[] run(NetworkBlock block, NDArray x) {
    return GradientMode.unrecorded(() -> block.run(x, null, true).toFloatArray());
  }

  private static float[] rolled(float[] in, int height, int width, int down, int right) {
    float[] out = new float[in.length];
    for (int i = 0; i < in.length; i++) {
      int row = (i / width % height + down) % height;
      int column = (i % width + right) % width;
      out[(i / (height * width) * height + row) * width + column] = in[i];
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({"3, 1, 1", "5, 1, 1", "4, 1, 1", "3, 1, 2", "3, 2, 1", "4, 2, 1"})
  void aConvolutionRolls(int kernel, int stride, int dilation) {
    rolls(new Layer.Conv(3, kernel, stride, Layer.WRAP, dilation, 1, NORMAL), stride, 1);
  }

  @ParameterizedTest
  @CsvSource({"3, 1", "4, 2", "5, 2", "2, 2", "5, 3", "7, 2"})
  void aTransposedConvolutionRolls(int kernel, int stride) {
    rolls(new Layer.Deconv(3, kernel, stride, Layer.WRAP, 0, 1, NORMAL), 1, stride);
  }

  /** Where an input pixel rolls by {@code steps}, an output pixel rolls by {@code scale}. */
  private void rolls(Layer layer, int steps, int scale) {
    NetworkBlock block = block(new Shape(2, 6, 8), layer);
    NDArray x = manager.randomNormal(new Shape(1, 2, 6, 8));
    NDArray moved =
        manager.create(rolled(x.toFloatArray(), 6, 8, 2 * steps, 3 * steps), x.getShape());
    Shape out = block.network().output();
    assertEquals(new Shape(3, 6L * scale / steps, 8L * scale / steps), out);
    assertArrayEquals(
        rolled(run(block, x), (int) out.get(1), (int) out.get(2), 2 * scale, 3 * scale),
        run(block, moved),
        1e-5f);
  }

  /** The middle of a large picture does not see its edge, whatever stands beyond it. */
  @ParameterizedTest
  @CsvSource({"3, 1", "4, 2", "5, 2"})
  void insideItIsTheOperationOfItsKind(int kernel, int stride) {
    Layer wraps = new Layer.Deconv(1, kernel, stride, Layer.WRAP, 0, 1, NORMAL);
    Layer same = new Layer.Deconv(1, kernel, stride, Layer.SAME_UPPER, 0, 1, NORMAL);
    Shape input = new Shape(1, 8, 8);
    NetworkBlock one = block(input, wraps);
    NetworkBlock other = block(input, same);
    other.arrays().get("00.weight").set(one.arrays().get("00.weight").toByteBuffer());
    NDArray x = manager.randomNormal(new Shape(1, 1, 8, 8));
    float[] a = run(one, x);
    float[] b = run(other, x);
    int side = 8 * stride;
    for (int i = 0; i < a.length; i++) {
      int row = i / side;
      int column = i % side;
      if (Math.min(row, column) >= 5 && Math.max(row, column) < side - 5) {
        assertEquals(b[i], a[i], 1e-5f);
      }
    }
  }

  /** Many pictures of a network of nothing but noise: across the edge no more than inside. */
  @Test
  void theStepAcrossTheEdgeIsThatInside() {
    Layer leak = new Layer.Activation(Layer.Activation.Function.LEAKY_RELU, 0.2);
    NetworkBlock block =
        block(
            new Shape(4, 4, 4),
            new Layer.Deconv(8, 4, 2, Layer.WRAP, 0, 1, NORMAL),
            leak,
            new Layer.Upsample(2),
            new Layer.Conv(8, 3, 1, Layer.WRAP, 1, 1, NORMAL),
            leak,
            new Layer.Conv(1, 5, 1, Layer.WRAP, 1, 1, NORMAL));
    float[] pictures = run(block, manager.randomNormal(new Shape(400, 4, 4, 4)));
    double across = 0;
    double inside = 0;
    // The edge lies where a pixel of the first picture ends, so it is compared with such places.
    for (int i = 0; i < pictures.length; i += 16) {
      across += Math.abs(pictures[i + 15] - pictures[i]);
      for (int k = 3; k < 15; k += 4) {
        inside += Math.abs(pictures[i + k] - pictures[i + k + 1]) / 3.0;
      }
    }
    assertEquals(1, across / inside, 0.02);
  }

  @Test
  void whatWouldWrapTwiceIsRefused() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> block(new Shape(1, 2, 2), new Layer.Conv(1, 7, 1, Layer.WRAP, 1, 1, NORMAL)));
    assertTrue(e.getMessage().contains("would wrap more than once round"), e.getMessage());
  }
}
