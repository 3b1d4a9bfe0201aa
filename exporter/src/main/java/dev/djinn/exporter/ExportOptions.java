package dev.djinn.exporter;

import dev.djinn.graph.pass.Optimization;
import java.util.Collections;
import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/**
 * How to export.
 *
 * @param target where the file is to run
 * @param with rewrites that are made beside the target's
 * @param without rewrites that are left out
 * @param precision in what the weights are kept, where the network is large enough for it
 * @param tolerance largest error allowed on {@code image}, above 0 and at most 1; if empty, that of
 *     the precision which the file turns out to be in
 */
public record ExportOptions(
    Target target,
    Set<Optimization> with,
    Set<Optimization> without,
    Precision precision,
    OptionalDouble tolerance) {
  /** Checks the tolerance. */
  public ExportOptions {
    with = Collections.unmodifiableSet(new TreeSet<>(with));
    without = Collections.unmodifiableSet(new TreeSet<>(without));
    if (tolerance.isPresent() && !(tolerance.getAsDouble() > 0 && tolerance.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "tolerance must be above 0 and at most 1, got " + tolerance.getAsDouble());
    }
  }

  /** Returns the options for ONNX Runtime on CPUs, with the rewrites that pay there. */
  public static ExportOptions defaults() {
    return of(Target.SERVER);
  }

  /** Returns the options of a target. */
  public static ExportOptions of(Target target) {
    return of(target, Precision.FP32);
  }

  /** Returns the options of a target in a precision, with the error that is usual there. */
  public static ExportOptions of(Target target, Precision precision) {
    return new ExportOptions(target, Set.of(), Set.of(), precision, OptionalDouble.empty());
  }

  /** Returns the rewrites to make. */
  Set<Optimization> optimizations() {
    EnumSet<Optimization> chosen = EnumSet.noneOf(Optimization.class);
    chosen.addAll(target.optimizations());
    if (precision == Precision.INT8 && target == Target.SERVER) {
      // No transposed convolution has eight bits, so its phases pay, however wide it is.
      chosen.add(Optimization.WIDE_DECONVOLUTION_PHASES);
    }
    chosen.addAll(with);
    chosen.removeAll(without);
    return chosen;
  }
}
