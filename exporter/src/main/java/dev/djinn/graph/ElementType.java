package dev.djinn.graph;

import java.util.Arrays;

/** An element type of the graph, with its code in ONNX's {@code TensorProto.DataType}. */
public enum ElementType {
  /** IEEE 754 binary32. */
  FLOAT(1, 4),
  /** Unsigned byte, 0 to 255. */
  UINT8(2, 1),
  /** Signed byte, −128 to 127. */
  INT8(3, 1),
  /** 32-bit signed integer. */
  INT32(6, 4),
  /** 64-bit signed integer; ONNX's type of shapes, axes and labels. */
  INT64(7, 8),
  /** IEEE 754 binary16. */
  FLOAT16(10, 2);

  private final int code;
  private final int bytes;

  ElementType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** Returns the number that stands for this type in an ONNX file. */
  public int code() {
    return code;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns the type of an ONNX code.
   *
   * @throws GraphException if the code is none of this enum's
   */
  public static ElementType ofCode(int code) {
    return Arrays.stream(values())
        .filter(type -> type.code == code)
        .findFirst()
        .orElseThrow(() -> new GraphException("element type " + code + " is not supported here"));
  }
}
