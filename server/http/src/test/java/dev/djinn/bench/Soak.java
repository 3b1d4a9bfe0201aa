package dev.djinn.bench;

import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a server under good and bad clients for a time, while models come and go, and checks that
 * the good ones get right answers, that memory, descriptors and threads stay flat, and that SIGTERM
 * under load answers what was asked. Arguments: the launcher, seconds, a folder to work in.
 */
final class Soak {
  private static final int GOOD = 2;
  private static final int BAD = 6;
  private static final int IDLE = 2000;
  private static final int DRAINING = 16;

  private static final String FOREIGN =
      "{\"latent\":{\"size\":10,\"distribution\":\"normal\"},"
          + "\"image\":{\"channels\":2,\"height\":4,\"width\":4}}";

  private final Path launcher;
  private final long seconds;
  private final Path folder;
  private final AtomicLong answered = new AtomicLong();
  private final Queue<Long> goodWaits = new ConcurrentLinkedQueue<>();
  private final Queue<Long> badWaits = new ConcurrentLinkedQueue<>();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong tried = new AtomicLong();
  private final Map<String, AtomicLong> acts = new TreeMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Wire> idle = new ConcurrentLinkedQueue<>();
  private int turn;
  private volatile boolean over;

  private Soak(Path launcher, long seconds, Path folder) {
    this.launcher = launcher;
    this.seconds = seconds;
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    Soak soak =
        new Soak(Path.of(arguments[0]), Long.parseLong(arguments[1]), Path.of(arguments[2]));
    soak.run();
    soak.failures.stream().limit(20).forEach(failure -> print("FAILED: %s%n", failure));
    print("figure soak.failures %d%n", soak.failures.size());
    System.exit(soak.failures.isEmpty() ? 0 : 1);
  }

  private void run() throws Exception {
    Path models = folder.resolve("models");
    Path digits = models.resolve("digits").resolve("1");
    Files.createDirectories(digits);
    Path file = TestModels.writePerceptron(digits);
    Path endless = Files.createDirectories(models.resolve("endless").resolve("1"));
    TestModels.writeEndless(endless.resolve("model.onnx"), 10);
    try (Sampler sampler = Sampler.open(file, SamplerOptions.DEFAULT.withWorkers(1));
        ServedProcess server = new ServedProcess(launcher, models, "--run-time", "1")) {
      int port = Integer.parseInt(server.address().replaceAll(".*:", ""));
      soak(port, server.pid(), sampler, models);
      drain(port, server, sampler);
    }
  }

  private void soak(int port, long pid, Sampler sampler, Path models) throws Exception {
    Vitals before = Vitals.of(pid);
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < GOOD; i++) {
      long seed = i;
      running.add(threads.submit(() -> repeat("good client", 20, good(port, sampler, seed))));
    }
    for (int i = 0; i < BAD; i++) {
      BadClient client = new BadClient(port, i, badWaits);
      running.add(threads.submit(() -> repeat("bad client", 5, () -> misbehave(client))));
    }
    running.add(threads.submit(() -> repeat("models", 1500, () -> change(models))));
    running.add(threads.submit(() -> repeat("idle connections", 5000, () -> keepIdle(port))));
    List<Vitals> vitals = watch(pid);
    over = true;
    for (Future<?> future : running) {
      future.get();
    }
    threads.shutdown();
    for (Wire wire : idle) {
      wire.close();
    }
    print("answered right: %d, refused for want of room: %d%n", answered.get(), refused.get());
    acts.forEach((act, times) -> print("  %-32s %6d%n", act, times.get()));
    print("figure soak.good_answered %d%n", answered.get());
    print("figure soak.bad_tried %d%n", tried.get());
    percentiles("good", goodWaits);
    percentiles("bad", badWaits);
    expect(answered.get() > 0, "no good client was answered");
    expect(refused.get() <= answered.get() / 20, refused + " refused of " + answered);
    Thread.sleep(5000);
    judge(before, vitals, Vitals.of(pid));
  }

  private static void percentiles(String who, Queue<Long> waits) {
    long[] sorted = waits.stream().mapToLong(Long::longValue).sorted().toArray();
    for (int percent : new int[] {50, 90, 99}) {
      int place = (int) Math.ceil(sorted.length * percent / 100.0) - 1;
      print("figure soak.%s_p%d_ms %.1f%n", who, percent, sorted[Math.max(0, place)] / 1e6);
    }
  }

  private interface Act {
    void perform() throws Exception;
  }

  private void repeat(String who, long pause, Act act) {
    while (!over) {
      try {
        act.perform();
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        failures.add(who + ": " + e);
      }
    }
  }

  private Act good(int port, Sampler sampler, long seed) {
    GoodClient client = new GoodClient(port, sampler, seed);
    return () -> {
      client.ask();
      long start = System.nanoTime();
      GoodClient.Heard heard = client.hear();
      goodWaits.add(System.nanoTime() - start);
      switch (heard) {
        case RIGHT -> answered.incrementAndGet();
        case REFUSED -> refused.incrementAndGet();
        case NOTHING -> throw new IOException("the connection was closed without an answer");
      }
    };
  }

  private void misbehave(BadClient client) throws IOException, InterruptedException {
    count(client.act());
    tried.incrementAndGet();
  }

  private void count(String act) {
    synchronized (acts) {
      acts.computeIfAbsent(act, name -> new AtomicLong()).incrementAndGet();
    }
  }

  /** Adds or removes a model, or breaks it. */
  private void change(Path models) throws IOException {
    Path version = models.resolve("guest").resolve("1");
    Path file = version.resolve("model.onnx");
    if (Files.exists(file)) {
      Files.delete(file);
      count("model removed");
      return;
    }
    Files.createDirectories(version);
    Path fresh = Files.createTempDirectory(folder, "fresh");
    Path made = fresh.resolve("model.onnx");
    Path description = file.resolveSibling("model.onnx.json");
    Files.deleteIfExists(description);
    switch (turn++ % 4) {
      case 0 -> TestModels.write(fresh, TestModels.UNCONDITIONAL);
      case 1 -> {
        TestModels.writeForeign(made);
        Files.writeString(description, FOREIGN);
      }
      case 2 -> TestModels.writeForeign(made); // and no word of what it is
      default -> Files.write(made, new byte[1000]);
    }
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    Files.delete(fresh);
    count("model added");
  }

  /** Opens connections that say nothing; the server closes them after a minute. */
  private void keepIdle(int port) throws IOException {
    for (Wire wire : idle) {
      if (wire.socket.getInputStream().available() > 0 || isClosed(wire)) {
        idle.remove(wire);
        wire.close();
      }
    }
    while (idle.size() < IDLE && !over) {
      idle.add(new Wire(port));
    }
  }

  private static boolean isClosed(Wire wire) throws IOException {
    wire.socket.setSoTimeout(1);
    try {
      return wire.socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    }
  }

  private List<Vitals> watch(long pid) throws IOException, InterruptedException {
    List<Vitals> vitals = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    print("%8s %10s %12s %8s %10s%n", "seconds", "MB", "descriptors", "threads", "answered");
    for (int i = 0; System.nanoTime() < end; i++) {
      Thread.sleep(5000);
      Vitals now = Vitals.of(pid);
      vitals.add(now);
      if (i % 6 == 5) {
        print(
            "%8d %10.1f %12d %8d %10d%n",
            (i + 1) * 5, now.megabytes(), now.descriptors(), now.threads(), answered.get());
      }
    }
    return vitals;
  }

  /** Compares the second quarter, when all has happened once, with the last. */
  private void judge(Vitals before, List<Vitals> vitals, Vitals after) {
    int quarter = Math.max(1, vitals.size() / 4);
    List<Vitals> early =
        vitals.subList(Math.min(quarter, vitals.size() - 1), Math.min(2 * quarter, vitals.size()));
    List<Vitals> late = vitals.subList(vitals.size() - quarter, vitals.size());
    double memory = Rate.median(megabytes(late)) / Rate.median(megabytes(early));
    print("figure soak.resident_ratio %.3f%n", memory);
    print("figure soak.resident_mb %.0f%n", Rate.median(megabytes(late)));
    print("figure soak.descriptors_left %d%n", after.descriptors() - before.descriptors());
    print("figure soak.threads_left %d%n", after.threads() - before.threads());
    expect(memory < 1.2, "resident memory grew by " + memory);
    expect(after.descriptors() <= before.descriptors() + 10, before + " became " + after);
    // Each model that is loaded brings its own, so that they are compared while all are there.
    double threads = Rate.median(threads(late)) - Rate.median(threads(early));
    print("figure soak.threads_grown %.0f%n", threads);
    expect(threads <= 4, "threads grew by " + threads);
  }

  private static List<Double> threads(List<Vitals> vitals) {
    return vitals.stream().map(now -> (double) now.threads()).toList();
  }

  private static List<Double> megabytes(List<Vitals> vitals) {
    return vitals.stream().map(Vitals::megabytes).toList();
  }

  /** SIGTERM while clients ask: whoever had asked before is answered, nobody half. */
  private void drain(int port, ServedProcess server, Sampler sampler) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(DRAINING);
    AtomicLong stopped = new AtomicLong(Long.MAX_VALUE);
    AtomicLong before = new AtomicLong();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < DRAINING; i++) {
      long seed = 100L + i;
      running.add(threads.submit(() -> untilTheEnd(port, sampler, seed, stopped, before)));
    }
    Thread.sleep(2000);
    stopped.set(System.nanoTime());
    int code = server.stop();
    for (Future<?> future : running) {
      future.get();
    }
    threads.shutdown();
    expect(code == 0, "the server ended with exit code " + code);
    print("figure soak.drain_answered %d%n", before.get());
  }

  private void untilTheEnd(
      int port, Sampler sampler, long seed, AtomicLong stopped, AtomicLong before) {
    try (GoodClient client = new GoodClient(port, sampler, seed)) {
      while (true) {
        client.ask();
        long asked = System.nanoTime();
        boolean heard = client.hear() == GoodClient.Heard.RIGHT;
        if (asked < stopped.get()) {
          expect(heard, "a request that was sent before SIGTERM was not answered");
          before.incrementAndGet();
        } else if (!heard) {
          return;
        }
      }
    } catch (java.net.SocketException e) {
      // Nobody listens any more, which is an answer too once the server was told to stop.
      expect(System.nanoTime() > stopped.get(), "before SIGTERM: " + e);
    } catch (IOException e) {
      failures.add("while draining: " + e);
    }
  }

  private void expect(boolean right, String problem) {
    if (!right) {
      failures.add(problem);
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
    System.out.flush();
  }
}
