package dev.djinn.exporter;

import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.OnnxReader;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.sampler.GeneratorContract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A file's layers beside its network's. The exporter names what a layer makes by the layer's path,
 * and rewrites keep a name only while its meaning stays, so each such value can be compared with
 * what the network has after that layer.
 *
 * @param layers the layers whose values the file still has, first to last
 * @param problem why there are none; empty otherwise
 */
record LayerComparison(List<LayerError> layers, String problem) {
  private static final int ROWS = 8;

  /**
   * One layer.
   *
   * @param path its path
   * @param layer what it is
   * @param error largest difference, relative to its largest value where that is over 1
   */
  record LayerError(String path, Layer layer, double error) {}

  LayerComparison {
    layers = List.copyOf(layers);
  }

  /** Runs the file with its layers' values as outputs, and the network layer by layer. */
  static LayerComparison of(byte[] model, Generator generator, Probes probes) {
    Graph graph;
    try {
      graph = OnnxReader.read(model).graph();
    } catch (GraphException e) {
      return new LayerComparison(List.of(), "its layers cannot be compared: " + e.getMessage());
    }
    Set<String> values =
        graph.nodes().stream().flatMap(node -> node.outputs().stream()).collect(Collectors.toSet());
    List<Network.Step> steps = generator.network().steps();
    List<String> paths =
        steps.stream().map(step -> step.at().path()).filter(values::contains).toList();
    if (paths.isEmpty()) {
      return new LayerComparison(List.of(), "none of its values is named after a layer");
    }
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put(GeneratorContract.LATENT, probes.latents(0, ROWS));
    if (generator.network().conditional()) {
      inputs.put(GeneratorContract.LABEL, probes.labels(0, ROWS));
    }
    Map<String, Tensor> made;
    try (OnnxRun run = OnnxRun.open(OnnxWriter.write(graph.withOutputs(paths), Map.of()))) {
      inputs.keySet().retainAll(run.inputs());
      made = run.run(inputs);
    }
    List<LayerError> layers = new ArrayList<>();
    Tensor expected = probes.latents(0, ROWS);
    for (Network.Step step : steps) {
      expected = run(step, expected, generator, probes);
      String path = step.at().path();
      if (made.containsKey(path)) {
        layers.add(new LayerError(path, step.layer(), error(made.get(path), expected)));
      }
    }
    return new LayerComparison(layers, "");
  }

  /** Returns a clause about the first layer that differs. */
  String explain(double tolerance) {
    if (!problem.isEmpty()) {
      return problem;
    }
    return layers.stream()
        .filter(layer -> !(layer.error <= tolerance))
        .findFirst()
        .map(
            layer ->
                String.format(
                    Locale.ROOT,
                    "first at layer %s (%s), by %.2e",
                    layer.path,
                    layer.layer,
                    layer.error))
        .orElse(
            "each of the layers %s that it still shows agrees"
                .formatted(layers.stream().map(LayerError::path).toList()));
  }

  /** Runs one layer on what the layers before it made. */
  private static Tensor run(Network.Step step, Tensor input, Generator generator, Probes probes) {
    Network whole = generator.network();
    Network alone =
        new Network(whole.name(), step.at().input(), whole.classes(), List.of(step.layer()));
    Map<String, Tensor> arrays = new HashMap<>();
    step.parameters()
        .forEach(
            spec ->
                arrays.put(
                    alone.steps().get(0).at().path()
                        + spec.name().substring(step.at().path().length()),
                    generator.weights().get(spec.name())));
    try (TrainedNetwork trained = new TrainedNetwork(alone, Weights.of(alone, arrays))) {
      return trained.run(input, probes.labels(0, ROWS));
    }
  }

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
