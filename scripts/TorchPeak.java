import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Prints libtorch's rate on a 2048 × 2048 float32 matrix product, in GFLOP/s: the median of twenty
 * after two to warm up.
 */
public final class TorchPeak {
  private static final int N = 2048;
  private static final int WARM = 2;

  /** Runs it. */
  public static void main(String[] args) {
    System.setProperty("ai.djl.offline", "true");
    double[] rates = new double[20];
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray a = manager.randomNormal(new Shape(N, N));
      NDArray b = manager.randomNormal(new Shape(N, N));
      for (int i = -WARM; i < rates.length; i++) {
        long start = System.nanoTime();
        try (NDArray c = a.matMul(b)) {
          c.getFloat(0, 0);
        }
        if (i >= 0) {
          rates[i] = 2.0 * N * N * N / (System.nanoTime() - start);
        }
      }
    }
    Arrays.sort(rates);
    System.out.printf("%.1f%n", (rates[9] + rates[10]) / 2);
  }
}
