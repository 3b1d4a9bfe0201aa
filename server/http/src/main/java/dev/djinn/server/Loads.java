package dev.djinn.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Models that are being loaded, each on a thread of its own. Two are loaded at a time, but one that
 * takes long keeps nobody from his turn. Guarded by the repository's lock, but for what is static.
 */
final class Loads {

  /** Loading that takes longer than this keeps no other from beginning. */
  private static final Duration LONG = Duration.ofSeconds(1);

  private final Map<Path, CompletableFuture<Void>> loading = new HashMap<>();
  private final Semaphore turns = new Semaphore(2);

  /**
   * Begins to load a file.
   *
   * @param name the model's, for the thread
   * @param load loads it, and says in what it gives why it could not
   * @param arrived takes it, and says with {@link #end} that the file is not under way any more
   */
  void begin(Path file, String name, Supplier<ServedModel> load, Consumer<ServedModel> arrived) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loading.put(file, done);
    Thread thread =
        new Thread(
            () -> {
              turns.acquireUninterruptibly();
              AtomicBoolean turn = new AtomicBoolean(true);
              Runnable pass =
                  () -> {
                    if (turn.compareAndSet(true, false)) {
                      turns.release();
                    }
                  };
              CompletableFuture.delayedExecutor(LONG.toMillis(), TimeUnit.MILLISECONDS)
                  .execute(pass);
              try {
                arrived.accept(load.get());
              } finally {
                pass.run();
                done.complete(null);
              }
            },
            "djinn-load-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  void end(Path file) {
    loading.remove(file);
  }

  boolean underWay(Path file) {
    return loading.containsKey(file);
  }

  List<CompletableFuture<Void>> underWay() {
    return List.copyOf(loading.values());
  }

  /** Waits for what is being loaded, and says whether all of it is there within this time. */
  static boolean await(List<CompletableFuture<Void>> underWay, Duration most) {
    try {
      CompletableFuture.allOf(underWay.toArray(CompletableFuture<?>[]::new))
          .get(most.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // they never fail
    }
  }

  /** Closes models, each on a thread of its own, since one may have to wait for a run. */
  static List<Thread> close(List<ServedModel> closing) {
    List<Thread> threads = new ArrayList<>();
    for (ServedModel model : closing) {
      Thread thread = new Thread(model::close, "djinn-close-" + model.name());
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
