package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Random;

/**
 * Kernel distance (Bińkowski et al. 2018, arXiv:1801.01401): the unbiased squared maximum mean
 * discrepancy under the kernel (x·y / width + 1)³, over random subsets.
 *
 * @param mean over the subsets; near 0, and at times below it, for equal distributions
 * @param spread standard deviation over the subsets
 */
public record KernelDistance(double mean, double spread) {
  private static final int SUBSETS = 50;
  private static final int MOST = 1000;

  /**
   * Compares features.
   *
   * @param a float32 (n, width), n at least 2
   * @param b float32 (m, width), m at least 2
   * @param seed of the subsets
   * @return the distance over 50 pairs of subsets of up to 1,000 pictures, and of at most half of
   *     the smaller set where that has four or more
   */
  public static KernelDistance of(NDArray a, NDArray b, long seed) {
    Random random = new Random(seed);
    long smaller = Math.min(a.getShape().get(0), b.getShape().get(0));
    // Subsets as large as their set are all the same one, and would have no spread.
    int size = (int) Math.min(MOST, Math.max(2, smaller / 2));
    double sum = 0;
    double squares = 0;
    try (NDManager scope = a.getManager().newSubManager()) {
      for (int i = 0; i < SUBSETS; i++) {
        try (NDManager subset = scope.newSubManager()) {
          double distance =
              discrepancy(some(a, size, random, subset), some(b, size, random, subset));
          sum += distance;
          squares += distance * distance;
        }
      }
    }
    double mean = sum / SUBSETS;
    return new KernelDistance(mean, Math.sqrt(Math.max(0, squares / SUBSETS - mean * mean)));
  }

  /** The unbiased estimate: a picture is not compared with itself. */
  static double discrepancy(NDArray a, NDArray b) {
    long n = a.getShape().get(0);
    long m = b.getShape().get(0);
    double withinA = off(a) / (n * (n - 1.0));
    double withinB = off(b) / (m * (m - 1.0));
    double across = kernel(a, b).sum().getDouble() / ((double) n * m);
    return withinA + withinB - 2 * across;
  }

  private static NDArray kernel(NDArray a, NDArray b) {
    return a.matMul(b.transpose()).div(a.getShape().get(1)).add(1).pow(3);
  }

  /** The kernel's sum over all pairs but each element with itself. */
  private static double off(NDArray a) {
    NDArray own = a.square().sum(new int[] {1}).div(a.getShape().get(1)).add(1).pow(3);
    return kernel(a, a).sum().getDouble() - own.sum().getDouble();
  }

  private static NDArray some(NDArray features, int size, Random random, NDManager scope) {
    int n = (int) features.getShape().get(0);
    long[] order = new long[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = 0; i < size; i++) {
      int j = i + random.nextInt(n - i);
      long kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    long[] picked = new long[size];
    System.arraycopy(order, 0, picked, 0, size);
    NDArray rows = features.get(scope.create(picked));
    rows.attach(scope);
    return rows.toType(DataType.FLOAT64, false);
  }
}
