package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters, learned starts and ends of zeros, against numbers worked out here. */
class ResamplingTest {
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

  private NetworkBlock block(Shape input, Layer layer) {
    return NetworkBlock.create(new Network("net", input, 0, List.of(layer)), manager);
  }

  private static float[] run(NetworkBlock block, NDArray x) {
    return GradientMode.unrecorded(() -> block.run(x, null, true).toFloatArray());
  }

  @Test
  void oneTwoOneInterpolatesBetweenNeighbours() {
    NDArray x = manager.create(new float[] {0, 0, 0, 0, 16, 0, 0, 0, 0}, new Shape(1, 1, 3, 3));
    float[] made = run(block(new Shape(1, 3, 3), new Layer.Upsample(2, List.of(1, 2, 1))), x);
    float[] rows = {0, 1, 3, 3, 1, 0};
    float[] expected = new float[36];
    for (int i = 0; i < 36; i++) {
      expected[i] = rows[i / 6] * rows[i % 6];
    }
    assertArrayEquals(expected, made, 0);
  }

  /** Repeat, then the filter over zeros outside, as the layer's words say. */
  @ParameterizedTest
  @CsvSource({"2,1 2 1", "3,1 2 1", "2,1 4 6 4 1", "1,1 1 1", "2,1"})
  void upsamplingRepeatsThenSmooths(int scale, String weights) {
    List<Integer> filter = filter(weights);
    Shape input = new Shape(2, 3, 4);
    NDArray x = manager.randomNormal(new Shape(1).addAll(input));
    float[] in = x.toFloatArray();
    float[] made = run(block(input, new Layer.Upsample(scale, filter)), x);
    int height = 3 * scale;
    int width = 4 * scale;
    float[] large = new float[2 * height * width];
    for (int i = 0; i < large.length; i++) {
      int row = i / width % height / scale;
      large[i] = in[(i / (height * width) * 3 + row) * 4 + i % width / scale];
    }
    assertArrayEquals(smooth(large, height, width, filter), made, 1e-5f);
  }

  @ParameterizedTest
  @CsvSource({"2,1 2 1,6,4", "2,1 2 1,5,7", "3,1 3 1,6,5", "2,1,4,6"})
  void downsamplingSmoothsThenAverages(int scale, String weights, int height, int width) {
    List<Integer> filter = filter(weights);
    Shape input = new Shape(2, height, width);
    NDArray x = manager.randomNormal(new Shape(1).addAll(input));
    int tall = (height + scale - 1) / scale * scale;
    int wide = (width + scale - 1) / scale * scale;
    float[] in = x.toFloatArray();
    float[] padded = new float[2 * tall * wide];
    for (int i = 0; i < in.length; i++) {
      padded[(i / (height * width) * tall + i / width % height) * wide + i % width] = in[i];
    }
    float[] smooth = smooth(padded, tall, wide, filter);
    float[] expected = new float[smooth.length / scale / scale];
    for (int i = 0; i < smooth.length; i++) {
      int row = i / wide % tall / scale;
      int plane = i / (tall * wide);
      expected[(plane * (tall / scale) + row) * (wide / scale) + i % wide / scale] +=
          smooth[i] / scale / scale;
    }
    assertArrayEquals(expected, run(block(input, new Layer.Downsample(scale, filter)), x), 1e-5f);
  }

  @Test
  void aBasisIsAPictureAChannel() {
    NetworkBlock block =
        block(new Shape(2), new Layer.Basis(1, 2, new WeightInit(WeightInit.Kind.NORMAL, 1)));
    block.arrays().get("00.basis").set(FloatBuffer.wrap(new float[] {1, 2, 3, 4}));
    NDArray x = manager.create(new float[] {10, 100, -1, 0}, new Shape(2, 2));
    assertArrayEquals(new float[] {10, 20, 300, 400, -1, -2, 0, 0}, run(block, x), 0);
  }

  @Test
  void anEqualizedEndOfZerosLearnsLikeItsKind() {
    WeightInit zero = new WeightInit(WeightInit.Kind.EQUALIZED_ZERO, 3);
    NetworkBlock block = block(new Shape(9), new Layer.Dense(2, WeightSpec.of(zero)));
    assertArrayEquals(new float[18], block.trained().get(0).toFloatArray(), 0);
    assertEquals(List.of(1.0, 1.0), block.rateScales());
  }

  private static List<Integer> filter(String weights) {
    return List.of(weights.split(" ")).stream().map(Integer::valueOf).toList();
  }

  private static float[] smooth(float[] in, int height, int width, List<Integer> filter) {
    float[] out = new float[in.length];
    int reach = filter.size() / 2;
    double sum = filter.stream().mapToInt(Integer::intValue).sum();
    for (int i = 0; i < in.length; i++) {
      double value = 0;
      for (int k = 0; k < filter.size(); k++) {
        for (int l = 0; l < filter.size(); l++) {
          int row = i / width % height + k - reach;
          int column = i % width + l - reach;
          if (row >= 0 && row < height && column >= 0 && column < width) {
            float pixel = in[(i / (height * width) * height + row) * width + column];
            value += pixel * filter.get(k) * filter.get(l);
          }
        }
      }
      out[i] = (float) (value / sum / sum);
    }
    return out;
  }
}
