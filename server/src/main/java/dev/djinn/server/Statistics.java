package dev.djinn.server;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What has happened to one version of a model since it was loaded. Thread-safe. */
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

  /** Waiting for a worker. */
  final Duration queue = new Duration();

  /** Reading requests. */
  final Duration input = new Duration();

  /** Running the model. */
  final Duration infer = new Duration();

  /** Writing answers. */
  final Duration output = new Duration();

  /** Images made. */
  final LongAdder rows = new LongAdder();

  /** Milliseconds since 1970 of the last request; 0 before the first. */
  final AtomicLong last = new AtomicLong();

  /** Runs of the model by their rows. */
  final Map<Integer, Duration> batches = new ConcurrentSkipListMap<>();

  void ran(int count, long nanos) {
    infer.add(nanos);
    rows.add(count);
    last.set(System.currentTimeMillis());
    batches.computeIfAbsent(count, size -> new Duration()).add(nanos);
  }
}
