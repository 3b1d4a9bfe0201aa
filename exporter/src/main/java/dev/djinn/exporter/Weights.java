package dev.djinn.exporter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.ParameterSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The trained arrays of a network by their names, copied off the engine. */
public final class Weights {
  private final Map<String, Tensor> tensors;

  private Weights(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * Takes the arrays that a network needs.
   *
   * @param network the network
   * @param arrays float32 arrays by parameter name
   * @throws ExportException if one is missing, has another shape, or belongs to no layer
   */
  public static Weights of(Network network, Map<String, Tensor> arrays) {
    Map<String, Tensor> kept = new LinkedHashMap<>();
    for (ParameterSpec spec : network.parameters()) {
      Tensor tensor = arrays.get(spec.name());
      if (tensor == null) {
        throw new ExportException(
            "the checkpoint has no %s, which %s needs; was it made by another preset?"
                .formatted(spec.name(), network.name()));
      }
      if (!Arrays.equals(tensor.tensorType().toArray(), spec.shape().getShape())) {
        throw new ExportException(
            "the checkpoint's %s has shape %s, %s needs %s; was it made by another preset?"
                .formatted(spec.name(), tensor.dims(), network.name(), spec.shape()));
      }
      kept.put(spec.name(), tensor);
    }
    for (String name : arrays.keySet()) {
      if (!kept.containsKey(name)) {
        throw new ExportException(
            "the checkpoint holds %s, which %s does not have; was it made by another preset?"
                .formatted(name, network.name()));
      }
    }
    return new Weights(kept);
  }

  /** Copies the arrays of a block. */
  public static Weights of(NetworkBlock block) {
    return of(block.network(), tensors(block.arrays()));
  }

  /** Returns these under names that start with {@code prefix}. */
  Weights under(String prefix) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> renamed.put(prefix + name, tensor));
    return new Weights(renamed);
  }

  /** Copies named float32 arrays off the engine. */
  private static Map<String, Tensor> tensors(Map<String, NDArray> arrays) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) -> {
          if (array.getDataType() != DataType.FLOAT32) {
            throw new ExportException(
                name + " is " + array.getDataType() + ", only float32 can be exported");
          }
          tensors.put(name, Tensor.floats(array.toFloatArray(), array.getShape().getShape()));
        });
    return tensors;
  }

  /**
   * Returns an array.
   *
   * @throws ExportException if there is none of that name
   */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new ExportException("there is no weight " + name);
    }
    return tensor;
  }

  /** Writes the values into a block's arrays. */
  void copyTo(NetworkBlock block) {
    block
        .arrays()
        .forEach(
            (name, array) -> {
              // Not NDArray.set(Buffer): libtorch answers its first call with a warning.
              try (NDArray values =
                  array.getManager().create(get(name).floats(), array.getShape())) {
                array.set(new NDIndex("..."), values);
              }
            });
  }
}
