package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SamplerException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose rows come next, and who is refused or given up. */
@Timeout(30)
class BatcherOrderTest extends BatcherCase {
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
}
