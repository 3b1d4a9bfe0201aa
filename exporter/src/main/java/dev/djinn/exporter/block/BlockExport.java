package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.ExportFiles;
import dev.djinn.exporter.OnnxRun;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.OnnxWriter;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.pass.Optimization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes plain DJL blocks as ONNX files: reads the tree of blocks, finds out by trying what DJL
 * hides of them, rewrites, runs the result beside the block in DJL, and lets the file appear only
 * if both agree.
 */
public final class BlockExport {
  private static final List<Integer> BATCHES = List.of(1, 2, 7);
  private static final List<TrialInputs.Kind> KINDS =
      List.of(
          TrialInputs.Kind.NORMAL,
          TrialInputs.Kind.UNIT,
          TrialInputs.Kind.WIDE,
          TrialInputs.Kind.ZERO);

  private final Block block;
  private final BlockOptions options;
  private final BlockEngine engine;

  private BlockExport(Block block, BlockOptions options, BlockEngine engine) {
    this.block = block;
    this.options = options;
    this.engine = engine;
  }

  /**
   * Writes a block.
   *
   * @param block an initialized block, which runs on the PyTorch engine
   * @param options its inputs and how to write it
   * @param file replaced if it is there, and its {@code .sha256} deleted, with a {@code proof.txt}
   *     beside a {@code model.onnx}
   * @return the file and its proof
   * @throws ExportException if a block in the tree cannot be converted, which names its path, or
   *     the result is not the block within the tolerance; then there is no new file
   */
  public static BlockResult write(Block block, BlockOptions options, Path file) {
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
    ExportFiles.replaceModel(file, model);
    return new BlockResult(file, model.length, graph, proof);
  }

  private BlockProof prove(Graph graph) {
    Difference total = new Difference();
    int rows = 0;
    try (OnnxRun run = OnnxRun.open(OnnxWriter.write(graph, Map.of()))) {
      for (int batch : BATCHES) {
        for (TrialInputs.Kind kind : KINDS) {
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

  private TrialInputs samples() {
    return new TrialInputs(
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
    List<Tensor> given = samples().of(TrialInputs.Kind.NORMAL, 2);
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
      if (made.type() != ElementType.FLOAT) {
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
