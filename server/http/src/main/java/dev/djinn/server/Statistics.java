package dev.djinn.server;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the socket has done for one version of a model since it was loaded; the runs themselves are
 * counted by its sampler. Thread-safe.
 */
final class Statistics {

  /** How often, and nanoseconds in all. */
  static final class Duration {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long duration) {
      count.increment();
      nanos.add(duration);
    }

    long count() {
      return count.sum();
    }

    long nanos() {
      return nanos.sum();
    }
  }

  /** Requests answered, and their time from arrival to answer. */
  final Duration success = new Duration();

  /** Requests that failed, and their time. */
  final Duration fail = new Duration();

  /** Reading requests. */
  final Duration input = new Duration();

  /** Writing answers. */
  final Duration output = new Duration();

  /** Milliseconds since 1970 of the last request; 0 before the first. */
  final AtomicLong last = new AtomicLong();
}
