package dev.djinn.sampler;

import java.util.List;

/**
 * How long something took that happened many times.
 *
 * @param count how often it happened
 * @param nanos its time, summed
 * @param atMost for each of {@link #BOUNDS}, how often it took no longer; the rest took longer than
 *     the last
 */
public record Timing(long count, long nanos, List<Long> atMost) {

  /** Times in nanoseconds, growing, from 0.1 ms to 10 s. */
  public static final List<Long> BOUNDS =
      List.of(
          100_000L,
          250_000L,
          500_000L,
          1_000_000L,
          2_500_000L,
          5_000_000L,
          10_000_000L,
          25_000_000L,
          50_000_000L,
          100_000_000L,
          250_000_000L,
          500_000_000L,
          1_000_000_000L,
          2_500_000_000L,
          5_000_000_000L,
          10_000_000_000L);

  /** Checks that each bound has its number. */
  public Timing {
    atMost = List.copyOf(atMost);
    if (atMost.size() != BOUNDS.size()) {
      throw new IllegalArgumentException(
          atMost.size() + " numbers for " + BOUNDS.size() + " bounds");
    }
  }

  /** Counts; not thread-safe. */
  static final class Counter {
    private final long[] within = new long[BOUNDS.size()];
    private long count;
    private long nanos;

    void add(long duration) {
      count++;
      nanos += duration;
      for (int i = 0; i < within.length; i++) {
        if (duration <= BOUNDS.get(i)) {
          within[i]++;
          return;
        }
      }
    }

    Timing snapshot() {
      Long[] atMost = new Long[within.length];
      long sum = 0;
      for (int i = 0; i < within.length; i++) {
        sum += within[i];
        atMost[i] = sum;
      }
      return new Timing(count, nanos, List.of(atMost));
    }
  }
}
