package dev.djinn.settings;

/** An optimiser's settings. */
public sealed interface OptimizerSpec {
  /**
   * The learning rate.
   *
   * @return more than 0
   */
  double rate();

  /**
   * Adam (Kingma and Ba 2015) in the form of its section 2, last paragraph, as Keras has it: p ← p
   * − rate · √(1 − β2ᵗ) / (1 − β1ᵗ) · m / (√v + ε).
   *
   * @param rate learning rate
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to √v
   */
  record Adam(double rate, double beta1, double beta2, double epsilon) implements OptimizerSpec {}

  /**
   * RMSProp without momentum (Tieleman and Hinton 2012) in TensorFlow's form: v starts at 1, v ←
   * decay · v + (1 − decay) · g², p ← p − rate · g / √(v + ε).
   *
   * @param rate learning rate
   * @param decay of the mean square
   * @param epsilon added to v
   */
  record RmsProp(double rate, double decay, double epsilon) implements OptimizerSpec {}
}
