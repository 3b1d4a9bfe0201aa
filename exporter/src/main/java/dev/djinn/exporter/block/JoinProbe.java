package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.block.Trial.Formula;
import dev.djinn.exporter.block.Trial.Observation;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out how several values are joined: a ParallelBlock hides the function that joins its
 * children's outputs, so the block and its children are run on the same numbers. Of formulas that
 * all hold, the simplest is taken.
 */
final class JoinProbe {
  private static final List<TrialInputs.Kind> KINDS =
      List.of(
          TrialInputs.Kind.NORMAL,
          TrialInputs.Kind.WIDE,
          TrialInputs.Kind.SCALES,
          TrialInputs.Kind.UNIT);
  private static final List<Integer> BATCHES = List.of(1, 3);

  /** The observation of large numbers of either sign, in the larger batch. */
  private static final int WIDEST = 5;

  private JoinProbe() {}

  /** Converts the join of a block whose children's outputs are {@code values}. */
  static List<String> parallel(List<Block> children, BlockScope at, List<String> values) {
    List<Observation> seen = new ArrayList<>();
    for (TrialInputs.Kind kind : KINDS) {
      for (int batch : BATCHES) {
        List<Tensor> given = at.samples().of(kind, batch);
        List<Tensor> parts = new ArrayList<>();
        children.forEach(child -> parts.addAll(at.runChild(child, given)));
        seen.add(new Observation(parts, at.run(given), false));
      }
    }
    return convert(at.reading(values), seen);
  }

  /** Converts a function of several values. */
  static List<String> lambda(BlockScope at) {
    List<Observation> seen = new ArrayList<>();
    for (TrialInputs.Kind kind : KINDS) {
      for (int batch : BATCHES) {
        List<Tensor> given = at.samples().of(kind, batch);
        seen.add(new Observation(given, at.run(given), false));
      }
    }
    return convert(at, seen);
  }

  private static List<String> convert(BlockScope at, List<Observation> seen) {
    List<TensorType> types = at.inputs().stream().map(at::typeOf).toList();
    Trial trial = new Trial(types, seen);
    List<Formula> joins = joins(types);
    List<Formula> formulas = new ArrayList<>(joins);
    for (Formula join : joins) {
      formulas.addAll(activated(trial, join, seen.get(WIDEST)));
    }
    return trial
        .first(formulas)
        .orElseThrow(
            () ->
                at.fail(
                    "joins %s to %s in a way that is not known (known: concatenation, sum, product,"
                            .formatted(
                                types, seen.get(0).made().stream().map(Tensor::tensorType).toList())
                        + " difference, quotient, mean, each also with an activation; the list"
                        + " itself; one of them); register a converter for a class of its own"))
        .add(at);
  }

  private static List<Formula> joins(List<TensorType> types) {
    List<Formula> joins = new ArrayList<>();
    joins.add(BlockScope::inputs);
    joins.add(at -> chain(at, Operator.ADD));
    joins.add(at -> chain(at, Operator.MUL));
    if (types.size() == 2) {
      joins.add(at -> chain(at, Operator.SUB));
      joins.add(at -> List.of(at.add(Operator.SUB, at.inputs().get(1), at.inputs().get(0))));
      joins.add(at -> chain(at, Operator.DIV));
    }
    joins.add(
        at -> {
          String share = at.constant("share", Tensor.scalar(1f / types.size()));
          return List.of(at.add(Operator.MUL, chain(at, Operator.ADD).get(0), share));
        });
    for (int axis = 1; axis < types.get(0).rank(); axis++) {
      Attributes along = Attributes.none().with("axis", axis);
      joins.add(at -> List.of(at.add(Operator.CONCAT, along, at.inputs().toArray(String[]::new))));
    }
    for (int i = 0; i < types.size(); i++) {
      int which = i;
      joins.add(at -> List.of(at.inputs().get(which)));
    }
    return joins;
  }

  private static List<String> chain(BlockScope at, Operator operator) {
    String made = at.inputs().get(0);
    for (String next : at.inputs().subList(1, at.inputs().size())) {
      made = at.add(operator, made, next);
    }
    return List.of(made);
  }

  /** The join with the activations that fit what was seen. */
  private static List<Formula> activated(Trial trial, Formula join, Observation seen) {
    float[] joined;
    float[] made;
    try {
      List<Tensor> values = trial.run(join, seen.given());
      if (values.size() != 1
          || seen.made().size() != 1
          || !values.get(0).tensorType().equals(seen.made().get(0).tensorType())) {
        return List.of();
      }
      joined = values.get(0).floats();
      made = seen.made().get(0).floats();
    } catch (GraphException | ExportException e) {
      return List.of(); // this join does not fit at all
    }
    List<Formula> formulas = new ArrayList<>();
    Activations.known()
        .forEach(activation -> formulas.add(at -> activation.add(at.reading(join.add(at)))));
    int lowest = 0;
    for (int i = 0; i < joined.length; i++) {
      lowest = joined[i] < joined[lowest] ? i : lowest;
    }
    if (joined.length > 0 && joined[lowest] < 0) {
      Formula leaky = Activations.leakyRelu(made[lowest] / joined[lowest]);
      formulas.add(at -> leaky.add(at.reading(join.add(at))));
    }
    return formulas;
  }
}
