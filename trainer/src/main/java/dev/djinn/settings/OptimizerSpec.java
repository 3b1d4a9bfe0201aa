package dev.djinn.settings;

import dev.djinn.names.Names;
import dev.djinn.network.YamlCursor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An optimiser's settings. */
public sealed interface OptimizerSpec {
  /**
   * The learning rate.
   *
   * @return 0 or more at any time
   */
  Course rate();

  /**
   * Adam (Kingma and Ba 2015) in the form of its section 2, last paragraph, as Keras has it: p ← p
   * − rate · √(1 − β2ᵗ) / (1 − β1ᵗ) · m / (√v + ε).
   *
   * @param rate learning rate
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to √v
   */
  record Adam(Course rate, Course beta1, Course beta2, double epsilon) implements OptimizerSpec {
    /**
     * Adam whose numbers stay what they are.
     *
     * @param rate learning rate
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to √v
     */
    public Adam(double rate, double beta1, double beta2, double epsilon) {
      this(constant(rate), constant(beta1), constant(beta2), epsilon);
    }

    @Override
    public Stream<Course> courses() {
      return Stream.of(rate, beta1, beta2);
    }

    @Override
    public void write(Map<String, Object> file) {
      file.put("optimizer", "adam");
      file.put("rate", rate.write());
      file.put("beta1", beta1.write());
      file.put("beta2", beta2.write());
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
  record RmsProp(Course rate, double decay, double epsilon) implements OptimizerSpec {
    /**
     * RMSProp whose rate stays what it is.
     *
     * @param rate learning rate
     * @param decay of the mean square
     * @param epsilon added to v
     */
    public RmsProp(double rate, double decay, double epsilon) {
      this(constant(rate), decay, epsilon);
    }

    @Override
    public Stream<Course> courses() {
      return Stream.of(rate);
    }

    @Override
    public void write(Map<String, Object> file) {
      file.put("optimizer", "rmsprop");
      file.put("rate", rate.write());
      file.put("decay", decay);
      file.put("epsilon", epsilon);
    }
  }

  /**
   * The numbers that may change.
   *
   * @return each of them
   */
  Stream<Course> courses();

  private static Course constant(double value) {
    return new Course.Constant(value);
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
   * @param length of the run
   * @return the optimiser
   */
  static OptimizerSpec read(YamlCursor at, Interval length) {
    YamlCursor kind = at.get("optimizer");
    Course rate = Course.read(at.get("rate"), 1e-12, 1e3, length);
    return switch (kind.text()) {
      case "adam" ->
          new Adam(
              rate,
              Course.read(at.get("beta1"), 0, 0.999_999, length),
              Course.read(at.get("beta2"), 0, 0.999_999, length),
              at.get("epsilon").real(0, 1));
      case "rmsprop" ->
          new RmsProp(rate, at.get("decay").real(0, 0.999_999), at.get("epsilon").real(0, 1));
      default ->
          throw kind.failure(Names.unknown("optimizer", kind.text(), List.of("adam", "rmsprop")));
    };
  }
}
