package dev.djinn.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable constant of the graph: a type, dimensions and the elements in row-major order, kept
 * as the little-endian bytes that ONNX's {@code raw_data} holds.
 */
public final class Tensor {
  private final ElementType type;
  private final List<Long> dims;
  private final byte[] bytes;

  private Tensor(ElementType type, long[] dims, byte[] bytes) {
    this.type = type;
    this.dims = Arrays.stream(dims).boxed().toList();
    this.bytes = bytes;
    if (bytes.length != elements(this.dims) * type.bytes()) {
      throw new GraphException(
          "%d bytes do not fill a %s tensor of shape %s"
              .formatted(bytes.length, type, Arrays.toString(dims)));
    }
  }

  /** Makes a float32 tensor; no dimensions make a scalar. */
  public static Tensor floats(float[] values, long... dims) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    littleEndian(bytes).asFloatBuffer().put(values);
    return new Tensor(ElementType.FLOAT, dims, bytes);
  }

  /** Makes an int64 tensor; no dimensions make a scalar. */
  public static Tensor longs(long[] values, long... dims) {
    byte[] bytes = new byte[values.length * Long.BYTES];
    littleEndian(bytes).asLongBuffer().put(values);
    return new Tensor(ElementType.INT64, dims, bytes);
  }

  /** Makes an int64 tensor of one dimension, as ONNX wants for shapes and axes. */
  public static Tensor vector(long... values) {
    return longs(values, values.length);
  }

  /** Makes a float32 scalar. */
  public static Tensor scalar(float value) {
    return floats(new float[] {value});
  }

  /** Makes a tensor of any type from little-endian bytes, which are copied. */
  public static Tensor raw(ElementType type, byte[] bytes, long... dims) {
    return new Tensor(type, dims, bytes.clone());
  }

  /** Returns the element type. */
  public ElementType type() {
    return type;
  }

  /** Returns the dimensions, none for a scalar. */
  public List<Long> dims() {
    return dims;
  }

  /** Returns dimension {@code axis}. */
  public int dim(int axis) {
    return Math.toIntExact(dims.get(axis));
  }

  /** Returns the number of elements. */
  public int size() {
    return Math.toIntExact(elements(dims));
  }

  /** Returns the type with the dimensions. */
  public TensorType tensorType() {
    return new TensorType(type, dims);
  }

  /**
   * Returns a copy of the elements.
   *
   * @throws GraphException if this is no float32 tensor
   */
  public float[] floats() {
    require(ElementType.FLOAT);
    float[] values = new float[size()];
    littleEndian(bytes).asFloatBuffer().get(values);
    return values;
  }

  /**
   * Returns a copy of the elements.
   *
   * @throws GraphException if this is no int64 tensor
   */
  public long[] longs() {
    require(ElementType.INT64);
    long[] values = new long[size()];
    littleEndian(bytes).asLongBuffer().get(values);
    return values;
  }

  /** Returns a copy of the little-endian bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns the same elements under other dimensions. */
  public Tensor reshaped(long... newDims) {
    return new Tensor(type, newDims, bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && type == that.type
        && dims.equals(that.dims)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * dims.hashCode() + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return tensorType().toString();
  }

  private void require(ElementType wanted) {
    if (type != wanted) {
      throw new GraphException("a tensor of " + type + " was read as " + wanted);
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long elements(List<Long> dims) {
    long elements = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new GraphException("a constant of shape " + dims + " has a negative dimension");
      }
      elements = Math.multiplyExact(elements, dim);
    }
    return elements;
  }
}
