package dev.djinn.network;

/**
 * The numbers that a network's products are made of while it is trained. Weights are float32 in any
 * case, and so is all that is drawn, judged or exported: {@link Mode#INFERENCE} knows nothing of
 * it.
 */
public enum Precision {
  /** float32 throughout. */
  FP32,
  /**
   * Convolutions and dense layers multiply bfloat16, which has float32's range and 8 significant
   * bits, and add up in float32; what lies between them is bfloat16, too. Statistics, products with
   * labels, results of fewer than 8 numbers, tanh, sigmoid and all that comes after the network are
   * float32.
   */
  BF16
}
