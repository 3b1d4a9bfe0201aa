package dev.djinn.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One quantity of a run, thinned to what a picture can show: for each stretch of steps its mean and
 * its extremes.
 *
 * @param bins in the order of the steps; stretches without a finite value are left out
 */
record Curve(List<Bin> bins) {
  /** Mean and extremes over a stretch of steps around one step. */
  record Bin(double step, double mean, double least, double greatest) {}

  /** Thins to at most so many stretches of equal length in steps. */
  static Curve of(List<CurvePoint> points, ToDoubleFunction<CurvePoint> quantity, int most) {
    long first = points.get(0).step();
    double stretch =
        Math.max(1, (points.get(points.size() - 1).step() - first + 1) / (double) most);
    List<Bin> bins = new ArrayList<>();
    int i = 0;
    while (i < points.size()) {
      long bin = (long) ((points.get(i).step() - first) / stretch);
      double sum = 0;
      double steps = 0;
      double least = Double.POSITIVE_INFINITY;
      double greatest = Double.NEGATIVE_INFINITY;
      int n = 0;
      for (; i < points.size() && (long) ((points.get(i).step() - first) / stretch) == bin; i++) {
        double value = quantity.applyAsDouble(points.get(i));
        if (Double.isFinite(value)) {
          sum += value;
          steps += points.get(i).step();
          least = Math.min(least, value);
          greatest = Math.max(greatest, value);
          n++;
        }
      }
      if (n > 0) {
        bins.add(new Bin(steps / n, sum / n, least, greatest));
      }
    }
    return new Curve(List.copyOf(bins));
  }
}
