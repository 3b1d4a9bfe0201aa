package dev.djinn.server;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Bytes that all connections together may hold for request bodies and answers. Thread-safe. */
final class Budget {

  private final long most;
  private final AtomicLong held = new AtomicLong();
  private final LongAdder refused = new LongAdder();

  Budget(long most) {
    this.most = most;
  }

  void take(long bytes) throws RequestException {
    if (held.addAndGet(bytes) > most) {
      held.addAndGet(-bytes);
      refused.increment();
      throw RequestException.busy("the server holds as many bytes as it may; try again later");
    }
  }

  void give(long bytes) {
    held.addAndGet(-bytes);
  }

  long held() {
    return held.get();
  }

  /** {@return how often there was no room} */
  long refused() {
    return refused.sum();
  }
}
