package dev.djinn.exporter;

import dev.djinn.graph.pass.Optimization;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * How to export.
 *
 * @param target where the file is to run
 * @param with rewrites that are made beside the target's
 * @param without rewrites that are left out
 * @param tolerance largest error allowed on {@code image}, more than 0
 */
public record ExportOptions(
    Target target, Set<Optimization> with, Set<Optimization> without, double tolerance) {
  /** The largest error that is allowed unless another is stated. */
  public static final double DEFAULT_TOLERANCE = 1e-4;

  /** Checks the tolerance. */
  public ExportOptions {
    with = Collections.unmodifiableSet(new TreeSet<>(with));
    without = Collections.unmodifiableSet(new TreeSet<>(without));
    if (!(tolerance > 0 && tolerance < 1)) {
      throw new IllegalArgumentException("tolerance must be between 0 and 1, got " + tolerance);
    }
  }

  /** Returns the options for ONNX Runtime on CPUs, with the rewrites that pay there. */
  public static ExportOptions defaults() {
    return of(Target.SERVER);
  }

  /** Returns the options of a target. */
  public static ExportOptions of(Target target) {
    return new ExportOptions(target, Set.of(), Set.of(), DEFAULT_TOLERANCE);
  }

  /** Returns the rewrites to make. */
  Set<Optimization> optimizations() {
    EnumSet<Optimization> chosen = EnumSet.noneOf(Optimization.class);
    chosen.addAll(target.optimizations());
    chosen.addAll(with);
    chosen.removeAll(without);
    return chosen;
  }
}
