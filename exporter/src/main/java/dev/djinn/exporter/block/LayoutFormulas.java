package dev.djinn.exporter.block;

import dev.djinn.exporter.block.Trial.Formula;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.LongStream;

/** Formulas that move numbers about: reshapes, transpositions, slices, upsampling. */
final class LayoutFormulas {
  private LayoutFormulas() {}

  /** Returns those that make {@code dims}, batch in front, of a type. */
  static List<Formula> of(TensorType type, long[] dims) {
    List<Formula> formulas = new ArrayList<>();
    if (rowSize(type.toArray()) == rowSize(dims)) {
      long[] target = dims.clone();
      target[0] = 0;
      formulas.add(
          at ->
              List.of(
                  at.add(
                      Operator.RESHAPE, at.input(), at.constant("target", Tensor.vector(target)))));
      if (dims.length == type.rank() && dims.length <= 5) {
        permute(type, dims, new ArrayList<>(List.of(0L)), formulas);
      }
    }
    if (type.rank() == 4 && dims.length == 4 && type.type() == ElementType.FLOAT) {
      resize(type, dims, formulas);
    }
    return formulas;
  }

  /** Returns the slice that begins at a number, if a slice could make {@code dims}. */
  static List<Formula> slices(TensorType type, long[] dims, IntSupplier firstElement) {
    if (dims.length != type.rank() || rowSize(dims) >= rowSize(type.toArray())) {
      return List.of();
    }
    int first = firstElement.getAsInt();
    if (first < 0) {
      return List.of();
    }
    int axes = dims.length - 1;
    long[] starts = new long[axes];
    long[] ends = new long[axes];
    long rest = first;
    for (int i = axes - 1; i >= 0; i--) {
      starts[i] = rest % type.dim(i + 1);
      ends[i] = starts[i] + dims[i + 1];
      rest /= type.dim(i + 1);
    }
    return List.of(
        at ->
            List.of(
                at.add(
                    Operator.SLICE,
                    at.input(),
                    at.constant("starts", Tensor.vector(starts)),
                    at.constant("ends", Tensor.vector(ends)),
                    at.constant(
                        "axes", Tensor.vector(LongStream.rangeClosed(1, axes).toArray())))));
  }

  private static void permute(
      TensorType type, long[] dims, List<Long> chosen, List<Formula> formulas) {
    if (chosen.size() == dims.length) {
      long[] perm = chosen.stream().mapToLong(Long::longValue).toArray();
      formulas.add(
          at ->
              List.of(
                  at.add(Operator.TRANSPOSE, Attributes.none().with("perm", perm), at.input())));
      return;
    }
    for (long axis = 1; axis < dims.length; axis++) {
      if (!chosen.contains(axis) && type.dim((int) axis) == dims[chosen.size()]) {
        List<Long> longer = new ArrayList<>(chosen);
        longer.add(axis);
        permute(type, dims, longer, formulas);
      }
    }
  }

  private static void resize(TensorType type, long[] dims, List<Formula> formulas) {
    boolean larger =
        dims[1] == type.dim(1)
            && dims[2] % type.dim(2) == 0
            && dims[3] % type.dim(3) == 0
            && dims[2] * dims[3] > type.dim(2) * type.dim(3);
    if (!larger) {
      return;
    }
    float[] scales = {1, 1, (float) dims[2] / type.dim(2), (float) dims[3] / type.dim(3)};
    formulas.add(resize(scales, "nearest", "asymmetric"));
    formulas.add(resize(scales, "linear", "half_pixel"));
  }

  private static Formula resize(float[] scales, String mode, String coordinates) {
    Attributes attributes =
        Attributes.none().with("mode", mode).with("coordinate_transformation_mode", coordinates);
    Attributes all = mode.equals("nearest") ? attributes.with("nearest_mode", "floor") : attributes;
    return at ->
        List.of(
            at.add(
                Operator.RESIZE,
                all,
                at.input(),
                "",
                at.constant("scales", Tensor.floats(scales, scales.length))));
  }

  private static long rowSize(long... dims) {
    return LongStream.of(dims).skip(1).reduce(1, (a, b) -> a * b);
  }
}
