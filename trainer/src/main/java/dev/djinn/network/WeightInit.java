package dev.djinn.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;

/**
 * How an array is filled when a network is made.
 *
 * @param kind the distribution
 * @param value its one number: the constant, the standard deviation, the bound or the gain; unused
 *     by Glorot
 */
public record WeightInit(Kind kind, double value) {
  /** Distributions of fresh weights. */
  public enum Kind {
    /** Every element is the value. */
    CONSTANT,
    /** Normal with mean 0 and the value as standard deviation. */
    NORMAL,
    /** Normal, redrawn beyond two standard deviations, as Keras's and TensorFlow's. */
    TRUNCATED_NORMAL,
    /** Uniform in [−value, value]. */
    UNIFORM,
    /** Uniform in ±√(6 / (fan in + fan out)), Glorot and Bengio 2010, equation 16. */
    GLOROT_UNIFORM,
    /** Truncated normal of variance 2 / (fan in + fan out), as Keras's glorot_normal. */
    GLOROT_NORMAL,
    /**
     * Normal with standard deviation value / √(fan in), by which the array's learning rate is
     * multiplied, too: the equalized learning rate of Karras et al. 2018, section 4.1. Adam's steps
     * do not depend on the gradient's scale, so this is the same as unit weights scaled as they are
     * used. √2 is the gain before a ReLU, 1 the gain of a last layer.
     */
    EQUALIZED,
    /**
     * All zeros, with the learning rate of {@link #EQUALIZED}: the end of a residual path, which so
     * begins as if it were not there.
     */
    EQUALIZED_ZERO
  }

  /** Checks the number, which no engine could draw with otherwise. */
  public WeightInit {
    if (!(Math.abs(value) <= Float.MAX_VALUE)) {
      throw new NetworkException("init must have a finite number, got " + value);
    }
    if (value < 0 && (kind == Kind.NORMAL || kind == Kind.TRUNCATED_NORMAL)) {
      throw new NetworkException("the deviation of normal weights must be 0 or more, got " + value);
    }
    if (value < 0 && kind == Kind.UNIFORM) {
      throw new NetworkException("the bound of uniform weights must be 0 or more, got " + value);
    }
    if (scalesRate(kind) && !(value > 0)) {
      throw new NetworkException("the gain of equalized weights must be above 0, got " + value);
    }
  }

  /** All zeros. */
  public static final WeightInit ZEROS = new WeightInit(Kind.CONSTANT, 0);

  /** All ones. */
  public static final WeightInit ONES = new WeightInit(Kind.CONSTANT, 1);

  /** Glorot uniform, the default of dense and convolution weights. */
  public static final WeightInit GLOROT_UNIFORM = new WeightInit(Kind.GLOROT_UNIFORM, 0);

  /** Keras's default for embeddings: uniform in ±0.05. */
  public static final WeightInit EMBEDDING = new WeightInit(Kind.UNIFORM, 0.05);

  /** Standard deviation of a unit normal truncated at two standard deviations. */
  private static final double TRUNCATED_STD = 0.879_596_566_148_117_5;

  /**
   * Draws an array from the engine's seeded generator.
   *
   * @param manager owns the result
   * @param shape the array's shape
   * @return float32 array of that shape
   */
  NDArray draw(NDManager manager, Shape shape) {
    return switch (kind) {
      case CONSTANT -> manager.full(shape, (float) value);
      case NORMAL -> manager.randomNormal(0f, (float) value, shape, DataType.FLOAT32);
      case TRUNCATED_NORMAL -> truncated(manager, shape, value);
      case UNIFORM -> uniform(manager, shape, value);
      case GLOROT_UNIFORM -> uniform(manager, shape, Math.sqrt(6.0 / fans(shape)));
      case GLOROT_NORMAL -> truncated(manager, shape, Math.sqrt(2.0 / fans(shape)) / TRUNCATED_STD);
      case EQUALIZED -> manager.randomNormal(0f, (float) rateScale(shape), shape, DataType.FLOAT32);
      case EQUALIZED_ZERO -> manager.zeros(shape);
    };
  }

  /**
   * What an optimiser multiplies the array's learning rate by.
   *
   * @param shape the array's shape, the fan in being what the axes after the first hold together
   * @return 1 but for {@link Kind#EQUALIZED} and {@link Kind#EQUALIZED_ZERO}
   */
  double rateScale(Shape shape) {
    if (!scalesRate()) {
      return 1;
    }
    return value / Math.sqrt((double) shape.size() / shape.get(0));
  }

  /** Whether it goes by the fan of a matrix, which a bias has not. */
  boolean needsMatrix() {
    return kind == Kind.GLOROT_UNIFORM || kind == Kind.GLOROT_NORMAL || scalesRate();
  }

  /** Whether the learning rate follows the fan in. */
  boolean scalesRate() {
    return scalesRate(kind);
  }

  private static boolean scalesRate(Kind kind) {
    return kind == Kind.EQUALIZED || kind == Kind.EQUALIZED_ZERO;
  }

  /** Whether all starts at 0. */
  boolean zero() {
    return kind == Kind.EQUALIZED_ZERO || equals(ZEROS);
  }

  private static NDArray uniform(NDManager manager, Shape shape, double bound) {
    return manager.randomUniform((float) -bound, (float) bound, shape, DataType.FLOAT32);
  }

  /** Inverts the normal distribution on uniforms between Φ(−2) and Φ(2): exact, no rejection. */
  private static NDArray truncated(NDManager manager, Shape shape, double deviation) {
    // erf(2 / √2): the uniforms' bound before erfinv, √2·erfinv then gives at most 2.
    float bound = 0.954_499_7f;
    try (NDArray uniform = manager.randomUniform(-bound, bound, shape, DataType.FLOAT32);
        NDArray normal = uniform.erfinv()) {
      return normal.mul((float) (deviation * Math.sqrt(2)));
    }
  }

  /** Fan in plus fan out; the same for a convolution and its transpose. */
  private static double fans(Shape shape) {
    if (shape.dimension() < 2) {
      throw new NetworkException("Glorot initialisation needs a weight matrix, got shape " + shape);
    }
    double receptive = 1;
    for (int i = 2; i < shape.dimension(); i++) {
      receptive *= shape.get(i);
    }
    return receptive * (shape.get(0) + shape.get(1));
  }

  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return kind == Kind.GLOROT_NORMAL || kind == Kind.GLOROT_UNIFORM ? name : name + " " + value;
  }
}
