package dev.djinn.exporter;

import ai.djl.nn.Block;
import dev.djinn.graph.DataType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.pass.Optimization;
import dev.djinn.sampler.ModelFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Converts a plain DJL block, runs the result beside it, and writes the file if both agree. */
final class BlockExport {
  private static final List<Integer> BATCHES = List.of(1, 2, 7);
  private static final List<Samples.Kind> KINDS =
      List.of(Samples.Kind.NORMAL, Samples.Kind.UNIT, Samples.Kind.WIDE, Samples.Kind.ZERO);

  private final Block block;
  private final BlockOptions options;
  private final BlockEngine engine;

  private BlockExport(Block block, BlockOptions options, BlockEngine engine) {
    this.block = block;
    this.options = options;
    this.engine = engine;
  }

  static BlockResult run(Block block, BlockOptions options, Path file) {
    try (BlockEngine engine = new BlockEngine()) {
      return new BlockExport(block, options, engine).write(file);
    }
  }

  private BlockResult write(Path file) {
    BlockGraph tree = new BlockGraph(block, options, engine);
    Graph graph = Optimization.applyAll(tree.graph(), options.target().optimizations());
    BlockProof proof = prove(graph);
    if (!(proof.largestError() <= options.tolerance())) {
      throw new ExportException(
          String.format(
              Locale.ROOT,
              "the model is not the block: %s, allowed is %.0e; %s",
              proof,
              options.tolerance(),
              firstDifference(tree)));
    }
    byte[] model = OnnxWriter.write(graph, Map.of("proof", proof.toString()));
    // What stands beside an older file is not true of this one, so it goes first.
    AtomicFile.delete(ModelFiles.sumFile(file));
    if (file.endsWith(OnnxExporter.FILE_NAME)) { // a proof beside other names is none of theirs
      AtomicFile.delete(file.resolveSibling(OnnxExporter.REPORT_NAME));
    }
    AtomicFile.write(file, model);
    return new BlockResult(file, model.length, graph, proof);
  }

  private BlockProof prove(Graph graph) {
    Difference total = new Difference();
    int rows = 0;
    try (OnnxRun run = OnnxRun.open(OnnxWriter.write(graph, Map.of()))) {
      for (int batch : BATCHES) {
        for (Samples.Kind kind : KINDS) {
          List<Tensor> given = samples().of(kind, batch);
          List<Tensor> wanted =
              engine.run(block, given, Map.of(), block.getClass().getSimpleName());
          Map<String, Tensor> made = run.run(named(given, run));
          for (int i = 0; i < wanted.size(); i++) {
            total.add(made.get(graph.outputs().get(i)), wanted.get(i));
          }
          rows += batch;
        }
      }
    }
    return new BlockProof(BATCHES, rows, total.scale, total.largest, total.sum / total.count);
  }

  private Samples samples() {
    return new Samples(
        options.inputs().stream().map(BlockInput::tensorType).toList(),
        options.inputs().stream().map(BlockInput::bound).toList());
  }

  private Map<String, Tensor> named(List<Tensor> given, OnnxRun run) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      if (run.inputs().contains(options.inputs().get(i).name())) {
        inputs.put(options.inputs().get(i).name(), given.get(i));
      }
    }
    return inputs;
  }

  /** Gives each block what the file gives it, and returns a clause about the first that differs. */
  private String firstDifference(BlockGraph tree) {
    List<Tensor> given = samples().of(Samples.Kind.NORMAL, 2);
    List<String> values =
        tree.leaves().stream()
            .flatMap(leaf -> Stream.concat(leaf.inputs().stream(), leaf.outputs().stream()))
            .distinct()
            .filter(value -> options.inputs().stream().noneMatch(in -> in.name().equals(value)))
            .toList();
    Map<String, Tensor> made = new HashMap<>();
    Graph open = tree.graph().withOutputs(values);
    try (OnnxRun run = OnnxRun.open(OnnxWriter.write(open, Map.of()))) {
      made.putAll(run.run(named(given, run)));
    }
    for (int i = 0; i < given.size(); i++) {
      made.put(options.inputs().get(i).name(), given.get(i));
    }
    for (BlockGraph.Leaf leaf : tree.leaves()) {
      List<Tensor> read = new ArrayList<>();
      leaf.inputs().forEach(input -> read.add(made.get(input)));
      List<Tensor> wanted = engine.run(leaf.block(), read, Map.of(), leaf.path());
      Difference difference = new Difference();
      for (int i = 0; i < wanted.size(); i++) {
        difference.add(made.get(leaf.outputs().get(i)), wanted.get(i));
      }
      if (!(difference.largest <= options.tolerance())) {
        return String.format(
            Locale.ROOT,
            "%s (%s) differs by %.2e",
            leaf.path(),
            leaf.block().getClass().getSimpleName(),
            difference.largest);
      }
    }
    return "each of its blocks alone agrees";
  }

  /** Collects errors relative to the largest number of their output. */
  private static final class Difference {
    private double largest;
    private double sum;
    private long count;
    private double scale;

    void add(Tensor made, Tensor wanted) {
      if (!made.tensorType().equals(wanted.tensorType())) {
        throw new ExportException("the model makes " + made + " where the block makes " + wanted);
      }
      if (made.type() != DataType.FLOAT) {
        largest = made.equals(wanted) ? largest : Double.POSITIVE_INFINITY;
        count += made.size();
        return;
      }
      float[] a = made.floats();
      float[] b = wanted.floats();
      double unit = 1;
      for (float value : b) {
        unit = Math.max(unit, Math.abs(value));
        scale = Math.max(scale, Math.abs(value));
      }
      for (int i = 0; i < a.length; i++) {
        double error = Math.abs((double) a[i] - b[i]) / unit;
        largest = Math.max(largest, error); // keeps NaN, which is within no bound
        sum += error;
      }
      count += a.length;
    }
  }
}
