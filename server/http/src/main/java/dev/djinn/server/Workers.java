package dev.djinn.server;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The threads that read large requests and write large answers, beside those of the samplers that
 * run the models.
 */
final class Workers implements AutoCloseable {

  private final ThreadPoolExecutor threads;
  private final int queue;
  private final LongAdder refused = new LongAdder();

  Workers(int count, int queue) {
    this.queue = queue;
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "djinn-request-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Queues the beginning of a request, if there is room; never waits. */
  void submit(Runnable task) throws RequestException {
    if (waiting() >= queue) {
      refused.increment();
      throw RequestException.busy("the queue is full; try again later");
    }
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      throw RequestException.busy("the server is closing");
    }
  }

  /** Queues the end of a request, whose beginning has been let in: there is always room for it. */
  void finish(Runnable task) {
    threads.execute(task);
  }

  int waiting() {
    return threads.getQueue().size();
  }

  /** {@return how many found the queue full} */
  long refused() {
    return refused.sum();
  }

  /** Lets what is queued finish. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
