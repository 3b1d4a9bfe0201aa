package dev.djinn.graph;

import java.util.Arrays;
import java.util.Random;

/** Seeded tensors. */
public final class RandomTensors {
  private RandomTensors() {}

  /** Normal numbers. */
  public static Tensor normal(Random random, long... dims) {
    return Tensor.floats(floats(random, elements(dims), 0.5), dims);
  }

  /** Numbers over 0.1, as variances are. */
  public static Tensor positive(Random random, long... dims) {
    float[] values = floats(random, elements(dims), 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]) + 0.1f;
    }
    return Tensor.floats(values, dims);
  }

  static float[] floats(Random random, int size, double scale) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  private static int elements(long... dims) {
    return (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
  }
}
