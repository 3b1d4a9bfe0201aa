package dev.djinn.sampler;

import ai.onnxruntime.OnnxJavaType;
import java.util.Arrays;

/** An input or output of a session with the shape that a batch has there. Immutable. */
final class Port {
  private final String name;
  private final OnnxJavaType type;
  private final boolean batched;
  private final long[] row;

  /**
   * Makes one.
   *
   * @param batched whether its first dimension is the batch; otherwise it holds one row
   * @param row the other dimensions, all known
   */
  Port(String name, OnnxJavaType type, boolean batched, long... row) {
    this.name = name;
    this.type = type;
    this.batched = batched;
    this.row = row.clone();
  }

  static Port of(String name, OnnxJavaType type, long... row) {
    return new Port(name, type, true, row);
  }

  String name() {
    return name;
  }

  OnnxJavaType type() {
    return type;
  }

  boolean batched() {
    return batched;
  }

  /** {@return the dimensions of a row} */
  long[] row() {
    return row.clone();
  }

  /** {@return its shape for a batch of so many rows} */
  long[] shape(int rows) {
    if (!batched) {
      return row.clone();
    }
    long[] shape = new long[row.length + 1];
    shape[0] = rows;
    System.arraycopy(row, 0, shape, 1, row.length);
    return shape;
  }

  /** {@return how many numbers a row has} */
  int rowSize() {
    return Math.toIntExact(Tensors.size(row));
  }

  @Override
  public String toString() {
    return name + " " + type + " " + Arrays.toString(shape(-1));
  }
}
