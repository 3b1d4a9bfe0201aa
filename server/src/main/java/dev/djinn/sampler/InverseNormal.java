package dev.djinn.sampler;

/**
 * The inverse of the standard normal distribution function: PPND7 of Wichura's algorithm AS 241
 * (Applied Statistics 37, 1988), accurate to about one part in 10⁷. Only additions,
 * multiplications, divisions, a square root and, in the tails, {@link StrictMath#log}, in a fixed
 * order: the same bits on every machine.
 */
final class InverseNormal {
  private InverseNormal() {}

  /**
   * Gives the quantile at {@code p}, 2⁻³³ ≤ p ≤ 1 − 2⁻³³, which is as far out as a word of 32 bits
   * goes; the algorithm's second tail, for p below 1.4 × 10⁻¹¹, is therefore left out.
   */
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
    r -= 1.6;
    return (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
        / ((0.12021132975 * r + 0.73700164250) * r + 1.0);
  }
}
