package dev.djinn.network;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.LayerVisitor.Place;

/**
 * Spectral normalisation (Miyato et al. 2018, arXiv:1802.05957, algorithm 1): a layer computes with
 * W / σ, where σ estimates the largest singular value of its weight W, seen as a matrix with a row
 * an output. A vector u beside the weight is kept from step to step; each run of the layer takes
 * one step of power iteration from it,
 *
 * <pre>{@code
 * v = Wᵀu / ‖Wᵀu‖    u' = Wv / ‖Wv‖    σ = u'ᵀWv
 * }</pre>
 *
 * and training keeps u'. Gradients flow through W in σ, not through u' and v. The length of u does
 * not matter, so averages of it serve as well.
 */
public final class SpectralNorm {
  /** The role of u among a layer's arrays. */
  public static final String VECTOR = "spectral_u";

  private SpectralNorm() {}

  static ParameterSpec vector(Place at, long rows) {
    WeightInit normal = new WeightInit(WeightInit.Kind.NORMAL, 1);
    return new ParameterSpec(at.parameter(VECTOR), new Shape(rows), normal, false);
  }

  /**
   * The weight that a layer outside training computes with, worked out in double.
   *
   * @param weight W, row-major
   * @param shape W's shape
   * @param axis the axis of W that counts outputs: 0, or 1 for a transposed convolution
   * @param u the kept vector, one element an output
   * @return W / σ, of W's shape
   */
  public static float[] normalised(float[] weight, Shape shape, int axis, float[] u) {
    int columns = weight.length / u.length;
    // Elements that stay together when the axis comes to the front.
    int run = (int) shape.slice(axis + 1).size();
    double[][] rows = new double[u.length][columns];
    for (int i = 0; i < weight.length; i++) {
      int row = i / run % u.length;
      rows[row][i / (run * u.length) * run + i % run] = weight[i];
    }
    double[] v = new double[columns];
    for (int row = 0; row < u.length; row++) {
      for (int column = 0; column < columns; column++) {
        v[column] += rows[row][column] * u[row];
      }
    }
    double length = length(v);
    double[] image = new double[u.length];
    for (int row = 0; row < u.length; row++) {
      for (int column = 0; column < columns; column++) {
        image[row] += rows[row][column] * v[column] / length;
      }
    }
    double sigma = length(image);
    float[] normalised = new float[weight.length];
    for (int i = 0; i < weight.length; i++) {
      normalised[i] = (float) (weight[i] / sigma);
    }
    return normalised;
  }

  private static double length(double[] vector) {
    double squares = 0;
    for (double element : vector) {
      squares += element * element;
    }
    return Math.sqrt(squares);
  }
}
