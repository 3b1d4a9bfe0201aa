package dev.djinn.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of values with round numbers to mark on it.
 *
 * @param from the value at the start
 * @param to the value at the end, over {@code from}
 * @param ticks round values in the range, rising
 */
record Axis(double from, double to, List<Tick> ticks) {
  /** A mark: its value and the text beside it. */
  record Tick(double value, String text) {}

  /** An axis exactly as long as the values, with about so many ticks. */
  static Axis over(double from, double to, int about) {
    return over(from, to, about, 0);
  }

  /** The same with ticks at whole numbers only, as steps are. */
  static Axis ofWhole(long from, long to, int about) {
    return over((double) from, (double) to, about, 1);
  }

  private static Axis over(double from, double to, int about, double least) {
    double end = to > from ? to : from + 1;
    double step = Math.max(least, roundStep((end - from) / about));
    List<Tick> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= end + step * 1e-9; i++) {
      ticks.add(new Tick(i * step, text(i, step)));
    }
    return new Axis(from, end, List.copyOf(ticks));
  }

  /** Where a value stands between start (0) and end (1). */
  double place(double value) {
    return (value - from) / (to - from);
  }

  /** The power of ten, or two or five times it, that is next above. */
  private static double roundStep(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= rough * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String text(long multiple, double step) {
    // Decimal arithmetic, so that 3 × 0.1 reads 0.3; the step has one digit that counts.
    BigDecimal exact = new BigDecimal(Double.toString(step)).round(new MathContext(1));
    BigDecimal value = exact.multiply(BigDecimal.valueOf(multiple));
    if (value.signum() == 0) {
      return "0";
    }
    if (value.abs().compareTo(BigDecimal.valueOf(1_000_000)) >= 0) {
      return value.movePointLeft(6).stripTrailingZeros().toPlainString() + "M";
    }
    return value.stripTrailingZeros().toPlainString();
  }
}
