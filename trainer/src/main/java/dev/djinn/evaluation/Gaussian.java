package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** Mean and covariance of features, as a normal distribution. Immutable. */
public final class Gaussian {
  private final DMatrixRMaj mean;
  private final DMatrixRMaj covariance;

  private Gaussian(DMatrixRMaj mean, DMatrixRMaj covariance) {
    this.mean = mean;
    this.covariance = covariance;
  }

  /**
   * Fits mean and covariance, the latter with n − 1 in the denominator.
   *
   * @param features float32 or float64 (n, width), n at least 2; computed in float64
   * @return the fit
   * @throws IllegalArgumentException if there are fewer than two rows
   */
  public static Gaussian of(NDArray features) {
    long n = features.getShape().get(0);
    int width = (int) features.getShape().get(1);
    if (n < 2) {
      throw new IllegalArgumentException("a covariance needs two pictures or more, not " + n);
    }
    try (NDManager scope = features.getManager().newSubManager()) {
      NDArray x = features.toType(DataType.FLOAT64, true);
      x.attach(scope);
      NDArray mean = x.mean(new int[] {0});
      NDArray centred = x.sub(mean);
      NDArray products = centred.transpose().matMul(centred).div(n - 1);
      return of(mean.toDoubleArray(), products.reshape(new Shape(-1)).toDoubleArray(), width);
    }
  }

  /**
   * Takes mean and covariance as given.
   *
   * @param mean width numbers
   * @param covariance symmetric, row-major, width × width numbers
   * @param width of the features
   * @return the distribution
   */
  static Gaussian of(double[] mean, double[] covariance, int width) {
    return new Gaussian(
        new DMatrixRMaj(width, 1, true, mean.clone()),
        new DMatrixRMaj(width, width, true, covariance.clone()));
  }

  /**
   * The Fréchet distance of two normal distributions, ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½), as
   * Heusel et al. 2017 (arXiv:1706.08500) compare pictures by; there in the features of Inception,
   * here in those of a classifier of the data at hand, so the figure is FCD, never FID.
   *
   * @param other of the same width
   * @return at least 0
   * @throws IllegalArgumentException if the widths differ
   */
  public double frechetDistance(Gaussian other) {
    if (mean.numRows != other.mean.numRows) {
      throw new IllegalArgumentException(
          "features of width " + mean.numRows + " and " + other.mean.numRows);
    }
    double between = 0;
    for (int i = 0; i < mean.numRows; i++) {
      double d = mean.data[i] - other.mean.data[i];
      between += d * d;
    }
    // tr((Σ₁Σ₂)^½) by the symmetric Σ₁^½ Σ₂ Σ₁^½, which has the same eigenvalues.
    DMatrixRMaj root = squareRoot(covariance);
    DMatrixRMaj half = new DMatrixRMaj(root.numRows, root.numCols);
    DMatrixRMaj product = new DMatrixRMaj(root.numRows, root.numCols);
    CommonOps_DDRM.mult(root, other.covariance, half);
    CommonOps_DDRM.mult(half, root, product);
    double cross = 0;
    EigenDecomposition_F64<DMatrixRMaj> eigen = eigen(product, false);
    for (int i = 0; i < eigen.getNumberOfEigenvalues(); i++) {
      cross += Math.sqrt(Math.max(0, eigen.getEigenvalue(i).getReal()));
    }
    double traces = CommonOps_DDRM.trace(covariance) + CommonOps_DDRM.trace(other.covariance);
    return Math.max(0, between + traces - 2 * cross);
  }

  private static DMatrixRMaj squareRoot(DMatrixRMaj matrix) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = eigen(matrix, true);
    DMatrixRMaj root = new DMatrixRMaj(matrix.numRows, matrix.numCols);
    for (int i = 0; i < eigen.getNumberOfEigenvalues(); i++) {
      // Rounding may leave a zero a little below itself.
      double value = Math.sqrt(Math.max(0, eigen.getEigenvalue(i).getReal()));
      DMatrixRMaj vector = eigen.getEigenVector(i);
      CommonOps_DDRM.multAddTransB(value, vector, vector, root);
    }
    return root;
  }

  private static EigenDecomposition_F64<DMatrixRMaj> eigen(DMatrixRMaj matrix, boolean vectors) {
    DMatrixRMaj symmetric = matrix.copy();
    for (int i = 0; i < matrix.numRows; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (matrix.get(i, j) + matrix.get(j, i)) / 2;
        symmetric.set(i, j, mean);
        symmetric.set(j, i, mean);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(matrix.numRows, vectors, true);
    if (!eigen.decompose(symmetric)) {
      throw new IllegalStateException("the eigenvalues of a covariance do not converge");
    }
    return eigen;
  }
}
