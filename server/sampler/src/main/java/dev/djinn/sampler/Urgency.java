package dev.djinn.sampler;

import java.time.Duration;
import java.util.Objects;

/**
 * How soon a submitted request must run.
 *
 * @param priority requests of a higher priority go first; usually 0
 * @param timeout how long it may wait for a worker before it fails with {@link
 *     SamplerException.Reason#TIMED_OUT}; positive. Once a worker has begun, it is finished.
 * @param client for whom it is, by identity or {@code equals}: clients of equal priority get as
 *     many rows as one another while all wait; null for the one who does not say
 */
public record Urgency(int priority, Duration timeout, Object client) {
  /** Priority 0, waits as long as it takes, for nobody in particular. */
  public static final Urgency DEFAULT = new Urgency(0, Duration.ofNanos(Long.MAX_VALUE / 2), null);

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
    return new Urgency(value, timeout, client);
  }

  /**
   * Changes the timeout.
   *
   * @param value positive
   * @return a copy
   */
  public Urgency withTimeout(Duration value) {
    return new Urgency(priority, value, client);
  }

  /**
   * Says for whom it is.
   *
   * @param who as {@code equals} knows it
   * @return a copy
   */
  public Urgency withClient(Object who) {
    return new Urgency(priority, timeout, who);
  }
}
