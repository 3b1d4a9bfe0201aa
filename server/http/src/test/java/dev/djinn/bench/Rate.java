package dev.djinn.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * How often something was done.
 *
 * @param perSecond calls a second
 * @param p50 median milliseconds of a call
 * @param p99 milliseconds that 99 of 100 calls did not exceed
 */
record Rate(double perSecond, double p50, double p99) {

  static Rate of(List<Long> nanos, double seconds) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    return new Rate(sorted.length / seconds, at(sorted, 0.5) / 1e6, at(sorted, 0.99) / 1e6);
  }

  private static double at(long[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  static double median(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** {@return smallest and largest, for a reader who wants to know how sure the median is} */
  static String spread(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return Arrays.stream(new double[] {sorted[0], sorted[sorted.length - 1]})
        .mapToObj(value -> String.format(java.util.Locale.ROOT, "%.3g", value))
        .reduce((a, b) -> a + " to " + b)
        .orElseThrow();
  }
}
