package dev.djinn.server;

import java.util.concurrent.Future;

/**
 * What one request holds of the {@link Budget}, and what is being made for it. Memory is held until
 * neither its answer nor what makes it needs that any more; what nobody wants is given up.
 * Thread-safe.
 */
final class Held {

  private final Budget budget;

  /** Who may use what is held: the way of the answer, and what is being made. */
  private int users = 1;

  private long bytes;
  private volatile boolean left;
  private volatile Future<?> making;

  /** Owns {@code bytes} of the budget from now on, which have been taken from it. */
  Held(Budget budget, long bytes) {
    this.budget = budget;
    this.bytes = bytes;
  }

  /** Takes more of the budget. */
  void take(long more) throws RequestException {
    budget.take(more);
    synchronized (this) {
      if (users > 0) {
        bytes += more;
        return;
      }
    }
    budget.give(more); // Nobody needs it any more.
  }

  /** {@return whether nobody waits for the answer any more} */
  boolean left() {
    return left;
  }

  /**
   * What is being made for the request, to be given up when nobody wants it any more. What is held
   * stays so until it is released for it, too, since it is written to.
   */
  void make(Future<?> begun) {
    synchronized (this) {
      users++;
    }
    making = begun;
    if (left) {
      giveUp();
    }
  }

  /** Nobody waits any more: what is made is given up, as far as it can be. */
  void leave() {
    left = true;
    giveUp();
  }

  private void giveUp() {
    Future<?> begun = making;
    if (begun != null) {
      begun.cancel(false);
    }
  }

  /** One user needs it no more; after the last it goes back. */
  synchronized void release() {
    users--;
    if (users == 0) {
      budget.give(bytes);
      bytes = 0;
    }
  }
}
