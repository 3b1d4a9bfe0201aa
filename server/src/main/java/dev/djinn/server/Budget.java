package dev.djinn.server;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all connections together may hold for request bodies and answers. Thread-safe. */
final class Budget {

  private final long most;
  private final AtomicLong held = new AtomicLong();

  Budget(long most) {
    this.most = most;
  }

  void take(long bytes) throws RequestException {
    if (held.addAndGet(bytes) > most) {
      held.addAndGet(-bytes);
      throw RequestException.busy("the server holds as many bytes as it may; try again later");
    }
  }

  void give(long bytes) {
    held.addAndGet(-bytes);
  }

  long held() {
    return held.get();
  }
}
