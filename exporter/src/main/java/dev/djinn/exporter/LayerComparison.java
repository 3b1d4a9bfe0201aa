package dev.djinn.exporter;

import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.OnnxReader;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Network;
import dev.djinn.sampler.GeneratorContract;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the layer at which a file stops being its network. The exporter names what a layer makes by
 * the layer's path, and rewrites keep a name only while its meaning stays, so each such value can
 * be compared with the network cut off after that layer.
 */
final class LayerComparison {
  private static final int ROWS = 8;

  private final Generator generator;
  private final Probes probes;
  private final double tolerance;

  LayerComparison(Generator generator, Probes probes, double tolerance) {
    this.generator = generator;
    this.probes = probes;
    this.tolerance = tolerance;
  }

  /** Returns a clause about the first layer that differs. */
  String explain(byte[] model) {
    Graph graph;
    try {
      graph = OnnxReader.read(model).graph();
    } catch (GraphException e) {
      return "its layers cannot be compared: " + e.getMessage();
    }
    Set<String> values =
        graph.nodes().stream().flatMap(node -> node.outputs().stream()).collect(Collectors.toSet());
    List<Network.Step> steps = generator.network().steps();
    List<String> paths =
        steps.stream().map(step -> step.at().path()).filter(values::contains).toList();
    if (paths.isEmpty()) {
      return "none of its values is named after a layer";
    }
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put(GeneratorContract.LATENT, probes.latents(0, ROWS));
    if (generator.network().conditional()) {
      inputs.put(GeneratorContract.LABEL, probes.labels(0, ROWS));
    }
    inputs.keySet().retainAll(graph.inputs().stream().map(input -> input.name()).toList());
    Map<String, Tensor> made;
    byte[] opened = OnnxWriter.write(graph.withOutputs(paths), Map.of());
    try (OnnxRun run = OnnxRun.open(opened)) {
      made = run.run(inputs);
    }
    for (int i = 0; i < steps.size(); i++) {
      String path = steps.get(i).at().path();
      if (made.containsKey(path)) {
        double error = error(made.get(path), expected(i + 1));
        if (!(error <= tolerance)) {
          return "first at layer %s (%s), by %.2e".formatted(path, steps.get(i).layer(), error);
        }
      }
    }
    return "each of the layers %s that it still shows agrees".formatted(paths);
  }

  private Tensor expected(int layers) {
    Network whole = generator.network();
    Network front =
        new Network(
            whole.name(), whole.input(), whole.classes(), whole.layers().subList(0, layers));
    try (TrainedNetwork trained = new TrainedNetwork(front, generator.weights())) {
      return trained.run(probes.latents(0, ROWS), probes.labels(0, ROWS));
    }
  }

  /** Largest difference, relative to the layer's largest value where that is over 1. */
  private static double error(Tensor made, Tensor expected) {
    float[] a = made.floats();
    float[] b = expected.floats();
    if (a.length != b.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    double scale = 1;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs((double) a[i] - b[i]));
      scale = Math.max(scale, Math.abs(b[i]));
    }
    return largest / scale;
  }
}
