package dev.djinn.graph;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The type and shape of a value.
 *
 * @param type its element type
 * @param dims its dimensions, none for a scalar; {@link #BATCH} where the size is only known when
 *     the graph runs
 */
public record TensorType(ElementType type, List<Long> dims) {
  /** The one dimension that is not fixed: rows, chosen by whoever runs the graph. */
  public static final long BATCH = -1;

  /** Checks that each dimension is a size or {@link #BATCH}. */
  public TensorType {
    dims = List.copyOf(dims);
    if (dims.stream().anyMatch(dim -> dim < BATCH)) {
      throw new GraphException("shape " + dims + " has a negative dimension");
    }
  }

  /** Makes a type from its parts. */
  public static TensorType of(ElementType type, long... dims) {
    return new TensorType(type, Arrays.stream(dims).boxed().toList());
  }

  /** Makes a float32 type. */
  public static TensorType floats(long... dims) {
    return of(ElementType.FLOAT, dims);
  }

  /** Returns the number of dimensions. */
  public int rank() {
    return dims.size();
  }

  /** Returns dimension {@code axis}, counted from the end where negative. */
  public long dim(int axis) {
    return dims.get(axis < 0 ? axis + rank() : axis);
  }

  /** Returns the dimensions as an array. */
  public long[] toArray() {
    return dims.stream().mapToLong(Long::longValue).toArray();
  }

  /** Returns whether a dimension is {@link #BATCH}. */
  public boolean isDynamic() {
    return dims.contains(BATCH);
  }

  @Override
  public String toString() {
    return dims.stream()
        .map(dim -> dim == BATCH ? "batch" : Long.toString(dim))
        .collect(
            Collectors.joining(", ", type.name().toLowerCase(java.util.Locale.ROOT) + " (", ")"));
  }
}
