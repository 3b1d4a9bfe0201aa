package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import dev.djinn.exporter.ExportException;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.Operator;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a tree of plain DJL blocks into a graph, block by block, without rewrites. */
final class BlockGraph implements BlockTree {
  /**
   * One block that holds no other, and the values around it.
   *
   * @param path its path in the tree
   * @param block the block
   * @param inputs the values it reads
   * @param outputs the values it makes
   */
  record Leaf(String path, Block block, List<String> inputs, List<String> outputs) {}

  private final BlockEngine engine;
  private final BlockConverters converters;
  private final String root;
  private final GraphBuilder builder;
  private final Map<String, Long> bounds = new HashMap<>();
  private final List<Leaf> leaves = new ArrayList<>();
  private final Graph graph;

  /**
   * Converts a block.
   *
   * @throws ExportException if a block in the tree cannot be converted
   */
  BlockGraph(Block block, BlockOptions options, BlockEngine engine) {
    this.engine = engine;
    this.converters = options.converters();
    this.root = block.getClass().getSimpleName();
    this.builder = new GraphBuilder(root.isEmpty() ? "network" : root);
    if (!block.isInitialized()) {
      throw new ExportException(
          "the block is not initialized; load its parameters or call initialize first");
    }
    for (BlockInput input : options.inputs()) {
      checkFree("input", input.name());
      builder.input(input.name(), input.tensorType());
      bounds.put(input.name(), input.bound());
    }
    List<String> made =
        convert(block, root, options.inputs().stream().map(BlockInput::name).toList());
    List<String> wanted = outputNames(options.outputs(), made);
    for (int i = 0; i < made.size(); i++) {
      checkFree("output", wanted.get(i));
      // A value may be made twice over, or be an input; an identity gives it the wanted name.
      builder.output(builder.add(Operator.IDENTITY, Attributes.none(), wanted.get(i), made.get(i)));
    }
    graph = builder.build();
  }

  Graph graph() {
    return graph;
  }

  /** Returns the blocks that hold no other, in the order in which they run. */
  List<Leaf> leaves() {
    return leaves;
  }

  @Override
  public BlockEngine engine() {
    return engine;
  }

  @Override
  public String root() {
    return root;
  }

  @Override
  public List<String> convert(Block block, String path, List<String> inputs) {
    BlockScope at = new BlockScope(this, builder, block, path, inputs);
    BlockConverter<Block> converter =
        converters
            .of(block)
            .orElseThrow(
                () ->
                    at.fail(
                        "has no converter; register one with BlockOptions.withConverter (known: "
                            + converters
                            + ")"));
    try {
      List<String> made = converter.convert(block, at);
      if (block.getChildren().isEmpty()) {
        leaves.add(new Leaf(path, block, inputs, made));
        keepBound(inputs, made);
      }
      return made;
    } catch (GraphException e) {
      throw at.fail("cannot be converted: " + e.getMessage());
    }
  }

  @Override
  public TrialInputs samples(List<TensorType> types, List<String> values) {
    return new TrialInputs(
        types, values.stream().map(value -> bounds.getOrDefault(value, 1L)).toList());
  }

  /** Indices that were only moved about are bounded as before. */
  private void keepBound(List<String> inputs, List<String> made) {
    if (inputs.size() == 1 && bounds.containsKey(inputs.get(0))) {
      made.stream()
          .filter(value -> builder.typeOf(value).type() == ElementType.INT64)
          .forEach(value -> bounds.putIfAbsent(value, bounds.get(inputs.get(0))));
    }
  }

  private void checkFree(String role, String name) {
    if (name.isEmpty() || builder.has(name)) {
      throw new ExportException(
          "an %s cannot be called '%s', which is empty or taken; give it another name, outputs with"
                  .formatted(role, name)
              + " BlockOptions.withOutputs");
    }
  }

  private static List<String> outputNames(List<String> wanted, List<String> made) {
    if (!wanted.isEmpty() && wanted.size() != made.size()) {
      throw new ExportException(
          "the block makes %d outputs, but %d are named: %s"
              .formatted(made.size(), wanted.size(), wanted));
    }
    if (!wanted.isEmpty()) {
      return wanted;
    }
    List<String> numbered = new ArrayList<>();
    for (int i = 0; i < made.size(); i++) {
      numbered.add(i == 0 ? "output" : "output" + i);
    }
    return numbered;
  }
}
