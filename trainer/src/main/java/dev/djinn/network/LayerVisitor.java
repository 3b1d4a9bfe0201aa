package dev.djinn.network;

import ai.djl.ndarray.types.Shape;

/**
 * One method a layer kind, so that a new kind does not compile until everything that reads networks
 * (shapes, TorchScript, ONNX) handles it.
 *
 * @param <R> what a visit gives
 */
public interface LayerVisitor<R> {
  /**
   * Visits a dense layer.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R dense(Layer.Dense layer, Place at);

  /**
   * Visits a convolution.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R conv(Layer.Conv layer, Place at);

  /**
   * Visits a transposed convolution.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R deconv(Layer.Deconv layer, Place at);

  /**
   * Visits an upsampling.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R upsample(Layer.Upsample layer, Place at);

  /**
   * Visits a downsampling.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R downsample(Layer.Downsample layer, Place at);

  /**
   * Visits a learned start.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R basis(Layer.Basis layer, Place at);

  /**
   * Visits a crop.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R crop(Layer.Crop layer, Place at);

  /**
   * Visits a batch norm.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R batchNorm(Layer.BatchNorm layer, Place at);

  /**
   * Visits an activation.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R activation(Layer.Activation layer, Place at);

  /**
   * Visits a dropout.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R dropout(Layer.Dropout layer, Place at);

  /**
   * Visits a reshape.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R reshape(Layer.Reshape layer, Place at);

  /**
   * Visits a max or average pooling.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R pool(Layer.Pool layer, Place at);

  /**
   * Visits a label embedding multiplied into a vector.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R labelMultiply(Layer.LabelMultiply layer, Place at);

  /**
   * Visits a label embedding stacked on a picture as one more channel.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R labelChannel(Layer.LabelChannel layer, Place at);

  /**
   * Visits a one-hot label joined as features or channels.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R labelOneHot(Layer.LabelOneHot layer, Place at);

  /**
   * Visits a residual block.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R residual(Layer.Residual layer, Place at);

  /**
   * Visits a whole network of somebody's own.
   *
   * @param layer the layer
   * @param at its place
   * @return the visit's result
   */
  R own(Layer.Own layer, Place at);

  /**
   * Where a layer stands.
   *
   * @param path its position, as {@code 03} or {@code 05.body.01}; parameter names start with it
   * @param input shape that reaches it, without the batch axis
   * @param classes number of label classes, 0 in an unconditional network
   */
  record Place(String path, Shape input, int classes) {
    /**
     * Gives the full name of one of the layer's parameters.
     *
     * @param role as {@code weight}
     * @return as {@code 03.weight}
     */
    public String parameter(String role) {
      return path + "." + role;
    }
  }
}
