package dev.djinn.exporter.block;

import dev.djinn.graph.ElementType;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a plain DJL block reads.
 *
 * @param name the input's name in the file
 * @param type {@link ElementType#FLOAT} or {@link ElementType#INT64}
 * @param dims its dimensions without the batch in front
 * @param bound for INT64, one more than the largest index that it may hold; 0 for FLOAT
 */
public record BlockInput(String name, ElementType type, List<Long> dims, long bound) {
  /** Checks the parts. */
  public BlockInput {
    dims = List.copyOf(dims);
    if (type != ElementType.FLOAT && type != ElementType.INT64) {
      throw new IllegalArgumentException(
          "input " + name + " is " + type + ", a block reads FLOAT or INT64");
    }
    if (dims.stream().anyMatch(dim -> dim < 1)) {
      throw new IllegalArgumentException(
          "input " + name + " has shape " + dims + "; give its dimensions without the batch");
    }
    if (type == ElementType.INT64 && bound < 1) {
      throw new IllegalArgumentException("indices " + name + " need a bound of at least 1");
    }
  }

  /**
   * Returns a float32 input.
   *
   * @param name its name in the file
   * @param dims dimensions without the batch, such as 3, 224, 224
   */
  public static BlockInput floats(String name, long... dims) {
    return new BlockInput(name, ElementType.FLOAT, Arrays.stream(dims).boxed().toList(), 0);
  }

  /**
   * Returns an int64 input, for embeddings.
   *
   * @param name its name in the file
   * @param bound one more than the largest index
   * @param dims dimensions without the batch, none for one index a row
   */
  public static BlockInput indices(String name, long bound, long... dims) {
    return new BlockInput(name, ElementType.INT64, Arrays.stream(dims).boxed().toList(), bound);
  }

  /** Returns the type with the batch in front. */
  TensorType tensorType() {
    List<Long> batched = new ArrayList<>(List.of(TensorType.BATCH));
    batched.addAll(dims);
    return new TensorType(type, batched);
  }
}
