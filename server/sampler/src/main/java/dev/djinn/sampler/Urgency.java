package dev.djinn.sampler;

import java.time.Duration;
import java.util.Objects;

/**
 * How soon a submitted request must run.
 *
 * @param priority requests of a higher priority go first; usually 0
 * @param timeout how long it may wait for a worker before it fails with {@link
 *     SamplerException.Reason#TIMED_OUT}; positive. Once a worker has begun, it is finished.
 */
public record Urgency(int priority, Duration timeout) {
  /** Priority 0, waits as long as it takes. */
  public static final Urgency DEFAULT = new Urgency(0, Duration.ofNanos(Long.MAX_VALUE / 2));

  /** Checks the timeout. */
  public Urgency {
    Objects.requireNonNull(timeout, "timeout");
    if (timeout.isNegative() || timeout.isZero()) {
      throw SamplerException.invalidRequest("a timeout of " + timeout + " is not possible");
    }
    if (timeout.toSeconds() > Long.MAX_VALUE / 2 / 1_000_000_000L) {
      timeout = Duration.ofNanos(Long.MAX_VALUE / 2);
    }
  }

  /**
   * Changes the priority.
   *
   * @param value higher goes first
   * @return a copy
   */
  public Urgency withPriority(int value) {
    return new Urgency(value, timeout);
  }

  /**
   * Changes the timeout.
   *
   * @param value positive
   * @return a copy
   */
  public Urgency withTimeout(Duration value) {
    return new Urgency(priority, value);
  }
}
