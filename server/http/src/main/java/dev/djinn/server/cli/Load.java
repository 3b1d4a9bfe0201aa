package dev.djinn.server.cli;

import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Calls as fast as answers come, on a number of threads, for a time. */
final class Load {

  /** One caller, used by one thread. */
  interface Caller extends AutoCloseable {
    void call() throws Exception;

    @Override
    default void close() throws IOException {}
  }

  /** Makes callers. */
  interface Callers {
    Caller open(int number) throws Exception;
  }

  private Load() {}

  /**
   * Measures.
   *
   * @param seconds how long; a quarter of it runs before, unmeasured
   * @param begin called when measuring begins
   */
  static Measurement run(int callers, int rows, double seconds, Callers opening, Runnable begin)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    AtomicBoolean measuring = new AtomicBoolean();
    AtomicBoolean stopped = new AtomicBoolean();
    List<Future<long[]>> running = new ArrayList<>();
    try {
      for (int i = 0; i < callers; i++) {
        int number = i;
        running.add(threads.submit(() -> loop(opening, number, measuring, stopped)));
      }
      pause(seconds / 4, running);
      begin.run();
      long start = System.nanoTime();
      measuring.set(true);
      pause(seconds, running);
      stopped.set(true);
      double took = (System.nanoTime() - start) / 1e9;
      long[] all = new long[0];
      for (Future<long[]> future : running) {
        long[] more = future.get();
        int end = all.length;
        all = Arrays.copyOf(all, end + more.length);
        System.arraycopy(more, 0, all, end, more.length);
      }
      if (all.length == 0) {
        throw new SamplerException(
            Reason.FAILED, "no call ended within " + seconds + " s; measure for longer");
      }
      return new Measurement(callers, rows, took, all, null);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      stopped.set(true);
      threads.shutdownNow();
    }
  }

  /** Waits, unless a caller fails. */
  private static void pause(double seconds, List<Future<long[]>> running) throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      Thread.sleep(Math.max(1, Math.min(20, (end - System.nanoTime()) / 1_000_000)));
      for (Future<long[]> future : running) {
        if (future.isDone()) {
          future.get();
          throw new CancellationException("a caller ended early");
        }
      }
    }
  }

  private static long[] loop(
      Callers opening, int number, AtomicBoolean measuring, AtomicBoolean stopped)
      throws Exception {
    long[] nanos = new long[1024];
    int count = 0;
    try (Caller caller = opening.open(number)) {
      while (!stopped.get()) {
        long start = System.nanoTime();
        caller.call();
        long end = System.nanoTime();
        // Whatever ends within the time counts, as what has begun before it makes up for what is
        // cut.
        if (measuring.get() && !stopped.get()) {
          nanos = count == nanos.length ? Arrays.copyOf(nanos, 2 * count) : nanos;
          nanos[count++] = end - start;
        }
      }
    }
    return Arrays.copyOf(nanos, count);
  }
}
