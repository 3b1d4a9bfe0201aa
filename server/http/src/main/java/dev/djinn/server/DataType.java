package dev.djinn.server;

import java.util.Arrays;

/** The tensor data types of the Open Inference Protocol v2. */
enum DataType {
  BOOL(1),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  FP16(2),
  FP32(4),
  FP64(8),
  BF16(2),
  /** Elements of varying length, each with its length before it. */
  BYTES(0);

  private final int size;

  DataType(int size) {
    this.size = size;
  }

  /** Bytes of one element; 0 where elements vary in length. */
  int size() {
    return size;
  }

  static DataType parse(String name) throws RequestException {
    for (DataType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw RequestException.bad(
        "unknown datatype '" + name + "'; one of " + Arrays.toString(values()));
  }
}
