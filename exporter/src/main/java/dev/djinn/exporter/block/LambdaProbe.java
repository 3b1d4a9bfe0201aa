package dev.djinn.exporter.block;

import dev.djinn.exporter.block.Trial.Formula;
import dev.djinn.exporter.block.Trial.Observation;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds out what a LambdaBlock computes: DJL keeps no more of an activation, a flattening or a pool
 * than a function. Probes give the parameters of the formulas that could fit, and a formula counts
 * only if it gives the function's results on numbers of all sizes at batch 1 and 3.
 */
final class LambdaProbe {
  private static final int FEW = 3;
  private static final float HUGE = 1e30f;

  private final BlockScope at;
  private final TensorType type;
  private final List<Observation> seen = new ArrayList<>();

  LambdaProbe(BlockScope at) {
    this.at = at;
    this.type = at.typeOf(at.input());
  }

  List<String> convert() {
    observe(TrialInputs.Kind.NORMAL, false);
    observe(TrialInputs.Kind.WIDE, false);
    observe(TrialInputs.Kind.SCALES, false);
    List<Tensor> made = seen.get(seen.size() - 1).made();
    List<Tensor> again = at.run(seen.get(seen.size() - 1).given());
    if (!again.equals(made)) {
      throw at.fail("gives two answers for the same numbers; a random function has no ONNX form");
    }
    if (made.size() != 1 || made.get(0).dims().isEmpty() || made.get(0).dim(0) != FEW) {
      throw at.fail(
          "makes %s of batch %d; one value with the batch in front was expected"
              .formatted(made, FEW));
    }
    long[] dims = made.get(0).tensorType().toArray();
    List<Formula> formulas = formulas(dims);
    Trial trial = new Trial(List.of(type), seen);
    return trial
        .first(formulas)
        .or(() -> trial.first(pools(dims)))
        .orElseThrow(
            () ->
                at.fail(
                    "is a function of %s to %s that is not known (known: DJL's activations, pools,"
                            .formatted(type, made.get(0))
                        + " flattening and other reshapes, transposition, slices, upsampling,"
                        + " softmax, a x + b); make it a block class and register a converter"))
        .add(at);
  }

  private void observe(TrialInputs.Kind kind, boolean byElement) {
    for (int batch : new int[] {1, FEW}) {
      List<Tensor> given = at.samples().of(kind, batch);
      seen.add(new Observation(given, at.run(given), byElement));
    }
  }

  private List<Formula> formulas(long[] dims) {
    List<Formula> formulas = new ArrayList<>();
    boolean sameShape = dims.length == type.rank();
    for (int i = 1; sameShape && i < dims.length; i++) {
      sameShape = dims[i] == type.dim(i);
    }
    if (sameShape) {
      formulas.add(BlockScope::inputs);
    }
    if (type.type() != ElementType.FLOAT) {
      formulas.addAll(LayoutFormulas.of(type, dims));
      formulas.add(
          cast ->
              List.of(
                  cast.add(
                      Operator.CAST,
                      Attributes.none().with("to", ElementType.FLOAT.code()),
                      cast.input())));
      return formulas;
    }
    if (sameShape && !(hasWindows(dims) && mixesNeighbours())) {
      observe(TrialInputs.Kind.HUGE, true);
      formulas.addAll(Activations.known());
      formulas.addAll(measured());
      formulas.add(affine());
    }
    for (int axis = 1; sameShape && axis < dims.length; axis++) {
      formulas.add(Activations.softmax(Operator.SOFTMAX, axis));
      formulas.add(Activations.softmax(Operator.LOG_SOFTMAX, axis));
    }
    formulas.addAll(LayoutFormulas.of(type, dims));
    formulas.addAll(LayoutFormulas.slices(type, dims, this::firstElement));
    return formulas;
  }

  /** Pools, which take more runs to tell than all the rest. */
  private List<Formula> pools(long... dims) {
    List<Formula> formulas = new ArrayList<>();
    if (isOverPlanes(dims)) {
      formulas.addAll(PoolFormulas.global(type, dims));
    }
    if (hasWindows(dims)) {
      formulas.addAll(new PoolFormulas(at, dims).windows());
    }
    return formulas;
  }

  /** Whether planes of the same channels become something each. */
  private boolean isOverPlanes(long... dims) {
    return type.type() == ElementType.FLOAT
        && type.rank() >= 3
        && dims.length >= 2
        && dims[1] == type.dim(1);
  }

  private boolean hasWindows(long... dims) {
    return isOverPlanes(dims) && dims.length == type.rank();
  }

  /** Whether a number changes what is made elsewhere in its own plane, but not in another. */
  private boolean mixesNeighbours() {
    int plane = 1;
    for (int i = 2; i < type.rank(); i++) {
      plane *= (int) type.dim(i);
    }
    int middle = plane / 2;
    float[] rest = at.run(List.of(at.samples().first(1, i -> 0))).get(0).floats();
    float[] made = at.run(List.of(at.samples().first(1, i -> i == middle ? 1 : 0))).get(0).floats();
    for (int i = 0; i < plane; i++) {
      if (i != middle && made[i] != rest[i]) {
        return true;
      }
    }
    return false;
  }

  /** Activations whose parameter one number tells. */
  private List<Formula> measured() {
    List<Formula> formulas = new ArrayList<>();
    float below = valueAt(-1);
    formulas.add(Activations.leakyRelu(-below));
    formulas.add(Activations.elu(-valueAt(-50)));
    float low = valueAt(-HUGE);
    float high = valueAt(HUGE);
    if (low < high) {
      formulas.add(Activations.clip(low, high));
    }
    double one = valueAt(1);
    if (one > 0 && one < 1) {
      double beta = Math.log(one / (1 - one));
      formulas.add(
          Activations.swish((float) Double.parseDouble(String.format(Locale.ROOT, "%.5g", beta))));
      formulas.add(Activations.swish((float) beta));
    }
    return formulas;
  }

  /** a x + b, number by number: 0 gives b and 1 gives a + b. */
  private Formula affine() {
    float[] shift = at.run(List.of(at.samples().first(1, i -> 0))).get(0).floats();
    float[] scale = at.run(List.of(at.samples().first(1, i -> 1))).get(0).floats();
    for (int i = 0; i < scale.length; i++) {
      scale[i] -= shift[i];
    }
    long[] dims = type.toArray();
    dims[0] = 1;
    return to -> {
      String value = to.input();
      if (!isAll(scale, 1)) {
        value = to.add(Operator.MUL, value, to.constant("scale", smallest(scale, dims)));
      }
      if (!isAll(shift, 0)) {
        value = to.add(Operator.ADD, value, to.constant("shift", smallest(shift, dims)));
      }
      return List.of(value);
    };
  }

  private static Tensor smallest(float[] values, long... dims) {
    return isAll(values, values[0]) ? Tensor.scalar(values[0]) : Tensor.floats(values, dims);
  }

  private static boolean isAll(float[] values, float value) {
    for (float each : values) {
      if (each != value) {
        return false;
      }
    }
    return true;
  }

  private float valueAt(float x) {
    return at.run(List.of(at.samples().first(1, i -> x))).get(0).floats()[0];
  }

  /** Which number of a row comes first in what is made, if the function only moves numbers. */
  private int firstElement() {
    float[] made = at.run(List.of(at.samples().first(1, i -> i))).get(0).floats();
    return made.length == 0 || made[0] != Math.rint(made[0]) ? -1 : (int) made[0];
  }
}
