package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.Job.Slice;
import dev.djinn.sampler.SamplerException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class BatcherTest extends BatcherCase {
  @Test
  void mergesWhatWaitsIntoTheNextBatch() throws Exception {
    try (Batcher batcher = new Batcher(1, 128, 1000, this::gated)) {
      hold(batcher);
      CompletableFuture<?> first = held;
      CompletableFuture<?>[] rest = submit(batcher, 1, 2, 3, 1, 1);
      gate.countDown();
      CompletableFuture.allOf(rest).join();
      first.join();
    }
    assertEquals(List.of(List.of(1), List.of(1, 2, 3, 1, 1)), batches);
  }

  @Test
  void anIdleBatcherRunsACallersRowsAtOnceOnTheCallersThread() {
    List<Thread> ran = new ArrayList<>();
    try (Batcher batcher =
        new Batcher(
            2,
            128,
            1000,
            batch -> {
              ran.add(Thread.currentThread());
              return TIMES;
            })) {
      batcher.run(rows(1));
      batcher.run(rows(Batcher.SMALLEST_SHARE));
    }
    assertEquals(List.of(Thread.currentThread(), Thread.currentThread()), ran);
  }

  @Test
  void sharesALargeRequestOutAmongIdleSlots() {
    CyclicBarrier both = new CyclicBarrier(2); // only two at the same time get past it
    try (Batcher batcher =
        new Batcher(
            2,
            128,
            1000,
            batch -> {
              record(batch);
              await(both);
              return TIMES;
            })) {
      batcher.run(rows(64));
    }
    assertEquals(List.of(List.of(32), List.of(32)), batches);
  }

  @Test
  void leavesItsShareToASlotThatIsBusy() throws Exception {
    try (Batcher batcher = new Batcher(2, 128, 1000, this::gated)) {
      hold(batcher); // one slot, and with the first of these the other
      CompletableFuture<?>[] rest = submit(batcher, 8, 16, 16, 16, 16);
      Thread.sleep(50); // what takes so long for so few rows is worth sharing
      gate.countDown();
      CompletableFuture.allOf(rest).join();
    }
    assertTrue(
        batches.stream().allMatch(batch -> batch.stream().mapToInt(i -> i).sum() <= 32),
        batches::toString);
  }

  @Test
  void keepsTogetherWhatIsDoneBeforeAnotherThreadWouldHaveBegun() {
    try (Batcher batcher = new Batcher(2, 128, 1000, this::record)) {
      for (int i = 0; i < 200; i++) { // Some of them will not be disturbed.
        batcher.run(rows(8));
      }
      batches.clear();
      batcher.run(rows(64));
    }
    assertEquals(List.of(List.of(64)), batches);
  }

  @Test
  void splitsWhatIsLargerThanABatchButKeepsSmallRequestsWhole() {
    try (Batcher batcher = new Batcher(1, 10, 1000, this::gated)) {
      hold(batcher);
      CompletableFuture<?>[] rest = submit(batcher, 6, 6, 25, 2);
      gate.countDown();
      CompletableFuture.allOf(rest).join();
    }
    assertEquals(
        List.of(List.of(1), List.of(6), List.of(6, 4), List.of(10), List.of(10), List.of(1, 2)),
        batches);
  }

  @Test
  void aFailingBatchFailsItsRequestsAndNoOthers() {
    RuntimeException bad = new IllegalStateException("boom");
    try (Batcher batcher =
        new Batcher(
            1,
            8,
            1000,
            batch -> {
              gated(batch);
              if (batch.get(0).job().rows.count() == 20) {
                throw bad;
              }
              return TIMES;
            })) {
      hold(batcher);
      CompletableFuture<?>[] rest = submit(batcher, 20, 3);
      gate.countDown();
      CompletionException e = assertThrows(CompletionException.class, rest[0]::join);
      assertEquals(Reason.FAILED, ((SamplerException) e.getCause()).reason());
      assertSame(bad, e.getCause().getCause());
      rest[1].join();
      batcher.run(rows(1));
    }
    // What was left of the failed request was not tried.
    assertEquals(List.of(List.of(1), List.of(8), List.of(3), List.of(1)), batches);
  }

  @Test
  void aRequestIsNotDoneWhileAnyOfItsRowsStillRun() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    CyclicBarrier both = new CyclicBarrier(2);
    CountDownLatch slow = new CountDownLatch(1);
    try (Batcher batcher =
        new Batcher(
            2,
            128,
            1000,
            batch -> {
              await(both);
              if (batch.get(0).first() == 0) {
                failed.countDown();
                throw new IllegalStateException("first half");
              }
              await(slow);
              return TIMES;
            })) {
      CompletableFuture<?> request = batcher.submit(rows(64), Urgency.DEFAULT, true);
      failed.await();
      assertThrows(
          java.util.concurrent.TimeoutException.class,
          () -> request.get(50, TimeUnit.MILLISECONDS));
      slow.countDown();
      assertThrows(CompletionException.class, request::join);
    }
  }

  @Test
  void closingFinishesWhatWasAcceptedAndRefusesMore() throws Exception {
    Batcher batcher = new Batcher(1, 8, 1000, this::gated);
    hold(batcher);
    CompletableFuture<?> first = held;
    CompletableFuture<?>[] rest = submit(batcher, 20, 3);
    Thread closing = new Thread(batcher::close);
    closing.start();
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    SamplerException e = assertThrows(SamplerException.class, () -> batcher.run(rows(1)));
    assertEquals(Reason.CLOSED, e.reason());
    gate.countDown();
    closing.join();
    first.join();
    CompletableFuture.allOf(rest).join();
    batcher.close();
  }

  @Test
  void canBeClosedFromACallback() {
    Batcher batcher = new Batcher(1, 8, 1000, this::gated);
    hold(batcher);
    CompletableFuture<?> closed = held.thenRun(batcher::close);
    CompletableFuture<?>[] rest = submit(batcher, 5);
    gate.countDown();
    closed.join();
    rest[0].join();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyRowRunsExactlyOnce(long seed) throws Exception {
    Random random = new Random(seed);
    int batchRows = 1 + random.nextInt(40);
    int slots = 1 + random.nextInt(4);
    Map<Rows, int[]> seen = Collections.synchronizedMap(new IdentityHashMap<>());
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    try (Batcher batcher =
        new Batcher(
            slots,
            batchRows,
            100_000,
            batch -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              assertTrue(batch.stream().mapToInt(Slice::count).sum() <= batchRows);
              for (Slice slice : batch) {
                int[] counts = seen.get(slice.job().rows);
                for (int i = 0; i < slice.count(); i++) {
                  synchronized (counts) {
                    counts[slice.first() + i]++;
                  }
                }
              }
              running.decrementAndGet();
              return TIMES;
            })) {
      for (int i = 0; i < 6; i++) {
        Random own = new Random(seed * 100 + i);
        Thread caller = new Thread(() -> call(batcher, own, seen));
        callers.add(caller);
        caller.start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals(0, batcher.statistics().waitingRows());
      assertEquals(
          seen.keySet().stream().mapToLong(Rows::count).sum(), batcher.statistics().rows());
    }
    assertEquals(6 * 200, seen.size());
    seen.values()
        .forEach(counts -> assertTrue(Arrays.stream(counts).allMatch(n -> n == 1), "seed " + seed));
    assertTrue(most.get() <= slots, most + " batches ran at once");
  }

  private static void call(Batcher batcher, Random random, Map<Rows, int[]> seen) {
    List<CompletableFuture<?>> futures = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Rows rows = rows(1 + random.nextInt(random.nextInt(100) + 1));
      seen.put(rows, new int[rows.count()]);
      if (random.nextBoolean()) {
        batcher.run(rows);
      } else {
        Urgency urgency = Urgency.DEFAULT.withPriority(random.nextInt(3));
        futures.add(batcher.submit(rows, urgency, true));
      }
    }
    futures.forEach(CompletableFuture::join);
  }

  @Test
  void countsTheRowsThatWereMadeAndNoOthers() {
    Batcher batcher =
        new Batcher(
            1,
            8,
            1000,
            batch -> {
              if (batch.get(0).count() == 3) {
                throw new IllegalStateException("three");
              }
              return TIMES;
            });
    try (batcher) {
      batcher.run(rows(2));
      assertThrows(SamplerException.class, () -> batcher.run(rows(3)));
      batcher.run(rows(2));
      assertEquals(4, batcher.statistics().rows());
      assertEquals(2, batcher.statistics().runs().count());
      assertEquals(Map.of(2, new BatchTimes(2, 2, 20, 200)), batcher.statistics().batchSizes());
    }
  }
}
