package dev.djinn.exporter;

import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Network;
import dev.djinn.network.ParameterSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Weights as training could have left them: no zero biases, no trivial running statistics. */
final class RandomWeights {
  private RandomWeights() {}

  static Weights of(Network network, Random random) {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (ParameterSpec spec : network.parameters()) {
      long[] shape = spec.shape().getShape();
      arrays.put(
          spec.name(),
          spec.name().endsWith("running_var")
              ? RandomTensors.positive(random, shape)
              : scaled(RandomTensors.normal(random, shape)));
    }
    return Weights.of(network, arrays);
  }

  /**
   * Wide layers get small weights, so that what reaches the last activation does not saturate it.
   */
  private static Tensor scaled(Tensor tensor) {
    float[] values = tensor.floats();
    if (tensor.dims().size() > 1) {
      double scale = 2.5 / Math.sqrt((double) values.length / tensor.dim(0));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (values[i] * Math.min(1, scale));
      }
    }
    return Tensor.floats(values, tensor.tensorType().toArray());
  }
}
