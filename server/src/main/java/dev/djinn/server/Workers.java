package dev.djinn.server;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that work on requests, and the bounded queue before them. */
final class Workers implements AutoCloseable {

  private final ThreadPoolExecutor threads;

  Workers(int count, int queue) {
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            task -> {
              Thread thread = new Thread(task, "djinn-worker-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Queues a task; never waits. */
  void submit(Runnable task) throws RequestException {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      throw RequestException.busy(
          threads.isShutdown() ? "the server is closing" : "the queue is full; try again later");
    }
  }

  int waiting() {
    return threads.getQueue().size();
  }

  /** Lets what is queued finish. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
