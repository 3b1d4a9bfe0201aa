package dev.djinn.server;

import java.util.List;

/**
 * What a model says of one of its tensors.
 *
 * @param name its name
 * @param type its element type
 * @param shape its dimensions, the first of them -1 for the batch
 */
record TensorSpec(String name, DataType type, List<Long> shape) {

  TensorSpec {
    shape = List.copyOf(shape);
  }

  /** {@return elements of one row of the batch} */
  long rowSize() {
    return shape.stream().skip(1).reduce(1L, (a, b) -> a * b);
  }
}
