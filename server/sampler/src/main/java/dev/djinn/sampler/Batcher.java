package dev.djinn.sampler;

import dev.djinn.sampler.Job.Slice;
import dev.djinn.sampler.SamplerException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Merges waiting requests into batches by rows, and splits large ones.
 *
 * <p>A batch is whatever waits when a slot becomes free, up to the largest batch: an idle sampler
 * adds no waiting, a busy one makes larger batches. There is a slot for each batch that may run at
 * the same time. A caller that waits anyway takes a free slot itself, which spares the hand-over to
 * another thread; otherwise worker threads, started when first needed, do the work. When slots are
 * idle, a large request is shared out among them. When all are busy, clients take {@link Turns}.
 */
final class Batcher implements AutoCloseable {
  /**
   * Runs one batch of at least one slice, and tells what it took. Where only some of it failed, it
   * refuses their jobs.
   */
  interface Runner {
    BatchTimes run(List<Slice> batch);
  }

  /** What a batch took, null if none ran to its end, and why it failed, null if it did not. */
  private record Outcome(BatchTimes times, SamplerException failure) {}

  /** Below this many rows, reading the weights again costs more than sharing out gives. */
  static final int SMALLEST_SHARE = 8;

  /** Below this time, handing over to another thread does. */
  static final long SHORTEST_SHARE = 500_000;

  /** While others ask for little, a batch of those who ask for much takes no longer than this. */
  private static final long LONGEST_TURN = 4_000_000;

  /** How long it counts that somebody has asked for little. */
  private static final long MEMORY = 100_000_000;

  /** Nanoseconds between two searches of the queue for what is late, at least. */
  private static final long SEARCH = 1_000_000;

  private final int slots;
  private final int batchRows;
  private final int queueRows;
  private final Runner runner;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition idle = lock.newCondition();
  private final Condition deadlines = lock.newCondition();
  private final PriorityQueue<Job> queue = new PriorityQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private BatchCounters counters;

  /** Dropped, but not told yet, which the timer does without the lock. */
  private final List<Job> late = new ArrayList<>();

  /** Tells those whose time is over, even while all slots are busy; null before it is needed. */
  private Thread timer;

  /** When the timer searches the queue next. */
  private long search;

  /** Of the most efficient batch so far, in nanoseconds; infinite before the first. */
  private double timePerRow = Double.POSITIVE_INFINITY;

  private final Turns turns = new Turns();

  private long waitingRows;

  /** Of these, rows of requests for more than a batch. */
  private long largeRows;

  /** When somebody last asked for less than a turn. */
  private long littleAt = System.nanoTime() - MEMORY;

  /** When a slot was last taken or given back. */
  private long movedAt;

  private long runningRows;
  private long sequence;
  private int freeSlots;
  private boolean closed;

  Batcher(int slots, int batchRows, int queueRows, Runner runner) {
    this.slots = slots;
    this.batchRows = batchRows;
    this.queueRows = queueRows;
    this.runner = runner;
    this.freeSlots = slots;
    this.counters = new BatchCounters(batchRows);
  }

  /**
   * Runs rows and waits. Callers are held back by their waiting, so the queue's bound is not for
   * them.
   */
  void run(Rows rows) {
    Job job;
    lock.lock();
    try {
      refuseIfClosed();
      job = new Job(rows, Urgency.DEFAULT, sequence++, this::withdraw);
      enqueue(job);
      while (job.left() > 0 && !job.failed() && freeSlots > 0) {
        runBatch();
      }
      wakeWorker();
    } finally {
      lock.unlock();
    }
    try {
      job.future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof SamplerException cause ? cause : e;
    }
  }

  /**
   * Runs rows on a worker.
   *
   * @param bounded whether the queue's bound holds; it need not for one who reads as much as he
   *     asks for
   */
  CompletableFuture<Void> submit(Rows rows, Urgency urgency, boolean bounded) {
    lock.lock();
    try {
      refuseIfClosed();
      if (bounded) {
        refuseIfFull(rows.count());
      }
      Job job = new Job(rows, urgency, sequence++, this::withdraw);
      enqueue(job);
      wakeWorker();
      return job.future;
    } finally {
      lock.unlock();
    }
  }

  /** {@return how long all slots have been at the batches they have now; 0 while one is free} */
  long stalledNanos() {
    lock.lock();
    try {
      return freeSlots > 0 ? 0 : System.nanoTime() - movedAt;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses early what {@link #submit} would refuse.
   *
   * @param count rows that will be asked for
   */
  void checkRoom(int count) {
    lock.lock();
    try {
      refuseIfClosed();
      refuseIfFull(count);
    } finally {
      lock.unlock();
    }
  }

  /**
   * An empty queue takes a request of any size: its caller has the memory for it already. Requests
   * for more than a batch do not take the place of others.
   */
  private void refuseIfFull(int count) {
    long waiting = large(count) ? largeRows : waitingRows - largeRows;
    if (waiting > 0 && waiting + count > queueRows) {
      counters.rejected++;
      throw new SamplerException(
          Reason.OVERLOADED,
          "the queue is full: " + waiting + " of " + queueRows + " rows are waiting");
    }
  }

  private boolean large(int count) {
    return count > batchRows;
  }

  /** Notes rows of a job that wait from now on, or no more. */
  private void count(Job job, int more) {
    waitingRows += more;
    if (large(job.rows.count())) {
      largeRows += more;
    }
  }

  /** Takes a job out of the queue with all that is left of it. */
  private boolean forget(Job job) {
    boolean waited = queue.remove(job);
    if (waited) {
      gone(job);
    }
    return waited;
  }

  private void gone(Job job) {
    turns.leave(job);
    count(job, -job.left());
  }

  /**
   * Takes a job back if no worker has any of it; otherwise what none has, and it fails when the
   * rest is done.
   */
  boolean withdraw(Job job) {
    lock.lock();
    try {
      if (!forget(job)) {
        return false;
      }
      if (job.running()) {
        job.fail(new SamplerException(Reason.TIMED_OUT, "the request was given up"));
        return false;
      }
      return true; // Nothing of it is with a worker now.
    } finally {
      lock.unlock();
    }
  }

  /** Counts from here on. */
  void resetStatistics() {
    lock.lock();
    try {
      counters = new BatchCounters(batchRows);
    } finally {
      lock.unlock();
    }
  }

  SamplerStatistics statistics() {
    lock.lock();
    try {
      return counters.snapshot(waitingRows, slots - freeSlots);
    } finally {
      lock.unlock();
    }
  }

  /** Finishes what was accepted, then lets the workers go. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      // This thread helps, since it may be the only worker, in a callback of its own work.
      while (!queue.isEmpty() || freeSlots < slots) {
        if (!queue.isEmpty() && freeSlots > 0) {
          runBatch();
        } else {
          idle.awaitUninterruptibly();
        }
      }
      work.signalAll();
      deadlines.signal();
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Job job) {
    turns.enter(job);
    queue.add(job);
    count(job, job.rows.count());
    if (job.rows.count() < Job.TURN) {
      littleAt = System.nanoTime();
    }
    if (job.hasDeadline()) {
      watch(job.deadline);
    }
  }

  /** Has the timer look at a deadline; nothing to do for all but the earliest. */
  private void watch(long deadline) {
    if (timer == null) {
      search = deadline;
      timer = new Thread(this::tellLate, "djinn-deadlines");
      timer.setDaemon(true);
      timer.start();
    } else if (deadline - search < 0) {
      search = deadline;
      deadlines.signal();
    }
  }

  /** Brings one worker to what waits, if it could begin; that one wakes the next. */
  private void wakeWorker() {
    if (queue.isEmpty() || freeSlots == 0) {
      return;
    }
    if (threads.size() < slots && !lock.hasWaiters(work)) {
      Thread thread = new Thread(this::work, "djinn-worker-" + threads.size());
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    } else {
      work.signal();
    }
  }

  private void work() {
    lock.lock();
    try {
      while (true) {
        if (!queue.isEmpty() && freeSlots > 0) {
          runBatch();
        } else if (closed) {
          return;
        } else {
          work.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is late at its deadline and tells its callers, until the batcher is closed. */
  private void tellLate() {
    lock.lock();
    try {
      while (!closed || !queue.isEmpty() || !late.isEmpty()) {
        long now = System.nanoTime();
        if (search - now <= 0) {
          dropLate(now);
        }
        if (late.isEmpty()) {
          awaitSearch(search - now);
        } else {
          List<Job> dropped = List.copyOf(late);
          late.clear();
          withoutLock(
              () -> {
                dropped.forEach(Job::tell);
                return null;
              });
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The loop is the caller's.
  private void awaitSearch(long nanos) {
    try {
      deadlines.awaitNanos(nanos);
    } catch (InterruptedException e) {
      // By a caller's code that was told; the timer goes on.
    }
  }

  /**
   * Takes a slot and a batch, runs it without the lock, and tells those whose rows are all done.
   */
  private void runBatch() {
    freeSlots--;
    long start = System.nanoTime();
    movedAt = start;
    List<Slice> batch = take(start);
    int rows = batch.stream().mapToInt(Slice::count).sum();
    runningRows += rows;
    wakeWorker();
    Outcome outcome = withoutLock(() -> run(batch));
    runningRows -= rows;
    if (outcome.times() != null) {
      long nanos = System.nanoTime() - start;
      counters.ran(rows, nanos, outcome.times());
      timePerRow = Math.min(timePerRow, (double) nanos / rows);
    }
    freeSlots++;
    movedAt = System.nanoTime();
    List<Job> done = finish(batch, outcome.failure());
    if (closed) {
      idle.signalAll();
    }
    if (done.isEmpty()) {
      return; // This thread goes on; waking another would only hand it the memory in this cache.
    }
    wakeWorker();
    withoutLock(
        () -> {
          done.forEach(Job::tell);
          return null;
        });
  }

  private <T> T withoutLock(Supplier<T> action) {
    lock.unlock();
    try {
      return action.get();
    } finally {
      lock.lock();
    }
  }

  private Outcome run(List<Slice> batch) {
    try {
      return new Outcome(batch.isEmpty() ? null : runner.run(batch), null);
    } catch (SamplerException e) {
      return new Outcome(null, e);
    } catch (RuntimeException | Error e) {
      return new Outcome(
          null, new SamplerException(Reason.FAILED, "running a batch failed: " + e, e));
    }
  }

  /** Gives how many of the waiting rows to run now, so that all slots have as many to do. */
  private int share(long now) {
    long smallest = Math.max(SMALLEST_SHARE, (long) (SHORTEST_SHARE / timePerRow));
    long equal = -Math.floorDiv(-(waitingRows + runningRows), slots);
    long share = Math.max(smallest, equal);
    long rows = Math.min(batchRows, waitingRows - share < smallest ? waitingRows : share);
    boolean little = largeRows > 0 && now - littleAt < MEMORY;
    return (int)
        (little
            ? Math.min(rows, Math.max(Job.TURN, (long) ((double) LONGEST_TURN / timePerRow)))
            : rows);
  }

  /** Takes this slot's share of the waiting rows. Small requests stay whole. */
  private List<Slice> take(long now) {
    dropLateHeads(now);
    int room = share(now);
    List<Slice> batch = new ArrayList<>();
    while (room > 0 && !queue.isEmpty()) {
      Job job = queue.peek();
      if (!batch.isEmpty() && job.left() > room && job.left() <= batchRows) {
        break;
      }
      if (!job.begun()) {
        counters.waited(now - job.queuedAt);
      }
      int count = Math.min(room, job.left());
      queue.remove(); // Its place is another one afterwards.
      batch.add(job.hand(count));
      room -= count;
      count(job, -count);
      turns.serve(job);
      if (job.left() == 0) {
        turns.leave(job);
      } else {
        queue.add(job);
      }
      dropLateHeads(now);
    }
    return batch;
  }

  /** Notes what a batch has done, and gives the jobs that are complete. */
  private List<Job> finish(List<Slice> batch, SamplerException failure) {
    List<Job> done = new ArrayList<>();
    for (Slice slice : batch) {
      Job job = slice.job();
      job.finish(slice.count());
      job.failIfRefused();
      if (failure != null) {
        job.fail(failure);
      }
      if (job.failed()) {
        forget(job);
      }
      if (job.complete()) {
        done.add(job);
      }
    }
    return done;
  }

  private void dropLateHeads(long now) {
    while (!queue.isEmpty() && queue.peek().late(now)) {
      drop(queue.remove());
    }
  }

  /** Drops all that is late, behind those of higher priority too, and sets the next search. */
  private void dropLate(long now) {
    List<Job> found = queue.stream().filter(job -> job.late(now)).toList();
    queue.removeIf(job -> job.late(now));
    found.forEach(this::drop);
    long next = Long.MAX_VALUE / 2;
    for (Job job : queue) {
      if (job.hasDeadline() && !job.begun()) {
        next = Math.min(next, job.deadline - now);
      }
    }
    search = now + Math.max(SEARCH, next);
  }

  private void drop(Job job) {
    gone(job);
    counters.timedOut++;
    job.failLate();
    late.add(job);
    deadlines.signal();
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new SamplerException(Reason.CLOSED, "the sampler is closed");
    }
  }
}
