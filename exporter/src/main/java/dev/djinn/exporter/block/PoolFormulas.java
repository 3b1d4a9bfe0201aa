package dev.djinn.exporter.block;

import dev.djinn.exporter.block.Trial.Formula;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * Pools that would see what a function was seen to see. Ramps along an axis tell where each window
 * begins and ends, and those tell kernel, stride and padding. Where a window hangs over the edge,
 * padding is stated at both ends, so that rounding sizes up needs no mode of its own.
 */
final class PoolFormulas {
  /**
   * Windows along one axis.
   *
   * @param kernel length
   * @param stride from one to the next
   * @param before padding in front
   * @param after padding behind
   */
  private record Windows(long kernel, long stride, long before, long after) {}

  private final BlockScope at;
  private final TensorType type;
  private final long[] dims;
  private final int axes;

  PoolFormulas(BlockScope at, long[] dims) {
    this.at = at;
    this.type = at.typeOf(at.input());
    this.dims = dims.clone();
    this.axes = dims.length - 2;
  }

  /** Returns pools over whole planes, with the planes' axes kept or not. */
  static List<Formula> global(TensorType type, long[] dims) {
    List<Formula> formulas = new ArrayList<>();
    for (Operator pool : List.of(Operator.GLOBAL_AVERAGE_POOL, Operator.GLOBAL_MAX_POOL)) {
      if (dims.length == 2) {
        formulas.add(
            at ->
                List.of(
                    at.add(
                        Operator.RESHAPE,
                        at.add(pool, at.input()),
                        at.constant("target", Tensor.vector(0, type.dim(1))))));
      } else {
        formulas.add(at -> List.of(at.add(pool, at.input())));
      }
    }
    return formulas;
  }

  /** Returns pools of smaller windows. */
  List<Formula> windows() {
    List<Formula> formulas = new ArrayList<>();
    maxWindows()
        .ifPresent(
            windows ->
                formulas.add(
                    to -> List.of(to.add(Operator.MAX_POOL, attributes(windows), to.input()))));
    averageWindows()
        .ifPresent(
            windows -> {
              Attributes inside = attributes(windows);
              formulas.add(to -> List.of(to.add(Operator.AVERAGE_POOL, inside, to.input())));
              formulas.add(
                  to ->
                      List.of(
                          to.add(
                              Operator.AVERAGE_POOL,
                              inside.with("count_include_pad", 1),
                              to.input())));
              formulas.add(to -> List.of(weighted(to, inside)));
            });
    return formulas;
  }

  /** The mean of what is inside, times the share that counts: what a picture of ones gives. */
  private String weighted(BlockScope to, Attributes inside) {
    float[] ones = pooled(position -> 1);
    long[] plane = dims.clone();
    plane[0] = 1;
    plane[1] = 1;
    return to.add(
        Operator.MUL,
        to.add(Operator.AVERAGE_POOL, inside, to.input()),
        to.constant("share", Tensor.floats(ones, plane)));
  }

  /** The largest of a ramp is where a window ends, of a falling one where it begins. */
  private Optional<List<Windows>> maxWindows() {
    List<Windows> found = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      int along = axis;
      float[] last = alongAxis(pooled(i -> position(i, along)), axis);
      float[] first = alongAxis(pooled(i -> -position(i, along)), axis);
      long[] begins = new long[last.length];
      long[] ends = new long[last.length];
      for (int i = 0; i < last.length; i++) {
        begins[i] = Math.round(-first[i]);
        ends[i] = Math.round(last[i]);
      }
      Optional<Windows> windows = windows(axis, begins, ends);
      if (windows.isEmpty()) {
        return Optional.empty();
      }
      found.add(windows.get());
    }
    return Optional.of(found);
  }

  /** The mean of a ramp is a window's middle; n whole numbers in a row have variance (n²−1)/12. */
  private Optional<List<Windows>> averageWindows() {
    List<Windows> found = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      int along = axis;
      double centre = (type.dim(axis + 2) - 1) / 2.0;
      float[] share = alongAxis(pooled(i -> 1), axis);
      float[] mean = alongAxis(pooled(i -> position(i, along) - centre), axis);
      float[] square = alongAxis(pooled(i -> Math.pow(position(i, along) - centre, 2)), axis);
      long[] begins = new long[mean.length];
      long[] ends = new long[mean.length];
      for (int i = 0; i < mean.length; i++) {
        double middle = (double) mean[i] / share[i];
        double variance = (double) square[i] / share[i] - middle * middle;
        long length = Math.round(Math.sqrt(Math.max(0, 12 * variance + 1)));
        begins[i] = Math.round(middle + centre - (length - 1) / 2.0);
        ends[i] = begins[i] + length - 1;
      }
      Optional<Windows> windows = windows(axis, begins, ends);
      if (windows.isEmpty()) {
        return Optional.empty();
      }
      found.add(windows.get());
    }
    return Optional.of(found);
  }

  /** The smallest windows that begin and end there, cut off at the edges. */
  private Optional<Windows> windows(int axis, long[] begins, long[] ends) {
    long size = type.dim(axis + 2);
    int count = begins.length;
    for (int i = 0; i < count; i++) {
      if (begins[i] < 0 || ends[i] >= size || begins[i] > ends[i]) {
        return Optional.empty();
      }
    }
    long stride = stride(begins, ends, size);
    // Windows that are not cut all say the same; cut ones say how far these reach at least.
    long before = 0;
    long inside = 1;
    for (int i = 0; i < count; i++) {
      before = Math.max(before, i * stride - begins[i]);
      inside = Math.max(inside, ends[i] + 1 - i * stride);
    }
    long kernel = before + inside;
    long after = Math.max(0, (count - 1) * stride + inside - size);
    boolean fits =
        stride > 0 && after < kernel && (size + before + after - kernel) / stride + 1 == count;
    for (int i = 0; fits && i < count; i++) {
      long begin = i * stride - before;
      fits = begins[i] == Math.max(0, begin) && ends[i] == Math.min(size - 1, begin + kernel - 1);
    }
    return fits ? Optional.of(new Windows(kernel, stride, before, after)) : Optional.empty();
  }

  /** Two neighbours that are not cut at the same end tell it; if none do, the least that fits. */
  private static long stride(long[] begins, long[] ends, long size) {
    int last = begins.length - 1;
    for (int i = 1; i <= last; i++) {
      if (begins[i - 1] > 0) {
        return begins[i] - begins[i - 1];
      }
      if (ends[i] < size - 1) {
        return ends[i] - ends[i - 1];
      }
    }
    return last == 0 ? size - ends[0] : Math.max(1, Math.max(begins[last], size - 1 - ends[0]));
  }

  private Attributes attributes(List<Windows> windows) {
    long[] pads = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      pads[i] = windows.get(i).before;
      pads[axes + i] = windows.get(i).after;
    }
    return Attributes.none()
        .with("kernel_shape", windows.stream().mapToLong(Windows::kernel).toArray())
        .with("strides", windows.stream().mapToLong(Windows::stride).toArray())
        .with("pads", pads);
  }

  /** What the function makes of the first plane when a position holds {@code value}. */
  private float[] pooled(IntToDoubleFunction value) {
    float[] made = at.run(List.of(at.samples().first(1, value))).get(0).floats();
    int plane = made.length / (int) dims[1];
    return Arrays.copyOf(made, plane);
  }

  /** The index along a spatial axis of a number in a tensor. */
  private double position(int index, int axis) {
    int inner = 1;
    for (int i = axis + 3; i < type.rank(); i++) {
      inner *= (int) type.dim(i);
    }
    return (double) (index / inner % (int) type.dim(axis + 2));
  }

  /** The numbers of a plane that was made, along one axis and first in the others. */
  private float[] alongAxis(float[] plane, int axis) {
    int inner = 1;
    for (int i = axis + 3; i < dims.length; i++) {
      inner *= (int) dims[i];
    }
    float[] line = new float[(int) dims[axis + 2]];
    for (int i = 0; i < line.length; i++) {
      line[i] = plane[i * inner];
    }
    return line;
  }
}
