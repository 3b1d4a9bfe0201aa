package dev.djinn.exporter.block;

import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.OnnxRun;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells which of several formulas a block computes: each is built as a graph of its own, run in
 * ONNX Runtime and held against what the block makes of the same numbers.
 */
final class Trial {
  /** A formula: adds its nodes and names what they make. */
  interface Formula {
    List<String> add(BlockScope at);
  }

  /**
   * What a block did.
   *
   * @param given what it read
   * @param made what it made
   * @param byElement whether each number has to agree by its own size, not by the largest
   */
  record Observation(List<Tensor> given, List<Tensor> made, boolean byElement) {}

  private static final double TOLERANCE = 4e-6;

  private final List<TensorType> types;
  private final List<Observation> observations;

  Trial(List<TensorType> types, List<Observation> observations) {
    this.types = List.copyOf(types);
    this.observations = List.copyOf(observations);
  }

  /** Returns the first formula that holds for everything observed. */
  Optional<Formula> first(List<Formula> formulas) {
    return formulas.stream().filter(this::holds).findFirst();
  }

  /** Returns whether a formula gives all that was observed. */
  boolean holds(Formula formula) {
    try (OnnxRun run = OnnxRun.open(model(formula))) {
      for (Observation seen : observations) {
        if (!agrees(seen, run(run, seen.given))) {
          return false;
        }
      }
      return true;
    } catch (GraphException | ExportException e) {
      return false; // shapes that do not fit: not this one
    }
  }

  /** Returns what a formula makes of inputs. */
  List<Tensor> run(Formula formula, List<Tensor> given) {
    try (OnnxRun run = OnnxRun.open(model(formula))) {
      return run(run, given);
    }
  }

  private List<Tensor> run(OnnxRun run, List<Tensor> given) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      if (run.inputs().contains("in" + i)) {
        inputs.put("in" + i, given.get(i));
      }
    }
    return List.copyOf(run.run(inputs).values());
  }

  private byte[] model(Formula formula) {
    GraphBuilder graph = new GraphBuilder("trial");
    List<String> inputs = new ArrayList<>();
    for (TensorType type : types) {
      inputs.add(graph.input("in" + inputs.size(), type));
    }
    BlockScope at = BlockScope.ofFormula(graph, inputs);
    for (String output : formula.add(at)) {
      // An input may be an output too, which ONNX Runtime wants a node for.
      graph.output(at.add(Operator.IDENTITY, output));
    }
    return OnnxWriter.write(graph.build(), Map.of());
  }

  private static boolean agrees(Observation seen, List<Tensor> made) {
    if (made.size() != seen.made.size()) {
      return false;
    }
    for (int i = 0; i < made.size(); i++) {
      Tensor got = made.get(i);
      Tensor wanted = seen.made.get(i);
      if (!got.tensorType().equals(wanted.tensorType())) {
        return false;
      }
      boolean same =
          switch (got.type()) {
            case FLOAT -> agree(got.floats(), wanted.floats(), seen.byElement);
            default -> got.equals(wanted);
          };
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static boolean agree(float[] got, float[] wanted, boolean byElement) {
    double largest = 1;
    for (float value : wanted) {
      largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    for (int i = 0; i < got.length; i++) {
      double bound = TOLERANCE * (byElement ? Math.max(1, Math.abs(wanted[i])) : largest);
      // Float.compare makes NaN and the infinities equal to themselves.
      if (Float.compare(got[i], wanted[i]) != 0
          && !(Math.abs((double) got[i] - wanted[i]) <= bound)) {
        return false;
      }
    }
    return true;
  }
}
