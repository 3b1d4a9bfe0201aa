package dev.djinn.exporter;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.pass.Optimization;
import dev.djinn.network.Network;
import dev.djinn.run.Presets;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.OnnxRuntime;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Times exported graphs against the plain graph that ends where the network ends, as other
 * exporters write it: ONNX Runtime, one thread, same weights, interleaved. Times are CPU times of
 * that thread, so that other work on the machine shows less. Arguments: names of presets; {@code
 * --each} times the server's graph without each of its rewrites too.
 */
final class ExportBench {
  private static final int ROUNDS = 9;
  private static final double SECONDS = 0.15;
  private static final double LARGEST_DELTA = 1e-5;
  private static final int[] BATCHES = {32, 128};

  private ExportBench() {}

  public static void main(String[] arguments) throws OrtException {
    List<String> wanted = new ArrayList<>(Arrays.asList(arguments));
    boolean each = wanted.remove("--each");
    System.out.printf("ONNX Runtime %s, 1 thread, images/s of CPU time%n", OnnxRuntime.version());
    for (String preset : wanted.isEmpty() ? Presets.names() : wanted) {
      time(preset, Presets.settings(preset, Map.of(), 10).generator().network(), each);
    }
  }

  private static void time(String name, Network network, boolean each) throws OrtException {
    Weights weights = RandomWeights.of(network, new Random(1));
    Map<String, Graph> graphs = new LinkedHashMap<>();
    graphs.put("plain", GeneratorGraph.of(network, weights));
    Generator generator = generator(network, weights);
    Graph contract = GeneratorGraph.of(generator);
    for (Target target : Target.values()) {
      Graph graph = Optimization.applyAll(contract, target.optimizations());
      graphs.put("target-" + target.name().toLowerCase(Locale.ROOT), graph);
    }
    checkDeltas(name, generator, contract, graphs);
    for (Precision precision : List.of(Precision.FP16, Precision.INT8)) {
      Set<Optimization> chosen = ExportOptions.of(Target.SERVER, precision).optimizations();
      Graph exact = Optimization.applyAll(contract, chosen);
      graphs.put(precision.toString(), precision.apply(exact, generator));
    }
    for (Optimization left : each ? EnumSet.allOf(Optimization.class) : Set.<Optimization>of()) {
      Set<Optimization> chosen = EnumSet.copyOf(Target.SERVER.optimizations());
      chosen.remove(left);
      Graph graph = Optimization.applyAll(contract, chosen);
      if (!graph.toString().equals(graphs.get("target-server").toString())) {
        graphs.put("without-" + left.name().toLowerCase(Locale.ROOT), graph);
      }
    }
    List<Timed> timed = new ArrayList<>();
    try {
      for (Map.Entry<String, Graph> graph : graphs.entrySet()) {
        timed.add(new Timed(graph.getKey(), graph.getValue()));
      }
      for (int batch : BATCHES) {
        compare(name, timed, batch);
      }
    } finally {
      for (Timed one : timed) {
        one.close();
      }
    }
  }

  /** Each target's pictures beside the plain ones, which have to be the same to 1e-5. */
  private static void checkDeltas(
      String name, Generator generator, Graph contract, Map<String, Graph> graphs) {
    Probes probes = new Probes(generator);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(GeneratorContract.LATENT, probes.latents(0, probes.rows()));
    if (generator.network().conditional()) {
      inputs.put(GeneratorContract.LABEL, probes.labels(0, probes.rows()));
    }
    float[] plain = image(contract, inputs);
    for (Target target : List.of(Target.SERVER, Target.WEB)) {
      String graph = "target-" + target.name().toLowerCase(Locale.ROOT);
      float[] made = image(graphs.get(graph), inputs);
      double largest = 0;
      for (int i = 0; i < made.length; i++) {
        largest = Math.max(largest, Math.abs((double) made[i] - plain[i]));
      }
      System.out.printf(Locale.ROOT, "figure export.%s.%s.max_delta %.2e%n", name, graph, largest);
      if (!(largest <= LARGEST_DELTA)) {
        throw new IllegalStateException(
            name + ", " + graph + ": differs from the plain graph by " + largest);
      }
    }
  }

  private static float[] image(Graph graph, Map<String, Tensor> inputs) {
    try (OnnxRun run = OnnxRun.open(OnnxWriter.write(graph, Map.of()))) {
      return run.run(inputs).get(GeneratorContract.IMAGE).floats();
    }
  }

  private static void compare(String name, List<Timed> timed, int batch) throws OrtException {
    Map<Timed, List<Double>> rates = new LinkedHashMap<>();
    for (int round = -1; round < ROUNDS; round++) {
      for (Timed one : timed) {
        double rate = one.rate(batch);
        if (round >= 0) { // the first round warms up
          rates.computeIfAbsent(one, key -> new ArrayList<>()).add(rate);
        }
      }
    }
    List<Double> plain = rates.get(timed.get(0));
    for (Timed one : timed) {
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        ratios.add(rates.get(one).get(round) / plain.get(round));
      }
      ratios.sort(null);
      List<Double> sorted = new ArrayList<>(rates.get(one));
      sorted.sort(null);
      System.out.printf(
          Locale.ROOT,
          "%-15s batch %3d %-42s %9.1f images/s (best %.1f)  %.3f (%.3f to %.3f) of plain%n",
          name,
          batch,
          one.name,
          sorted.get(ROUNDS / 2),
          sorted.get(ROUNDS - 1),
          ratios.get(ROUNDS / 2),
          ratios.get(0),
          ratios.get(ROUNDS - 1));
      String figure =
          switch (one.name) {
            case "target-server" -> "vs_plain";
            case "fp16", "int8" -> one.name + "_vs_plain";
            default -> "";
          };
      if (!figure.isEmpty()) {
        System.out.printf(
            Locale.ROOT,
            "figure export.%s.b%d.%s %.3f%n",
            name,
            batch,
            figure,
            ratios.get(ROUNDS / 2));
      }
    }
  }

  private static Generator generator(Network network, Weights weights) {
    Collection<String> labels = new ArrayList<>();
    for (int label = 0; network.conditional() && label < network.classes(); label++) {
      labels.add(Integer.toString(label));
    }
    boolean tanh = network.layers().get(network.layers().size() - 1).toString().contains("TANH");
    return new Generator(
        network,
        weights,
        tanh ? PixelRange.MINUS_ONE_TO_ONE : PixelRange.ZERO_TO_ONE,
        GeneratorContract.Latent.normal((int) network.input().get(0)),
        List.copyOf(labels),
        Map.of());
  }

  /** A graph's session with inputs. */
  private static final class Timed implements AutoCloseable {
    private final String name;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final int latent;
    private final String input;

    Timed(String name, Graph graph) throws OrtException {
      this.name = name;
      this.latent = (int) graph.inputs().get(0).type().dim(1);
      this.input = graph.inputs().get(0).name();
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        session = environment.createSession(OnnxWriter.write(graph, Map.of()), options);
      }
    }

    /** Runs for a while and returns images per second of this thread's CPU time. */
    double rate(int batch) throws OrtException {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      float[] values = RandomTensors.normal(new Random(3), batch, latent).floats();
      long[] labels = new Random(4).longs(batch, 0, 10).toArray();
      try {
        inputs.put(
            input,
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(values), new long[] {batch, latent}));
        if (session.getInputNames().contains("label")) {
          inputs.put(
              "label",
              OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), new long[] {batch}));
        }
        long start = cpu();
        long images = 0;
        while (cpu() - start < SECONDS * 1e9) {
          session.run(inputs).close();
          images += batch;
        }
        return images / ((cpu() - start) / 1e9);
      } finally {
        inputs.values().forEach(OnnxTensor::close);
      }
    }

    private static long cpu() {
      return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Override
    public void close() throws OrtException {
      session.close();
    }
  }
}
