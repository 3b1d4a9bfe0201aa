package dev.djinn.bench;

import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Times the library and the server against bare ONNX Runtime on the same file, in turn, on the same
 * processors, the load generator included. Arguments: the launcher, wrk's script, a folder with
 * {@code gan/model.onnx} and {@code dcgan/model.onnx}, and what to time of start, library, socket,
 * grpc.
 */
final class ServingBench {
  private static final int LATENT = 100;
  private static final int[] IMAGE = {1, 28, 28};

  /** DJL Serving 0.36, 64 connections, one image a request, beside its ceiling, elsewhere. */
  private static final double DJL_BINARY = 2413;

  private static final double DJL_JSON = 754;
  private static final double DJL_CEILING = 6596;

  private static final int STARTS = 5;
  private static final int ROUNDS = 5;
  private static final double SECONDS = 2;
  private static final double WARM_UP = 15;

  private final Path launcher;
  private final Wrk wrk;
  private final Path models;
  private final Map<String, Double> figures = new LinkedHashMap<>();

  private ServingBench(Path launcher, Path script, Path models) {
    this.launcher = launcher;
    this.wrk = new Wrk(script, LATENT);
    this.models = models;
  }

  public static void main(String[] arguments) throws Exception {
    ServingBench bench =
        new ServingBench(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
    List<String> parts = List.of(arguments).subList(3, arguments.length);
    if (parts.isEmpty() || parts.contains("start")) {
      bench.starts();
    }
    for (String model : new String[] {"gan", "dcgan"}) {
      if (parts.isEmpty() || parts.contains("library")) {
        bench.inProcess(model);
      }
    }
    for (String model : new String[] {"gan", "dcgan"}) {
      if (parts.isEmpty() || parts.contains("socket")) {
        bench.served(model);
      }
    }
    if (parts.isEmpty() || parts.contains("grpc")) {
      Path work = Files.createTempDirectory("djinn-grpc");
      double ratio = new GrpcBench(work, LATENT).run(bench.launcher, bench.file("gan"), "gan");
      bench.figures.put("serve.gan.c64.grpc_vs_binary", ratio);
      Files.delete(work.resolve("http"));
      Files.delete(work.resolve("grpc"));
      Files.delete(work);
    }
    bench.figures.forEach((name, value) -> print("figure %s %.3f%n", name, value));
  }

  private void starts() throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i <= STARTS; i++) {
      try (ServedProcess server = new ServedProcess(launcher, file("gan"))) {
        if (i > 0) { // The first may have natives to unpack.
          seconds.add(server.readySeconds());
        }
      }
    }
    print(
        "ready %.2f s from the start of the process (%s)%n",
        Rate.median(seconds), Rate.spread(seconds));
    figures.put("serve.ready_seconds", Rate.median(seconds));
  }

  /**
   * One thread that draws latents and has its samples on the heap, against one that has neither; by
   * the clock, and by the thread's CPU time, which other work on the machine disturbs less.
   */
  private void inProcess(String model) throws Exception {
    print(
        "%n%s in process, one thread, images/s%n%6s %10s %10s %7s %20s %9s%n",
        model, "batch", "bare", "sample", "ratio", "", "CPU time");
    SamplerOptions options = SamplerOptions.DEFAULT.withWorkers(1);
    try (Sampler sampler = Sampler.open(file(model), options);
        BareModel bare = new BareModel(file(model), LATENT, IMAGE)) {
      for (int batch : new int[] {1, 32, 256}) {
        try (BareModel.Caller caller = bare.new Caller(batch)) {
          compare(model, sampler, caller, batch);
        }
      }
    }
  }

  private void compare(String model, Sampler sampler, BareModel.Caller caller, int batch)
      throws Exception {
    long[] seed = {0};
    Call drawing =
        () -> {
          SampleRequest request = SampleRequest.of(batch).withSeed(seed[0]++);
          sampler.sample(request.withOutputs(Output.IMAGE));
        };
    Pace.of(drawing, 1.5);
    Pace.of(caller::call, 0.5);
    List<Pace> ceilings = new ArrayList<>();
    List<Pace> paces = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    List<Double> ratiosOfCpu = new ArrayList<>();
    for (int round = 0; round < 3 * ROUNDS; round++) {
      Pace ceiling = Pace.of(caller::call, 0.3);
      Pace pace = Pace.of(drawing, 0.3);
      ceilings.add(ceiling);
      paces.add(pace);
      ratios.add(pace.byClock() / ceiling.byClock());
      ratiosOfCpu.add(pace.byCpu() / ceiling.byCpu());
    }
    print(
        "%6d %10.0f %10.0f %7.3f %20s %9.3f (%s)%n",
        batch,
        batch * Rate.median(ceilings.stream().map(Pace::byClock).toList()),
        batch * Rate.median(paces.stream().map(Pace::byClock).toList()),
        Rate.median(ratios),
        "(" + Rate.spread(ratios) + ")",
        Rate.median(ratiosOfCpu),
        Rate.spread(ratiosOfCpu));
    figures.put("sample." + model + ".b" + batch + ".vs_bare", Rate.median(ratios));
    figures.put("sample." + model + ".b" + batch + ".vs_bare_cpu", Rate.median(ratiosOfCpu));
  }

  private interface Call {
    void call() throws Exception;
  }

  /** Calls a second of this thread, by the clock and by its own CPU time. */
  private record Pace(double byClock, double byCpu) {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static Pace of(Call work, double seconds) throws Exception {
      long start = System.nanoTime();
      long cpu = THREADS.getCurrentThreadCpuTime();
      int calls = 0;
      while (System.nanoTime() - start < seconds * 1e9) {
        work.call();
        calls++;
      }
      double used = THREADS.getCurrentThreadCpuTime() - cpu;
      return new Pace(calls * 1e9 / (System.nanoTime() - start), calls * 1e9 / used);
    }
  }

  private void served(String model) throws Exception {
    boolean small = model.equals("gan");
    try (BareModel bare = new BareModel(file(model), LATENT, IMAGE);
        ServedProcess server = new ServedProcess(launcher, file(model))) {
      String url = server.address() + "/v2/models/" + model + "/infer";
      wrk.run(url, 64, WARM_UP, 1, "binary");
      wrk.run(url, 8, WARM_UP / 2, 16, "binary");
      bare.run(2, 1, 1);
      print(
          "%n%s served, %d rounds of %.0f s, wrk on the same processors; requests/s%n%-14s %9s %9s %7s %18s %8s %8s %9s%n",
          model,
          ROUNDS,
          SECONDS,
          "",
          "ceiling",
          "served",
          "ratio",
          "",
          "p50 ms",
          "p99 ms",
          "bare p50");
      compare(model + ".c64", bare, url, 64, 1, 2);
      compare(model + ".c8x16", bare, url, 8, 16, 2);
      if (small) {
        compare(model + ".c1", bare, url, 1, 1, 1);
        json(url);
      }
      figures.put("serve." + model + ".resident_mb", server.residentMegabytes());
      print("%s resident after that: %.0f MB%n", model, server.residentMegabytes());
    }
  }

  private void compare(
      String name, BareModel bare, String url, int connections, int rows, int callers)
      throws Exception {
    List<Rate> ceilings = new ArrayList<>();
    List<Rate> rates = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Rate ceiling = bare.run(callers, rows, SECONDS);
      Rate rate = wrk.run(url, connections, SECONDS, rows, "binary");
      ceilings.add(ceiling);
      rates.add(rate);
      ratios.add(rate.perSecond() / ceiling.perSecond());
    }
    double p50 = median(rates, Rate::p50);
    double p99 = median(rates, Rate::p99);
    double barely = median(ceilings, Rate::p50);
    print(
        "%-14s %9.0f %9.0f %7.2f %18s %8.2f %8.2f %9.2f%n",
        name,
        median(ceilings, Rate::perSecond),
        median(rates, Rate::perSecond),
        Rate.median(ratios),
        "(" + Rate.spread(ratios) + ")",
        p50,
        p99,
        barely);
    if (connections == 1) {
      figures.put("serve." + name + ".p50_ms", p50);
      figures.put("serve." + name + ".p50_above_bare_ms", p50 - barely);
      return;
    }
    figures.put("serve." + name + ".vs_ceiling", Rate.median(ratios));
    figures.put("serve." + name + ".p99_ms", p99);
    if (name.equals("gan.c64")) {
      double served = median(rates, Rate::perSecond);
      double ceiling = median(ceilings, Rate::perSecond);
      figures.put("serve.gan.c64.vs_djl_binary", served / DJL_BINARY);
      figures.put(
          "serve.gan.c64.vs_djl_binary_by_ceiling", served / ceiling / (DJL_BINARY / DJL_CEILING));
    }
  }

  private void json(String url) throws Exception {
    wrk.run(url, 64, WARM_UP / 2, 1, "json");
    List<Rate> rates = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      rates.add(wrk.run(url, 64, SECONDS, 1, "json"));
    }
    double served = median(rates, Rate::perSecond);
    print(
        "%-14s %9s %9.0f %7s %18s %8.2f %8.2f%n",
        "gan.c64 json", "", served, "", "", median(rates, Rate::p50), median(rates, Rate::p99));
    print(
        "DJL Serving 0.36, measured on another machine (ceiling %.0f): binary %.0f, JSON %.0f%n",
        DJL_CEILING, DJL_BINARY, DJL_JSON);
    figures.put("serve.gan.c64_json.vs_djl_json", served / DJL_JSON);
  }

  private Path file(String model) {
    return models.resolve(model).resolve("model.onnx");
  }

  private static double median(List<Rate> rates, ToDoubleFunction<Rate> value) {
    return Rate.median(rates.stream().mapToDouble(value).boxed().toList());
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
    System.out.flush();
  }
}
