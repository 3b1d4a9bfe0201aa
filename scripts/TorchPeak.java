import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Prints libtorch's rate on a 2048 × 2048 float32 matrix product, in GFLOP/s: best of ten. */
public final class TorchPeak {
  private static final int N = 2048;

  /** Runs it. */
  public static void main(String[] args) {
    System.setProperty("ai.djl.offline", "true");
    double best = 0;
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray a = manager.randomNormal(new Shape(N, N));
      NDArray b = manager.randomNormal(new Shape(N, N));
      for (int i = 0; i < 10; i++) {
        long start = System.nanoTime();
        try (NDArray c = a.matMul(b)) {
          c.getFloat(0, 0);
        }
        best = Math.max(best, 2.0 * N * N * N / (System.nanoTime() - start));
      }
    }
    System.out.printf("%.1f%n", best);
  }
}
