package dev.djinn.server;

import dev.djinn.sampler.Urgency;
import java.time.Duration;

/**
 * The protocol's schedule policy, from a request's parameters.
 *
 * @param priority 0 for the usual; else 1 is the highest, and higher numbers are less urgent
 * @param timeoutMicros how long the request may wait; 0 for as long as the server lets it
 */
record SchedulePolicy(long priority, long timeoutMicros) {

  static final SchedulePolicy USUAL = new SchedulePolicy(0, 0);

  /** The lowest level; all named levels go before requests that name none. */
  private static final int LEVELS = 100;

  SchedulePolicy {
    if (priority < 0 || priority > LEVELS || timeoutMicros < 0) {
      throw new IllegalArgumentException(
          "priority is "
              + priority
              + " and timeout "
              + timeoutMicros
              + "; give priority 0 to "
              + LEVELS
              + " and a timeout of 0 or more microseconds");
    }
  }

  Urgency hasten(Urgency urgency) {
    Urgency result = priority == 0 ? urgency : urgency.withPriority(LEVELS + 1 - (int) priority);
    long usual = urgency.timeout().toNanos() / 1000;
    return timeoutMicros == 0 || timeoutMicros > usual
        ? result
        : result.withTimeout(Duration.ofNanos(timeoutMicros * 1000));
  }
}
