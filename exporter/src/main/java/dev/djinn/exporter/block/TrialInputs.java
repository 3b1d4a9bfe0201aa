package dev.djinn.exporter.block;

import dev.djinn.graph.ElementType;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/**
 * Seeded tensors of given types, to try a block on.
 *
 * @param types what the block reads, (batch, …)
 * @param bounds for each, one more than the largest index it may hold; used for int64 only
 */
record TrialInputs(List<TensorType> types, List<Long> bounds) {
  /** What the float32 numbers look like. */
  enum Kind {
    /** Standard normal. */
    NORMAL,
    /** Normal, eight times as wide, where functions saturate. */
    WIDE,
    /** Of any magnitude from 1e-4 to 1e4 and either sign. */
    SCALES,
    /** Of any magnitude from 1e4 to 1e30 and either sign, for functions of single numbers. */
    HUGE,
    /** Uniform in [0, 1], as pictures are. */
    UNIT,
    /** All zero. */
    ZERO
  }

  /** A prime, so that no row of a picture meets the same numbers as another. */
  private static final int TABLE = 16_381;

  TrialInputs {
    types = List.copyOf(types);
    bounds = List.copyOf(bounds);
  }

  /** Returns one tensor for each type; the same arguments give the same numbers. */
  List<Tensor> of(Kind kind, int batch) {
    Random random = new Random(31L * kind.name().hashCode() + batch);
    List<Tensor> made = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      long[] dims = dims(types.get(i), batch);
      int size = size(dims);
      if (types.get(i).type() == ElementType.FLOAT) {
        made.add(Tensor.floats(floats(random, kind, size), dims));
      } else {
        long bound = bounds.get(i);
        long[] values = new long[size];
        for (int j = 0; j < size; j++) {
          values[j] = kind == Kind.ZERO ? 0 : (long) (random.nextDouble() * bound);
        }
        made.add(Tensor.longs(values, dims));
      }
    }
    return made;
  }

  /** Returns a tensor for the first type that holds what a position's number says. */
  Tensor first(int batch, IntToDoubleFunction value) {
    long[] dims = dims(types.get(0), batch);
    float[] values = new float[size(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) value.applyAsDouble(i);
    }
    return Tensor.floats(values, dims);
  }

  /** A table of random numbers, gone through again and again: drawing millions would take long. */
  private static float[] floats(Random random, Kind kind, int size) {
    float[] table = new float[Math.min(size, TABLE)];
    for (int i = 0; i < table.length; i++) {
      table[i] =
          (float)
              switch (kind) {
                case NORMAL -> random.nextGaussian();
                case WIDE -> 8 * random.nextGaussian();
                case SCALES -> signed(random, -4, 4);
                case HUGE -> signed(random, 4, 30);
                case UNIT -> random.nextDouble();
                case ZERO -> 0.0;
              };
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i += table.length) {
      System.arraycopy(table, 0, values, i, Math.min(table.length, size - i));
    }
    return values;
  }

  private static double signed(Random random, double low, double high) {
    double magnitude = Math.pow(10, low + (high - low) * random.nextDouble());
    return random.nextBoolean() ? magnitude : -magnitude;
  }

  private static long[] dims(TensorType type, int batch) {
    return type.dims().stream().mapToLong(dim -> dim == TensorType.BATCH ? batch : dim).toArray();
  }

  private static int size(long... dims) {
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return Math.toIntExact(size);
  }
}
