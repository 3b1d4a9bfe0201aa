package dev.djinn.sampler;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * A tensor of a model under the model's own name, as {@link Sampler#submit(List, List)} takes and
 * gives it.
 *
 * @param name the model's name for it
 * @param type of its numbers, as ONNX Runtime for Java calls it: {@code FLOAT}, {@code FLOAT16},
 *     {@code INT64} …
 * @param shape its sizes; of a description −1 where the model leaves one open
 * @param data its numbers in row-major order, little-endian, from the position to the limit; empty
 *     in a description
 */
public record ModelTensor(String name, String type, List<Long> shape, ByteBuffer data) {
  /** Copies the shape. */
  public ModelTensor {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(data, "data");
    shape = List.copyOf(shape);
  }
}
