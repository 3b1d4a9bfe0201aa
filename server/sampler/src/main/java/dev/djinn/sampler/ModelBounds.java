package dev.djinn.sampler;

import java.time.Duration;
import java.util.Objects;

/**
 * What a model is held to.
 *
 * @param load how long it may take to be read, before its first samples; one that is given up goes
 *     on in a thread that nobody waits for, since ONNX Runtime cannot be stopped there
 * @param run how long one batch may take before it is stopped and fails with {@link
 *     SamplerException.Reason#TIMED_OUT}
 * @param strict whether a model that breaks the promise of the seed is refused instead of marked
 */
public record ModelBounds(Duration load, Duration run, boolean strict) {
  private static final Duration MOST = Duration.ofDays(365);

  /** Two minutes to load, one for a batch; a broken promise is said, not refused. */
  public static final ModelBounds DEFAULT =
      new ModelBounds(Duration.ofMinutes(2), Duration.ofMinutes(1), false);

  /** Checks the times. */
  public ModelBounds {
    check("load", load);
    check("run", run);
  }

  private static void check(String name, Duration time) {
    Objects.requireNonNull(time, name);
    if (time.isZero() || time.isNegative() || time.compareTo(MOST) > 0) {
      throw SamplerException.invalidRequest(
          "a time to " + name + " of " + time + " is not possible, it must be above 0");
    }
  }
}
