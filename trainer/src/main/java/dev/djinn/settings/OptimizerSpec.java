package dev.djinn.settings;

import dev.djinn.names.Names;
import dev.djinn.network.YamlCursor;
import java.util.List;
import java.util.Map;

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
  record Adam(double rate, double beta1, double beta2, double epsilon) implements OptimizerSpec {
    @Override
    public void write(Map<String, Object> file) {
      file.put("optimizer", "adam");
      file.put("rate", rate);
      file.put("beta1", beta1);
      file.put("beta2", beta2);
      file.put("epsilon", epsilon);
    }
  }

  /**
   * RMSProp without momentum (Tieleman and Hinton 2012) in TensorFlow's form: v starts at 1, v ←
   * decay · v + (1 − decay) · g², p ← p − rate · g / √(v + ε).
   *
   * @param rate learning rate
   * @param decay of the mean square
   * @param epsilon added to v
   */
  record RmsProp(double rate, double decay, double epsilon) implements OptimizerSpec {
    @Override
    public void write(Map<String, Object> file) {
      file.put("optimizer", "rmsprop");
      file.put("rate", rate);
      file.put("decay", decay);
      file.put("epsilon", epsilon);
    }
  }

  /**
   * Writes this as {@link #read} understands it.
   *
   * @param file the map of a network
   */
  void write(Map<String, Object> file);

  /**
   * Reads an optimiser.
   *
   * @param at the section of a network
   * @return the optimiser
   */
  static OptimizerSpec read(YamlCursor at) {
    YamlCursor kind = at.get("optimizer");
    double rate = at.get("rate").real(1e-12, 1e3);
    return switch (kind.text()) {
      case "adam" ->
          new Adam(
              rate,
              at.get("beta1").real(0, 0.999_999),
              at.get("beta2").real(0, 0.999_999),
              at.get("epsilon").real(0, 1));
      case "rmsprop" ->
          new RmsProp(rate, at.get("decay").real(0, 0.999_999), at.get("epsilon").real(0, 1));
      default ->
          throw kind.failure(Names.unknown("optimizer", kind.text(), List.of("adam", "rmsprop")));
    };
  }
}
