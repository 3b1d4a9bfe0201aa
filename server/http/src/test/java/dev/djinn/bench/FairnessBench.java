package dev.djinn.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether those who ask for one picture wait for those who ask for thousands: 64 of the former
 * alone, 16 of the latter alone, and both, in turn. Images are counted by the server. Arguments:
 * the launcher, a model, rounds, seconds of each part of a round.
 */
final class FairnessBench {
  private static final int SMALL = 64;
  private static final int BIG = 16;
  private static final byte[] ONE = generate(1);
  private static final byte[] MANY = generate(4096);
  private static final Pattern SAMPLES =
      Pattern.compile("^djinn_samples_total\\{.*\\} (\\S+)$", Pattern.MULTILINE);

  private final int port;
  private final String path;
  private final double seconds;

  private FairnessBench(int port, String model, double seconds) {
    this.port = port;
    this.path = "/v2/models/" + model + "/generate";
    this.seconds = seconds;
  }

  public static void main(String[] arguments) throws Exception {
    Path model = Path.of(arguments[1]);
    int rounds = Integer.parseInt(arguments[2]);
    double seconds = Double.parseDouble(arguments[3]);
    try (ServedProcess server = new ServedProcess(Path.of(arguments[0]), model)) {
      int port = Integer.parseInt(server.address().replaceAll(".*:", ""));
      String name = model.getFileName().toString().replaceFirst("\\.onnx$", "");
      new FairnessBench(port, name, seconds).run(rounds);
    }
  }

  /** What was measured of one part: the small clients' median, and images a second in all. */
  private record Part(double millis, double images) {}

  private void run(int rounds) throws Exception {
    part(SMALL, BIG); // for the compiler
    List<Part> small = new ArrayList<>();
    List<Part> big = new ArrayList<>();
    List<Part> both = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      small.add(part(SMALL, 0));
      both.add(part(SMALL, BIG));
      big.add(part(0, BIG));
    }
    List<Double> waits = new ArrayList<>();
    List<Double> totals = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      waits.add(both.get(round).millis() / small.get(round).millis());
      totals.add(both.get(round).images() / big.get(round).images());
    }
    print("%-28s %12s %12s%n", "", "median ms", "images/s");
    line(SMALL + " of one picture", small);
    line(BIG + " of 4,096", big);
    line("both", both);
    print("one picture beside thousands: %s times its time alone%n", Rate.spread(waits));
    print("images in all: %s of those of the large ones alone%n", Rate.spread(totals));
    print("figure serve.fair.small_median_ratio %.3f%n", Rate.median(waits));
    print("figure serve.fair.images_ratio %.3f%n", Rate.median(totals));
  }

  private static void line(String what, List<Part> parts) {
    print(
        "%-28s %12.1f %12.0f%n",
        what,
        Rate.median(parts.stream().map(Part::millis).toList()),
        Rate.median(parts.stream().map(Part::images).toList()));
  }

  private Part part(int small, int big) throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    ExecutorService threads = Executors.newFixedThreadPool(small + big + 1);
    List<Long> times = Collections.synchronizedList(new ArrayList<>());
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < big; i++) {
      running.add(threads.submit(() -> ask(MANY, end, new ArrayList<>())));
    }
    for (int i = 0; i < small; i++) {
      running.add(threads.submit(() -> ask(ONE, end, times)));
    }
    // The first second is for connections and for a queue that is as it goes on to be.
    Thread.sleep(Math.min(1000, (long) (seconds * 250)));
    long from = System.nanoTime();
    double before = images();
    Thread.sleep(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    double made = images() - before;
    double took = (System.nanoTime() - from) / 1e9;
    for (Future<?> future : running) {
      future.get();
    }
    threads.shutdown();
    return new Part(small == 0 ? 0 : Rate.of(times, took).p50(), made / took);
  }

  /** Asks again and again on one connection; a large answer that is under way is waited for. */
  private Void ask(byte[] request, long end, List<Long> times) throws IOException {
    try (Wire wire = new Wire(port)) {
      while (System.nanoTime() < end) {
        long start = System.nanoTime();
        Wire.Answer answer = wire.post(path, -1, request).answer();
        if (answer == null || answer.status() != 200) {
          throw new IOException("answered " + (answer == null ? "nothing" : answer.status()));
        }
        times.add(System.nanoTime() - start);
      }
    }
    return null;
  }

  private double images() throws IOException {
    try (Wire wire = new Wire(port)) {
      wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      String text = new String(wire.answer().body(), StandardCharsets.UTF_8);
      Matcher matcher = SAMPLES.matcher(text);
      double sum = 0;
      while (matcher.find()) {
        sum += Double.parseDouble(matcher.group(1));
      }
      return sum;
    }
  }

  private static byte[] generate(int count) {
    return ("{\"count\":" + count + ",\"format\":\"raw\"}").getBytes(StandardCharsets.US_ASCII);
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
    System.out.flush();
  }
}
