package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * A request on its way through the batcher. Its rows are handed out from the first to the last, in
 * one slice or several; it is complete when none of its slices runs any more and either all were
 * handed out or it has failed. The batcher's lock guards everything here but the future.
 */
final class Job implements Comparable<Job> {
  /** Consecutive rows of a job in one batch. */
  record Slice(Job job, int first, int count) {}

  final Rows rows;
  final long queuedAt = System.nanoTime();
  final CompletableFuture<Void> future;

  /** Of its beginning, by {@link System#nanoTime}, where it has one. */
  final long deadline;

  /** Whose turn it takes; null for those who do not say, who are one client together. */
  final Object client;

  /** Rows that a turn is at least worth, so that many small ones do not wait for a large one. */
  static final int TURN = 32;

  private static final long NO_TIMEOUT = Urgency.DEFAULT.timeout().toNanos();

  private final int priority;
  private final long timeout;
  private final long sequence;
  private int handedOut;

  /** When its first row would be served, in rows that the batcher has served. */
  private long start;

  private int finished;
  private SamplerException failure;

  /** What a runner found wrong with a slice; it does not have the lock. */
  private volatile SamplerException refusal;

  /**
   * Makes a job.
   *
   * @param withdrawal takes it out of the queue, and says whether nothing had begun of it
   */
  Job(Rows rows, Urgency urgency, long sequence, Predicate<Job> withdrawal) {
    this.rows = rows;
    this.priority = urgency.priority();
    this.timeout = urgency.timeout().toNanos();
    this.deadline = queuedAt + timeout;
    this.client = urgency.client();
    this.sequence = sequence;
    this.future = new Completion(this, withdrawal);
  }

  /** Sets the place of its first row in the order of service. */
  void startAt(long served) {
    start = served;
  }

  /** {@return the place in the order of service at which its next rows end} */
  long turn() {
    return start + handedOut + Math.min(TURN, left());
  }

  /** {@return the place at which those end that have been handed out} */
  long served() {
    return start + handedOut;
  }

  int left() {
    return rows.count() - handedOut;
  }

  boolean begun() {
    return handedOut > 0;
  }

  /** {@return whether a worker has rows of it now} */
  boolean running() {
    return finished < handedOut;
  }

  boolean hasDeadline() {
    return timeout < NO_TIMEOUT;
  }

  boolean late(long now) {
    return hasDeadline() && !begun() && now - deadline >= 0;
  }

  Slice hand(int count) {
    Slice slice = new Slice(this, handedOut, count);
    handedOut += count;
    return slice;
  }

  void finish(int count) {
    finished += count;
  }

  void fail(SamplerException e) {
    failure = failure == null ? e : failure;
  }

  /** Says why a slice's rows are no answer, to be called by who ran them. */
  void refuse(SamplerException e) {
    refusal = e;
  }

  void failIfRefused() {
    if (refusal != null) {
      fail(refusal);
    }
  }

  boolean failed() {
    return failure != null;
  }

  boolean complete() {
    return finished == handedOut && (failed() || left() == 0);
  }

  /** Tells whoever waits; not to be called with the lock held. */
  void tell() {
    if (failure == null) {
      future.complete(null);
    } else {
      future.completeExceptionally(failure);
    }
  }

  void failLate() {
    String allowed = timeout < 1_000_000 ? timeout / 1000 + " µs" : timeout / 1_000_000 + " ms";
    fail(
        new SamplerException(
            Reason.TIMED_OUT, "no worker was free within the request's " + allowed));
  }

  /** The higher priority first, then whose turn is over first, then the earlier. */
  @Override
  public int compareTo(Job other) {
    if (priority != other.priority) {
      return Integer.compare(other.priority, priority);
    }
    return turn() != other.turn()
        ? Long.compare(turn(), other.turn())
        : Long.compare(sequence, other.sequence);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  /**
   * A future that can be cancelled only while nothing writes to the request's buffers. Later, the
   * rows that no worker has are given up, and it fails when those are done that one has.
   */
  private static final class Completion extends CompletableFuture<Void> {
    private final Job job;
    private final Predicate<Job> withdrawal;

    Completion(Job job, Predicate<Job> withdrawal) {
      this.job = job;
      this.withdrawal = withdrawal;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return withdrawal.test(job) && super.cancel(mayInterruptIfRunning);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }
}
