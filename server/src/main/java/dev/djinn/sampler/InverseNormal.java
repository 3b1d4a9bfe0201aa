package dev.djinn.sampler;

/**
 * The inverse of the standard normal distribution function: PPND7 of Wichura's algorithm AS 241
 * (Applied Statistics 37, 1988), accurate to about one part in 10⁷. Only additions,
 * multiplications, divisions, a square root and, in the tails, {@link StrictMath#log}, in a fixed
 * order: the same bits on every machine.
 */
final class InverseNormal {
  private InverseNormal() {}

  /** Gives the quantile at {@code p}, 0 &lt; p &lt; 1. */
  static double at(double p) {
    double q = p - 0.5;
    if (Math.abs(q) <= 0.425) {
      double r = 0.180625 - q * q;
      return q
          * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
          / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
    }
    double tail = tail(q < 0 ? p : 1.0 - p);
    return q < 0 ? -tail : tail;
  }

  /** Gives the distance from 0 of the point beyond which a share of {@code p} lies. */
  private static double tail(double p) {
    double r = Math.sqrt(-StrictMath.log(p));
    if (r <= 5.0) {
      r -= 1.6;
      return (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
          / ((0.12021132975 * r + 0.73700164250) * r + 1.0);
    }
    r -= 5.0;
    return (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150)
        / ((0.012258202635 * r + 0.24197894225) * r + 1.0);
  }
}
