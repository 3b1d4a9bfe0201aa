package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import dev.djinn.torch.TorchScript;

/**
 * How two sets of features cover each other, by balls around each element that reach to its k-th
 * nearest neighbour within its own set.
 *
 * @param precision share of generated pictures inside the ball of any real one (Kynkäänniemi et al.
 *     2019, arXiv:1904.06991)
 * @param recall share of real pictures inside the ball of any generated one
 * @param density how many balls of real pictures a generated one lies in, over k; 1 for equal
 *     distributions (Naeem et al. 2020, arXiv:2002.09797)
 * @param coverage share of real pictures whose ball holds a generated one
 */
public record Neighbourhoods(double precision, double recall, double density, double coverage) {
  private static final int ROWS = 1000;
  private static final String METHODS =
      """
      def radius(self, rows: Tensor, all: Tensor, k: Tensor) -> Tensor:
        d = torch.cdist(rows, all, 2., 1)
        r = torch.topk(d, torch.add(int(k), 1), 1, False, True)
        return torch.select((r)[0], 1, -1)
      def within(self, rows: Tensor, real: Tensor, radii: Tensor, own: Tensor) -> List[Tensor]:
        d = torch.cdist(rows, real, 2., 1)
        in_real = torch.le(d, radii)
        in_own = torch.le(d, torch.unsqueeze(own, 1))
        hits = torch.sum(in_real)
        return [torch.sum(torch.any(in_real, 1)), hits, torch.any(in_real, 0), torch.any(in_own, 0)]
      """;

  /**
   * Compares generated features with real ones.
   *
   * @param real float32 (n, width), n over k
   * @param generated float32 (m, width), m over k
   * @param k which neighbour the balls reach to, at least 1
   * @return the four shares
   * @throws IllegalArgumentException if a set has no more than k elements
   */
  public static Neighbourhoods of(NDArray real, NDArray generated, int k) {
    long n = real.getShape().get(0);
    long m = generated.getShape().get(0);
    if (k < 1 || n <= k || m <= k) {
      throw new IllegalArgumentException(
          "%d real and %d generated pictures have no %d-th neighbours".formatted(n, m, k));
    }
    try (NDManager scope = real.getManager().newSubManager()) {
      // float64: distances of close pairs are differences of large sums.
      NDArray x = doubles(real, scope);
      NDArray y = doubles(generated, scope);
      TorchScript script = TorchScript.compile(scope, METHODS);
      NDArray which = scope.create((long) k);
      NDArray ofReal = radii(script, x, which, scope);
      NDArray ofGenerated = radii(script, y, which, scope);
      NDArray covered = scope.zeros(x.getShape().slice(0, 1), DataType.BOOLEAN);
      NDArray recalled = scope.zeros(x.getShape().slice(0, 1), DataType.BOOLEAN);
      double precise = 0;
      double hits = 0;
      for (long start = 0; start < m; start += ROWS) {
        NDIndex rows = new NDIndex(start + ":" + Math.min(m, start + ROWS));
        try (NDManager step = scope.newSubManager()) {
          NDArray some = y.get(step, rows);
          NDList found = script.call("within", some, x, ofReal, ofGenerated.get(step, rows));
          precise += found.get(0).toLongArray()[0];
          hits += found.get(1).toLongArray()[0];
          NDArray nowCovered = covered.logicalOr(found.get(2));
          NDArray nowRecalled = recalled.logicalOr(found.get(3));
          nowCovered.attach(scope);
          nowRecalled.attach(scope);
          covered.close();
          recalled.close();
          covered = nowCovered;
          recalled = nowRecalled;
        }
      }
      return new Neighbourhoods(
          precise / m,
          recalled.toType(DataType.FLOAT64, false).mean().getDouble(),
          hits / ((double) k * m),
          covered.toType(DataType.FLOAT64, false).mean().getDouble());
    }
  }

  private static NDArray doubles(NDArray features, NDManager scope) {
    NDArray doubles = features.toType(DataType.FLOAT64, true);
    doubles.attach(scope);
    return doubles;
  }

  /** Distances to the k-th nearest other element; the nearest of all is the element itself. */
  private static NDArray radii(TorchScript script, NDArray x, NDArray k, NDManager scope) {
    NDList parts = new NDList();
    long n = x.getShape().get(0);
    for (long start = 0; start < n; start += ROWS) {
      try (NDManager step = scope.newSubManager()) {
        NDArray rows = x.get(step, new NDIndex(start + ":" + Math.min(n, start + ROWS)));
        NDArray part = script.call("radius", rows, x, k).singletonOrThrow();
        part.attach(scope);
        parts.add(part);
      }
    }
    return NDArrays.concat(parts);
  }
}
