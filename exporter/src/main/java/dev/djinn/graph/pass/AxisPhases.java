package dev.djinn.graph.pass;

import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;

/**
 * One axis of an operator that makes {@code stride} outputs where there was one input: output
 * stride · u + v, of phase v, reads the inputs u + e, where e = offset(v, k) depends on phase and
 * kernel index. Each phase is a convolution over the inputs from u + {@link #low} to u + {@link
 * #high}.
 *
 * @param stride outputs made for each input
 * @param kernel size of the operator's kernel
 * @param offset (v, k) to e, or {@link #NONE} where phase v does not use kernel index k
 */
record AxisPhases(int stride, int kernel, IntBinaryOperator offset) {
  /** No offset. */
  static final int NONE = Integer.MIN_VALUE;

  /** Nearest upsampling, then convolution: y[o] = Σₖ w[k] x[⌊(o − p + k) / s⌋]. */
  static AxisPhases ofUpsampling(int stride, int kernel, int pad) {
    return new AxisPhases(stride, kernel, (v, k) -> Math.floorDiv(v - pad + k, stride));
  }

  /** Transposed convolution: y[o] = Σ w[k] x[i] over k and i with s i + k = o + p. */
  static AxisPhases ofDeconvolution(int stride, int kernel, int pad) {
    return new AxisPhases(
        stride,
        kernel,
        (v, k) -> (v + pad - k) % stride == 0 ? Math.floorDiv(v + pad - k, stride) : NONE);
  }

  int low(int phase) {
    return offsets(phase).min().orElse(0);
  }

  int high(int phase) {
    return offsets(phase).max().orElse(0);
  }

  int low() {
    return IntStream.range(0, stride).map(this::low).min().orElseThrow();
  }

  int high() {
    return IntStream.range(0, stride).map(this::high).max().orElseThrow();
  }

  boolean sameWindows() {
    return IntStream.range(0, stride).allMatch(v -> low(v) == low() && high(v) == high());
  }

  private IntStream offsets(int phase) {
    return IntStream.range(0, kernel).map(k -> offset.applyAsInt(phase, k)).filter(e -> e != NONE);
  }
}
