package dev.djinn.exporter.block;

import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * DJL's norms. Neither block tells its epsilon, nor batch norm its axis: both are found by running
 * the block with parameters that make the answer a function of them alone.
 */
final class NormBlocks {
  private NormBlocks() {}

  /** BatchNormalization with the running statistics; Mul and Add on another axis than 1. */
  static List<String> batchNorm(BatchNorm block, BlockScope at) {
    Tensor gamma = at.parameter("gamma");
    int channels = gamma.size();
    float epsilon = batchNormEpsilon(at, channels);
    int axis = batchNormAxis(at, channels, epsilon);
    if (axis == 1) {
      return List.of(
          at.add(
              Operator.BATCH_NORMALIZATION,
              Attributes.none().with("epsilon", epsilon),
              at.input(),
              at.weight("gamma"),
              at.weight("beta"),
              at.weight("runningMean"),
              at.weight("runningVar")));
    }
    float[] scale = gamma.floats();
    float[] shift = at.parameter("beta").floats();
    float[] mean = at.parameter("runningMean").floats();
    float[] variance = at.parameter("runningVar").floats();
    for (int i = 0; i < channels; i++) {
      double factor = scale[i] / Math.sqrt((double) variance[i] + epsilon);
      scale[i] = (float) factor;
      shift[i] = (float) (shift[i] - mean[i] * factor);
    }
    long[] dims = new long[at.typeOf(at.input()).rank()];
    Arrays.fill(dims, 1);
    dims[axis] = channels;
    String scaled =
        at.add(Operator.MUL, at.input(), at.constant("scale", Tensor.floats(scale, dims)));
    return List.of(at.add(Operator.ADD, scaled, at.constant("shift", Tensor.floats(shift, dims))));
  }

  /** With mean and variance 0, gamma 1 and beta 0, x = 1 gives 1 / √ε. */
  private static float batchNormEpsilon(BlockScope at, int channels) {
    float made =
        at.run(
                List.of(at.samples().first(1, i -> 1)),
                Map.of(
                    "gamma", filled(1, channels),
                    "beta", filled(0, channels),
                    "runningMean", filled(0, channels),
                    "runningVar", filled(0, channels)))
            .get(0)
            .floats()[0];
    return shortest(1 / ((double) made * made));
  }

  /**
   * With gamma 1, 2, 3, … the output of x = 1 counts up along the channels' axis, in 1 / √(1+ε).
   */
  private static int batchNormAxis(BlockScope at, int channels, float epsilon) {
    TensorType type = at.typeOf(at.input());
    float[] counting = new float[channels];
    for (int i = 0; i < channels; i++) {
      counting[i] = i + 1;
    }
    float[] made =
        at.run(
                List.of(at.samples().first(1, i -> 1)),
                Map.of(
                    "gamma", Tensor.floats(counting, channels),
                    "beta", filled(0, channels),
                    "runningMean", filled(0, channels),
                    "runningVar", filled(1, channels)))
            .get(0)
            .floats();
    double unit = 1 / Math.sqrt(1 + (double) epsilon);
    for (int axis = 1; axis < type.rank(); axis++) {
      int inner = 1;
      for (int i = axis + 1; i < type.rank(); i++) {
        inner *= (int) type.dim(i);
      }
      boolean fits = type.dim(axis) == channels;
      for (int i = 0; fits && i < made.length; i++) {
        fits = Math.round(made[i] / unit) == i / inner % channels + 1;
      }
      if (fits) {
        return axis;
      }
    }
    throw at.fail("normalises along no axis of " + type);
  }

  /** LayerNormalization over the last dimensions. */
  static List<String> layerNorm(LayerNorm block, BlockScope at) {
    Tensor gamma = at.parameter("gamma");
    int axis = at.typeOf(at.input()).rank() - gamma.dims().size();
    Attributes attributes =
        Attributes.none().with("axis", axis).with("epsilon", layerNormEpsilon(at, gamma));
    return List.of(
        at.add(
            Operator.LAYER_NORMALIZATION,
            attributes,
            at.input(),
            at.weight("gamma"),
            at.weight("beta")));
  }

  /**
   * With gamma 1 and beta 0, numbers ±δ of mean 0 give ±y where y = δ / √(δ² + ε), so that ε = δ²
   * (1 / y² − 1). A δ of about √ε makes that exact; it is found by halving.
   */
  private static float layerNormEpsilon(BlockScope at, Tensor gamma) {
    int size = gamma.size();
    if (size < 2) {
      return 1e-5f; // a single number is its own mean: the output is beta whatever epsilon is
    }
    long[] dims = gamma.tensorType().toArray();
    Map<String, Tensor> plain = Map.of("gamma", filled(1, dims), "beta", filled(0, dims));
    // An odd one out is 0, which leaves the mean and takes its share of the variance.
    int pairs = size / 2 * 2;
    for (double delta = 1; delta > 1e-15; delta /= 2) {
      float d = (float) delta;
      float y =
          at.run(
                  List.of(
                      at.samples()
                          .first(1, i -> i % size >= pairs ? 0 : (i % size % 2 == 0 ? d : -d))),
                  plain)
              .get(0)
              .floats()[0];
      double variance = (double) d * d * pairs / size;
      double epsilon = (double) d * d / ((double) y * y) - variance;
      if (variance < 2 * epsilon) {
        return shortest(epsilon);
      }
    }
    throw at.fail("has an epsilon of 0 or none that can be told");
  }

  /** The shortest decimal within what a float32 measurement can tell. */
  private static float shortest(double measured) {
    for (int digits = 0; digits < 5; digits++) {
      double rounded =
          Double.parseDouble(String.format(Locale.ROOT, "%." + digits + "e", measured));
      if (Math.abs(rounded - measured) <= 2e-6 * Math.abs(measured)) {
        return (float) rounded;
      }
    }
    return (float) measured;
  }

  private static Tensor filled(float value, long... dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    float[] values = new float[(int) size];
    Arrays.fill(values, value);
    return Tensor.floats(values, dims);
  }
}
