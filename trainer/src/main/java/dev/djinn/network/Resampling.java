package dev.djinn.network;

import java.util.List;

/** The filters of {@link Layer.Upsample} and {@link Layer.Downsample}, along one axis. */
final class Resampling {
  /** No smoothing. */
  static final List<Integer> NONE = List.of(1);

  private static final int MOST = 15;

  private Resampling() {}

  /**
   * A filter as layers keep it.
   *
   * @throws NetworkException if it has no middle, is not the same both ways or sums to nothing
   */
  static List<Integer> checked(String kind, List<Integer> filter) {
    int size = filter.size();
    boolean holds = size % 2 == 1 && size <= MOST && sum(filter) > 0;
    for (int i = 0; holds && i < size; i++) {
      holds = filter.get(i) >= 0 && filter.get(i).equals(filter.get(size - 1 - i));
    }
    if (!holds) {
      throw new NetworkException(
          kind
              + " filter must be an odd number of weights, at most "
              + MOST
              + ", the same both ways, such as [1, 2, 1], got "
              + filter);
    }
    return size == 1 ? NONE : List.copyOf(filter);
  }

  /** The filter laid over a run of {@code scale} ones, summing to {@code sum}. */
  static float[] taps(List<Integer> filter, int scale, double sum) {
    double[] laid = new double[filter.size() + scale - 1];
    for (int i = 0; i < filter.size(); i++) {
      for (int j = 0; j < scale; j++) {
        laid[i + j] += filter.get(i);
      }
    }
    float[] taps = new float[laid.length];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = (float) (laid[i] * sum / (sum(filter) * scale));
    }
    return taps;
  }

  private static double sum(List<Integer> filter) {
    return filter.stream().mapToDouble(Integer::doubleValue).sum();
  }

  /** The outer product of the taps with themselves, as TorchScript's nested lists. */
  static String square(float[] taps) {
    StringBuilder rows = new StringBuilder();
    for (float row : taps) {
      StringBuilder cells = new StringBuilder();
      for (float column : taps) {
        cells.append(cells.length() == 0 ? "" : ", ").append((double) row * column);
      }
      rows.append(rows.length() == 0 ? "[" : ", [").append(cells).append(']');
    }
    return "[[[" + rows + "]]]";
  }
}
