package dev.djinn.exporter;

import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.Value;
import dev.djinn.graph.pass.Int8;
import dev.djinn.graph.pass.Range;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds out which numbers a generator's values take, on 512 latents of its prior. */
final class Calibration {
  private static final int ROWS = 512;
  private static final int BATCH = 64;

  /** Not the seed of the latents that the result is tried on. */
  private static final long SEED = 512;

  private Calibration() {}

  /** Returns the range of each value that the eight-bit rewrite asks for. */
  static Map<String, Range> ranges(Graph graph, Generator generator) {
    Map<String, Range> ranges = new HashMap<>();
    List<String> wanted = Int8.values(graph);
    Set<String> given = graph.inputs().stream().map(Value::name).collect(Collectors.toSet());
    List<String> made = wanted.stream().filter(value -> !given.contains(value)).toList();
    List<String> outputs = made.isEmpty() ? graph.outputs() : made;
    try (OnnxRun run = OnnxRun.open(OnnxWriter.write(graph.withOutputs(outputs), Map.of()))) {
      for (int from = 0; from < ROWS; from += BATCH) {
        Map<String, Tensor> inputs = generator.inputs(SEED, from, BATCH);
        Map<String, Tensor> bound = new HashMap<>(inputs);
        bound.keySet().retainAll(run.inputs());
        Map<String, Tensor> seen = run.run(bound);
        seen.putAll(inputs);
        wanted.forEach(value -> ranges.merge(value, range(seen.get(value)), Range::with));
      }
    }
    return ranges;
  }

  private static Range range(Tensor tensor) {
    if (tensor.type() != ElementType.FLOAT) {
      throw new IllegalStateException("a " + tensor + " has no range");
    }
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : tensor.floats()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!(Float.isFinite(low) && Float.isFinite(high))) {
      throw new ExportException("the network makes " + low + " to " + high + " inside itself");
    }
    return new Range(low, high);
  }
}
