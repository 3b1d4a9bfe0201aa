package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.RunFolder;
import dev.djinn.run.RunRequest;
import dev.djinn.watch.WatchServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run with eyes on it. */
class WatchedTrainingTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  void aRunThatIsWatchedIsTheRunThatIsNotBitForBit() throws Exception {
    Map<String, String> settings = Map.of("steps", "150", "keep-checkpoints", "2");
    Path watched = folder.resolve("watched");
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger seen = new AtomicInteger();
    try (WatchServer server = WatchServer.open(folder, 0)) {
      Thread page =
          new Thread(
              () -> {
                while (!over.get()) {
                  seen.addAndGet(state(server).contains("\"state\":\"running\"") ? 1 : 0);
                }
              });
      page.start();
      TinyRun.start(watched, settings).run();
      over.set(true);
      page.join();
      assertTrue(state(server).contains("\"state\":\"finished\""), state(server));
    }
    assertTrue(seen.get() > 3, "seen running " + seen + " times");
    TinyRun.start(folder.resolve("plain"), settings).run();
    TrainingRunTest.assertSame(folder.resolve("plain"), watched);
  }

  private static String state(WatchServer server) {
    try {
      URI uri = URI.create(server.address() + "api/runs");
      return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRunDoesWhatItIsAskedForAndNothingElseChanges() throws Exception {
    Map<String, String> seldom =
        Map.of("steps", "1000000", "sample-every", "1000000", "checkpoint-every", "1000000");
    Path asked = folder.resolve("asked");
    TrainingRun run = TinyRun.start(asked, seldom);
    Thread thread = new Thread(run::run);
    thread.start();
    Path log = asked.resolve("log.csv");
    await(() -> Files.exists(log) && Files.readAllLines(log).size() > 3);
    RunRequest.DRAW.ask(asked);
    RunRequest.SAVE.ask(asked);
    await(() -> !RunFolder.open(asked).checkpoints().isEmpty());
    long saved = RunFolder.open(asked).checkpoints().get(0);
    await(() -> new FrameFolder(asked.resolve("samples")).steps().size() == 2);
    RunRequest.STOP.ask(asked);
    thread.join(60_000);
    assertFalse(thread.isAlive());
    List<Long> drawn = new FrameFolder(asked.resolve("samples")).steps();
    long end = drawn.get(drawn.size() - 1);
    assertEquals(List.of(saved, end), RunFolder.open(asked).checkpoints());
    assertFalse(Files.exists(asked.resolve(".status")));
    assertFalse(Files.exists(asked.resolve(".stop-now")));

    Path plain = folder.resolve("plain");
    TinyRun.start(plain, TrainingRunTest.with(seldom, "steps", Long.toString(end))).run();
    String name = String.format(Locale.ROOT, "checkpoints/%06d/state.yaml", end);
    assertEquals(
        TrainingRunTest.withoutClock(plain.resolve(name)),
        TrainingRunTest.withoutClock(asked.resolve(name)));
  }

  @Test
  void whatAKilledRunWasAskedForIsNotAskedOfTheNext() throws Exception {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    RunRequest.STOP.ask(folder);
    assertEquals(12, TinyRun.resume(folder, TrainingRunTest.PLAIN).run());
  }

  /** What may fail, and is then not so yet. */
  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long patience = System.nanoTime() + 60_000_000_000L;
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < patience, "it never came");
      Thread.sleep(5);
    }
  }
}
