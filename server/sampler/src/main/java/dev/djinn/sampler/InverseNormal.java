package dev.djinn.sampler;

/**
 * The inverse of the standard normal distribution function: PPND7 of Wichura's algorithm AS 241
 * (Applied Statistics 37, 1988), accurate to about one part in 10⁷. Only additions,
 * multiplications, divisions, a square root and, in the tails, {@link StrictMath#log}, in a fixed
 * order: the same bits on every machine.
 *
 * <p>Takes probabilities from 2⁻³³ to 1 − 2⁻³³, which is as far out as a word of 32 bits goes; the
 * algorithm's second tail, for those below 1.4 × 10⁻¹¹, is therefore left out.
 */
final class InverseNormal {
  private static final double CENTRE = 0.425;

  // fdlibm's e_log.c: ln 2 in two parts, and the coefficients of its polynomial.
  private static final double LN2_HIGH = 0.6931471803691238;
  private static final double LN2_LOW = 1.9082149292705877e-10;
  private static final double L1 = 0.6666666666666735;
  private static final double L2 = 0.3999999999940942;
  private static final double L3 = 0.2857142874366239;
  private static final double L4 = 0.22222198432149784;
  private static final double L5 = 0.1818357216161805;
  private static final double L6 = 0.15313837699209373;
  private static final double L7 = 0.14798198605116586;

  private final double[] quantiles;
  private final int[] tails;

  /** Makes room for rows of up to {@code size} probabilities. */
  InverseNormal(int size) {
    quantiles = new double[size];
    tails = new int[size];
  }

  /**
   * Writes the quantiles of {@code size} probabilities as floats. The centre's formula is run over
   * all of them without a branch, which the JIT turns into vector instructions; then the tails are
   * put right.
   */
  void apply(double[] probabilities, int from, int size, float[] out, int at) {
    centres(probabilities, from, quantiles, size);
    int count = 0;
    for (int i = 0; i < size; i++) {
      tails[count] = i;
      count += Math.abs(probabilities[from + i] - 0.5) > CENTRE ? 1 : 0;
    }
    for (int i = 0; i < count; i++) {
      quantiles[tails[i]] = tail(probabilities[from + tails[i]]);
    }
    for (int i = 0; i < size; i++) {
      out[at + i] = (float) quantiles[i];
    }
  }

  private static void centres(double[] probabilities, int from, double[] quantiles, int size) {
    for (int i = 0; i < size; i++) {
      quantiles[i] = centre(probabilities[from + i] - 0.5);
    }
  }

  /** Gives the quantile at {@code p}. */
  static double at(double p) {
    return Math.abs(p - 0.5) <= CENTRE ? centre(p - 0.5) : tail(p);
  }

  private static double centre(double q) {
    double r = 0.180625 - q * q;
    return q
        * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
        / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
  }

  private static double tail(double p) {
    double r = Math.sqrt(-log(Math.min(p, 1.0 - p))) - 1.6;
    double distance =
        (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
            / ((0.12021132975 * r + 0.73700164250) * r + 1.0);
    return Math.copySign(distance, p - 0.5);
  }

  /**
   * Gives {@link StrictMath#log} to the bit, for normal numbers below ½. Before Java 21 the JDK's
   * own is a call into native code, which would cost more than all the rest of a latent.
   */
  static double log(double x) {
    int high = (int) (Double.doubleToRawLongBits(x) >>> 32);
    int fraction = high & 0xFFFFF;
    int carry = (fraction + 0x95F64) & 0x100000; // brings x into [√½, √2)
    double k = (high >> 20) - 1023 + (carry >> 20);
    long low = Double.doubleToRawLongBits(x) & 0xFFFFFFFFL;
    double f = Double.longBitsToDouble((long) (fraction | (carry ^ 0x3FF00000)) << 32 | low) - 1.0;
    if (((2 + fraction) & 0xFFFFF) < 3) { // |f| < 2⁻²⁰
      double r = f * f * (0.5 - 0.3333333333333333 * f);
      return f == 0 ? k * LN2_HIGH + k * LN2_LOW : k * LN2_HIGH - ((r - k * LN2_LOW) - f);
    }
    double s = f / (2.0 + f);
    double z = s * s;
    double w = z * z;
    double r = z * (L1 + w * (L3 + w * (L5 + w * L7))) + w * (L2 + w * (L4 + w * L6));
    if (((fraction - 0x6147A) | (0x6B851 - fraction)) > 0) {
      double half = 0.5 * f * f;
      return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
    }
    return k * LN2_HIGH - ((s * (f - r) - k * LN2_LOW) - f);
  }
}
