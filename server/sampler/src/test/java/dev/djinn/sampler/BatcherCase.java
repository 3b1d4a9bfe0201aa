package dev.djinn.sampler;

import dev.djinn.sampler.Job.Slice;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** A batcher whose batches are written down, and may be held up. */
@Timeout(30)
abstract class BatcherCase {
  static final BatchTimes TIMES = BatchTimes.of(1, 10, 100);

  /** Batches in the order in which they began, each as its slices' row counts. */
  final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  CompletableFuture<?> held;

  final CountDownLatch gate = new CountDownLatch(1);

  final CountDownLatch begun = new CountDownLatch(1);

  /** Submits a request that keeps its slot until the gate opens. */
  void hold(Batcher batcher) {
    held = batcher.submit(rows(1), Urgency.DEFAULT, true);
    await(begun);
  }

  BatchTimes gated(List<Slice> batch) {
    record(batch);
    begun.countDown();
    await(gate);
    return TIMES;
  }

  BatchTimes record(List<Slice> batch) {
    batches.add(batch.stream().map(Slice::count).toList());
    return TIMES;
  }

  static CompletableFuture<?>[] submit(Batcher batcher, int... counts) {
    return Arrays.stream(counts)
        .mapToObj(count -> batcher.submit(rows(count), Urgency.DEFAULT, true))
        .toArray(CompletableFuture<?>[]::new);
  }

  static Rows rows(int count) {
    return Rows.of(count, FloatBuffer.allocate(count));
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
