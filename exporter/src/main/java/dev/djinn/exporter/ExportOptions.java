package dev.djinn.exporter;

import dev.djinn.graph.pass.Optimization;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * How to export.
 *
 * @param target where the file is to run
 * @param without rewrites of the target that are left out
 * @param tolerance largest error allowed on {@code image}, more than 0
 */
public record ExportOptions(Target target, Set<Optimization> without, double tolerance) {
  /** The largest error that is allowed unless another is stated. */
  public static final double DEFAULT_TOLERANCE = 1e-4;

  /** Checks the tolerance. */
  public ExportOptions {
    without = Collections.unmodifiableSet(new java.util.TreeSet<>(without));
    if (!(tolerance > 0 && tolerance < 1)) {
      throw new IllegalArgumentException("tolerance must be between 0 and 1, got " + tolerance);
    }
  }

  /** Returns the options for ONNX Runtime on CPUs, with every rewrite. */
  public static ExportOptions defaults() {
    return of(Target.SERVER);
  }

  /** Returns the options of a target. */
  public static ExportOptions of(Target target) {
    return new ExportOptions(target, Set.of(), DEFAULT_TOLERANCE);
  }

  /** Returns the rewrites to make. */
  Set<Optimization> optimizations() {
    EnumSet<Optimization> chosen = EnumSet.noneOf(Optimization.class);
    chosen.addAll(target.optimizations());
    chosen.removeAll(without);
    return chosen;
  }
}
