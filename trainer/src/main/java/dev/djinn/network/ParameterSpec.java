package dev.djinn.network;

import ai.djl.ndarray.types.Shape;

/**
 * One array of a network.
 *
 * @param name unique in the network: the layer's path and the array's role, as {@code 03.weight} or
 *     {@code 05.body.01.bias}
 * @param shape the array's shape; dense weights are (out, in), convolutions (out, in / groups,
 *     kernel, kernel), transposed convolutions (in, out / groups, kernel, kernel), embeddings
 *     (classes, width)
 * @param init how a fresh network fills it
 * @param trained true for what an optimiser updates, false for batch norm's running statistics
 */
public record ParameterSpec(String name, Shape shape, WeightInit init, boolean trained) {
  /**
   * What an optimiser multiplies this array's learning rate by.
   *
   * @return 1 unless the array is {@linkplain WeightInit.Kind#EQUALIZED equalized}
   */
  public double rateScale() {
    return init.rateScale(shape);
  }
}
