package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.Job.Slice;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class BatcherTest {
  private static final BatchTimes TIMES = BatchTimes.of(1, 10, 100);

  /** Batches in the order in which they began, each as its slices' row counts. */
  private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  private CompletableFuture<?> held;
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);

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
  void takesTheHigherPriorityFirstAndTheEarlierAmongEquals() {
    try (Batcher batcher = new Batcher(1, 8, 1000, this::gated)) {
      hold(batcher);
      CompletableFuture<?>[] rest = {
        batcher.submit(rows(8), Urgency.DEFAULT.withPriority(-1), true),
        batcher.submit(rows(7), Urgency.DEFAULT, true),
        batcher.submit(rows(6), Urgency.DEFAULT, true),
        batcher.submit(rows(5), Urgency.DEFAULT.withPriority(1), true)
      };
      gate.countDown();
      CompletableFuture.allOf(rest).join();
    }
    assertEquals(List.of(List.of(1), List.of(5), List.of(7), List.of(6), List.of(8)), batches);
  }

  @Test
  void servesWhoAsksForLittleBeforeTheNextPartOfThoseWhoAskForMuch() {
    try (Batcher batcher = new Batcher(1, 128, 100_000, this::gated)) {
      hold(batcher);
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int client = 0; client < 3; client++) {
        Urgency much = Urgency.DEFAULT.withClient("much " + client);
        all.add(batcher.submit(rows(512), much, true));
      }
      for (int client = 0; client < 20; client++) {
        all.add(batcher.submit(rows(1), Urgency.DEFAULT.withClient(client), true));
      }
      gate.countDown();
      CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).join();
    }
    List<Integer> first = batches.get(1);
    assertEquals(Collections.nCopies(20, 1), first.subList(0, 20));
    // Those who ask for much go on in turn: none is through before another has begun.
    List<Integer> large = new ArrayList<>();
    batches.forEach(batch -> batch.stream().filter(rows -> rows > 1).forEach(large::add));
    assertEquals(3 * 512, large.stream().mapToInt(Integer::intValue).sum());
    assertTrue(large.size() >= 12, batches::toString);
  }

  @Test
  void oneClientsManyRequestsDoNotGoBeforeAnothersOne() {
    List<Integer> order = new CopyOnWriteArrayList<>();
    try (Batcher batcher = new Batcher(1, 8, 100_000, this::gated)) {
      hold(batcher);
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Urgency often = Urgency.DEFAULT.withClient("often");
        int number = i;
        all.add(batcher.submit(rows(8), often, true).whenComplete((done, e) -> order.add(number)));
      }
      Urgency once = Urgency.DEFAULT.withClient("once");
      all.add(batcher.submit(rows(8), once, true).whenComplete((done, e) -> order.add(-1)));
      gate.countDown();
      CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).join();
    }
    assertTrue(order.indexOf(-1) <= 2, order::toString);
  }

  @Test
  void aQueueThatIsFullOfLargeRequestsStillTakesSmallOnes() {
    try (Batcher batcher = new Batcher(1, 128, 1000, this::gated)) {
      hold(batcher);
      CompletableFuture<?> large = batcher.submit(rows(1000), Urgency.DEFAULT, true);
      assertThrows(SamplerException.class, () -> batcher.submit(rows(1000), Urgency.DEFAULT, true));
      assertThrows(SamplerException.class, () -> batcher.checkRoom(1000));
      batcher.checkRoom(1);
      CompletableFuture<?> small = batcher.submit(rows(1), Urgency.DEFAULT, true);
      gate.countDown();
      CompletableFuture.allOf(large, small).join();
    }
  }

  @Test
  void givesUpWhatIsLeftOfARequestThatIsCancelled() {
    CompletableFuture<Void> large;
    try (Batcher batcher = new Batcher(1, 128, 100_000, this::gated)) {
      large = batcher.submit(rows(4096), Urgency.DEFAULT, true);
      await(begun);
      assertFalse(large.cancel(false)); // Its first rows are being made.
      assertFalse(large.isDone());
      assertEquals(0, batcher.statistics().waitingRows());
      gate.countDown();
    }
    assertThrows(CompletionException.class, large::join);
    assertEquals(1, batches.size());
  }

  @Test
  void refusesAtOnceWhenTheQueueIsFull() {
    try (Batcher batcher = new Batcher(1, 8, 10, this::gated)) {
      hold(batcher);
      submit(batcher, 50); // an empty queue takes any size
      SamplerException e =
          assertThrows(
              SamplerException.class, () -> batcher.submit(rows(9), Urgency.DEFAULT, true));
      assertEquals(Reason.OVERLOADED, e.reason());
      assertEquals("the queue is full: 50 of 10 rows are waiting", e.getMessage());
      assertEquals(1, batcher.statistics().rejected());
      assertEquals(50, batcher.statistics().waitingRows());
      assertEquals(1, batcher.statistics().runningBatches());
      CompletableFuture<?> streamed = batcher.submit(rows(1), Urgency.DEFAULT, false);
      gate.countDown();
      streamed.join();
    }
  }

  @Test
  void failsWhatWaitedTooLongButFinishesWhatHasBegun() throws Exception {
    try (Batcher batcher = new Batcher(1, 8, 10, this::gated)) {
      Urgency hurry = Urgency.DEFAULT.withTimeout(Duration.ofMillis(300));
      CompletableFuture<?> running = batcher.submit(rows(1), hurry, true);
      begun.await();
      CompletableFuture<?> late = batcher.submit(rows(3), hurry, true);
      CompletableFuture<?> patient = batcher.submit(rows(7), Urgency.DEFAULT, true);
      Thread.sleep(400);
      // A full queue is cleared of what is late before anyone is refused.
      CompletableFuture<?> next = batcher.submit(rows(2), Urgency.DEFAULT, true);
      CompletionException e = assertThrows(CompletionException.class, late::join);
      assertEquals(Reason.TIMED_OUT, ((SamplerException) e.getCause()).reason());
      assertEquals("no worker was free within the request's 300 ms", e.getCause().getMessage());
      gate.countDown();
      CompletableFuture.allOf(running, patient, next).join();
      assertEquals(1, batcher.statistics().timedOut());
    }
    assertEquals(List.of(List.of(1), List.of(7), List.of(2)), batches);
  }

  @Test
  void cancellingWorksOnlyBeforeAWorkerHasBegun() {
    try (Batcher batcher = new Batcher(1, 8, 10, this::gated)) {
      hold(batcher);
      CompletableFuture<?> running = held;
      CompletableFuture<?> waiting = batcher.submit(rows(3), Urgency.DEFAULT, true);
      assertTrue(waiting.cancel(false));
      assertTrue(waiting.isCancelled());
      assertFalse(running.cancel(true));
      assertFalse(running.isDone());
      assertEquals(0, batcher.statistics().waitingRows());
      gate.countDown();
      running.join();
    }
    assertEquals(List.of(List.of(1)), batches);
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

  /** Submits a request that keeps its slot until the gate opens. */
  private void hold(Batcher batcher) {
    held = batcher.submit(rows(1), Urgency.DEFAULT, true);
    await(begun);
  }

  private BatchTimes gated(List<Slice> batch) {
    record(batch);
    begun.countDown();
    await(gate);
    return TIMES;
  }

  private BatchTimes record(List<Slice> batch) {
    batches.add(batch.stream().map(Slice::count).toList());
    return TIMES;
  }

  private static CompletableFuture<?>[] submit(Batcher batcher, int... counts) {
    return Arrays.stream(counts)
        .mapToObj(count -> batcher.submit(rows(count), Urgency.DEFAULT, true))
        .toArray(CompletableFuture<?>[]::new);
  }

  private static Rows rows(int count) {
    return Rows.of(count, FloatBuffer.allocate(count));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tellsARequestThatItIsLateThoughOthersGoBeforeIt() throws Exception {
    try (Batcher batcher = new Batcher(1, 1, 1000, this::gated)) {
      hold(batcher);
      Urgency first = Urgency.DEFAULT.withPriority(100);
      List<CompletableFuture<?>> before = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        before.add(batcher.submit(rows(1), first, true));
      }
      Urgency impatient = Urgency.DEFAULT.withTimeout(Duration.ofMillis(1));
      CompletableFuture<?> late = batcher.submit(rows(1), impatient, true);
      CompletableFuture<Boolean> told =
          before.get(1).thenApply(done -> late.isCompletedExceptionally());
      Thread.sleep(20);
      gate.countDown();
      CompletionException e = assertThrows(CompletionException.class, late::join);
      assertEquals(Reason.TIMED_OUT, ((SamplerException) e.getCause()).reason());
      assertTrue(told.join()); // Not only when its turn had come.
      held.join();
    }
  }

  @Test
  void tellsARequestThatItIsLateWhileAllSlotsAreBusy() throws Exception {
    try (Batcher batcher = new Batcher(1, 8, 1000, this::gated)) {
      hold(batcher);
      Urgency hurry = Urgency.DEFAULT.withTimeout(Duration.ofMillis(50));
      CompletableFuture<?> patient = batcher.submit(rows(1), Urgency.DEFAULT, true);
      CompletableFuture<?> late = batcher.submit(rows(1), hurry, true);
      CompletableFuture<?> later =
          batcher.submit(rows(1), hurry.withTimeout(Duration.ofMillis(90)), true);
      for (CompletableFuture<?> each : List.of(late, later)) {
        ExecutionException e =
            assertThrows(ExecutionException.class, () -> each.get(20, TimeUnit.SECONDS));
        assertEquals(Reason.TIMED_OUT, ((SamplerException) e.getCause()).reason());
      }
      assertFalse(patient.isDone());
      assertEquals(1, batcher.statistics().waitingRows());
      gate.countDown();
      patient.join();
    }
    assertEquals(List.of(List.of(1), List.of(1)), batches);
  }

  @Test
  void aRequestThatIsLateMayCloseTheBatcher() {
    Batcher batcher = new Batcher(1, 8, 1000, this::gated);
    hold(batcher);
    Urgency hurry = Urgency.DEFAULT.withTimeout(Duration.ofMillis(1));
    CompletableFuture<?> closed =
        batcher
            .submit(rows(1), hurry, true)
            .handle((done, failure) -> failure)
            .thenRun(
                () -> {
                  // Here, since this runs at once, on this thread, if the request is late already.
                  gate.countDown();
                  batcher.close();
                });
    closed.join();
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
