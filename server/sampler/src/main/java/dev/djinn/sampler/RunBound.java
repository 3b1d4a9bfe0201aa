package dev.djinn.sampler;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import dev.djinn.sampler.SamplerException.Reason;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Stops runs of one model that take too long. A thread looks at them from time to time; a run
 * itself only notes when it begins and ends.
 */
final class RunBound implements AutoCloseable {
  /** What a run may still take when its sampler is closed. */
  static final Duration GRACE = Duration.ofSeconds(10);

  /** A run of the model. */
  interface Run<T> {
    T with(RunOptions options) throws OrtException;
  }

  private final Duration bound;
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  /** By {@link System#nanoTime}, where {@link #hurried}. */
  private volatile long end;

  private volatile boolean hurried;

  RunBound(Duration bound) {
    this.bound = bound;
    thread = new Thread(this::look, "djinn-run-bound");
    thread.setDaemon(true);
    thread.start();
  }

  /** Makes what watches one run after the other; to be closed by the caller. */
  Watch watch() throws OrtException {
    Watch watch = new Watch();
    watches.add(watch);
    return watch;
  }

  /** Lets runs go on for {@link #GRACE} at most from now on. */
  void hurry() {
    end = System.nanoTime() + GRACE.toNanos();
    hurried = true;
  }

  /** None may be running. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    watches.forEach(Watch::close);
  }

  private void look() {
    long step = Math.min(250_000_000, Math.max(5_000_000, bound.toNanos() / 20));
    while (!closed) {
      long now = System.nanoTime();
      boolean running = false;
      for (Watch watch : watches) {
        running |= watch.look(now);
      }
      if (running) {
        LockSupport.parkNanos(step);
      } else {
        asleep = true;
        // A run that began in between has either been seen here or wakes this thread.
        if (!closed && watches.stream().noneMatch(watch -> watch.running)) {
          LockSupport.park();
        }
        asleep = false;
      }
    }
  }

  /** Watches one run at a time. */
  final class Watch implements AutoCloseable {
    private final RunOptions options = new RunOptions();
    private volatile boolean running;
    private long begun;
    private boolean stopped;

    private Watch() throws OrtException {}

    /** Runs, and says so if it was stopped. */
    <T> T run(Run<T> run) throws OrtException {
      begin();
      try {
        return run.with(options);
      } catch (OrtException e) {
        if (stopped()) {
          throw new SamplerException(
              Reason.TIMED_OUT,
              "the model did not answer within " + seconds(bound) + " and was stopped",
              e);
        }
        throw e;
      } finally {
        running = false;
      }
    }

    private synchronized void begin() throws OrtException {
      if (stopped) {
        options.setTerminate(false);
        stopped = false;
      }
      begun = System.nanoTime();
      running = true;
      if (asleep) {
        LockSupport.unpark(thread);
      }
    }

    private synchronized boolean stopped() {
      running = false;
      return stopped;
    }

    /** Stops what is late, and says whether anything runs. */
    private synchronized boolean look(long now) {
      boolean late = now - begun > bound.toNanos() || (hurried && now - end > 0);
      if (running && !stopped && late) {
        try {
          options.setTerminate(true);
          stopped = true;
        } catch (OrtException e) {
          throw new SamplerException(Reason.FAILED, "cannot stop a run: " + OneLine.first(e), e);
        }
      }
      return running;
    }

    @Override
    public synchronized void close() {
      if (watches.remove(this)) {
        options.close();
      }
    }
  }

  /** {@return such as {@code 60 s} or {@code 250 ms}} */
  static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
