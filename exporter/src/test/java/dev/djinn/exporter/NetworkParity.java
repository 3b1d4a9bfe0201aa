package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.pass.Optimization;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Compares graphs of networks, plain and rewritten, with the same networks run by DJL. */
final class NetworkParity {
  private static final int CLASSES = 3;
  private static final double TOLERANCE = 2e-5;

  private NetworkParity() {}

  /** Checks a network of one layer. */
  static void check(Shape input, Layer layer) {
    check(input, List.of(layer), 1);
  }

  /** Checks a network of layers with weights and inputs from a seed. */
  static void check(Shape input, List<Layer> layers, long seed) {
    Network network = new Network("network", input, CLASSES, layers);
    Random random = new Random(seed);
    Weights weights = RandomWeights.of(network, random);
    Graph plain = OnnxExporter.graph(network, weights);
    Graph rewritten = Optimization.applyAll(plain, EnumSet.allOf(Optimization.class));
    try (TrainedNetwork trained = new TrainedNetwork(network, weights);
        OnnxRun plainRun = OnnxRun.open(OnnxWriter.write(plain, Map.of()));
        OnnxRun rewrittenRun = OnnxRun.open(OnnxWriter.write(rewritten, Map.of()))) {
      for (int batch : new int[] {1, 3}) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Tensor x = RandomTensors.normal(random, batched(batch, input));
        Tensor label = Tensor.vector(random.longs(batch, 0, CLASSES).toArray());
        inputs.put("input", x);
        if (network.conditional()) {
          inputs.put("label", label);
        }
        Tensor expected = trained.run(x, label);
        same(layers + " seed " + seed + " plain", expected, plainRun.run(inputs).get("output"));
        same(
            layers + " seed " + seed + " rewritten to\n" + rewritten,
            expected,
            rewrittenRun.run(inputs).get("output"));
      }
    }
  }

  /** Each number within the tolerance of the largest one. */
  private static void same(String what, Tensor expected, Tensor made) {
    assertEquals(expected.dims(), made.dims(), what);
    float[] a = expected.floats();
    float[] b = made.floats();
    double scale = 1;
    for (float value : a) {
      scale = Math.max(scale, Math.abs(value));
    }
    for (int i = 0; i < a.length; i++) {
      double error = Math.abs((double) a[i] - b[i]) / scale;
      assertTrue(error <= TOLERANCE, what + ": " + a[i] + " became " + b[i] + " at " + i);
    }
  }

  private static long[] batched(int batch, Shape shape) {
    long[] dims = new long[shape.dimension() + 1];
    dims[0] = batch;
    System.arraycopy(shape.getShape(), 0, dims, 1, shape.dimension());
    assertEquals(shape.size() * batch, Arrays.stream(dims).reduce(1, (p, q) -> p * q));
    return dims;
  }
}
