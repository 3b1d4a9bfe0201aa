package dev.djinn.server;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The threads that read requests and write answers, beside those of the samplers that run the
 * models. What takes long has threads of its own, so that a client who asks for one picture does
 * not wait for the compression of thousands; of those who wait there each connection has one
 * request, so that first come, first served is a turn for everybody.
 */
final class Workers implements AutoCloseable {

  private final ThreadPoolExecutor quick;
  private final ThreadPoolExecutor slow;
  private final int queue;
  private final LongAdder refused = new LongAdder();

  /**
   * Makes the threads.
   *
   * @param count of either kind
   * @param queue tasks of either kind that may wait
   */
  Workers(int count, int queue) {
    this.queue = queue;
    quick = threads("djinn-request-", count);
    slow = threads("djinn-large-", count);
  }

  private static ThreadPoolExecutor threads(String name, int count) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        count,
        count,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> {
          Thread thread = new Thread(task, name + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Queues the beginning of a request, if there is room; never waits.
   *
   * @param large whether it takes long
   */
  void submit(boolean large, Runnable task) throws RequestException {
    ThreadPoolExecutor threads = large ? slow : quick;
    if (threads.getQueue().size() >= queue) {
      refused.increment();
      throw RequestException.busy("the queue is full; try again later");
    }
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      throw RequestException.busy("the server is closing");
    }
  }

  /**
   * Queues the rest of a request, whose beginning has been let in: there is always room for it, on
   * this thread if the others are gone.
   */
  void finish(boolean large, Runnable task) {
    try {
      (large ? slow : quick).execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  int waiting() {
    return quick.getQueue().size() + slow.getQueue().size();
  }

  /** {@return how many found the queue full} */
  long refused() {
    return refused.sum();
  }

  /** Lets what is queued finish. */
  @Override
  public void close() {
    quick.shutdown();
    slow.shutdown();
  }
}
