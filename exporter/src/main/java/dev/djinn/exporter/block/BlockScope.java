package dev.djinn.exporter.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.OnnxExporter;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import dev.djinn.network.NetworkBlock;
import java.util.List;
import java.util.Map;

/**
 * A block's place in the tree while it is converted: what it reads, what it holds, how to run it,
 * and what takes its nodes.
 *
 * <pre>{@code
 * BlockConverter<Scale> converter =
 *     (block, at) -> List.of(at.add(Operator.MUL, at.input(), at.weight("factor")));
 * }</pre>
 */
public final class BlockScope {
  private final BlockTree tree;
  private final GraphBuilder graph;
  private final Block block;
  private final String path;
  private final List<String> inputs;

  BlockScope(BlockTree tree, GraphBuilder graph, Block block, String path, List<String> inputs) {
    this.tree = tree;
    this.graph = graph;
    this.block = block;
    this.path = path;
    this.inputs = List.copyOf(inputs);
  }

  /** Returns a scope for a formula alone, with nothing to run. */
  static BlockScope ofFormula(GraphBuilder graph, List<String> inputs) {
    return new BlockScope(null, graph, null, "formula", inputs);
  }

  /** Returns the block's path in the tree, such as {@code 03SequentialBlock/02LambdaBlock}. */
  public String path() {
    return path;
  }

  /** Returns the names of the values that the block reads. */
  public List<String> inputs() {
    return inputs;
  }

  /**
   * Returns the one value that the block reads.
   *
   * @throws ExportException if it reads several
   */
  public String input() {
    if (inputs.size() != 1) {
      throw fail("reads " + inputs.size() + " values, one was expected");
    }
    return inputs.get(0);
  }

  /** Returns type and shape of a value, (batch, …). */
  public TensorType typeOf(String value) {
    return graph.typeOf(value);
  }

  /**
   * Adds an operator.
   *
   * @return the name of the value that it makes
   * @throws GraphException if the inputs do not fit it
   */
  public String add(Operator operator, Attributes attributes, String... read) {
    return graph.add(operator, attributes, free(operator.onnxName()), read);
  }

  /** Adds an operator without attributes. */
  public String add(Operator operator, String... read) {
    return add(operator, Attributes.none(), read);
  }

  /** Adds a constant and returns its name. */
  public String constant(String role, Tensor tensor) {
    return graph.constant(free(role), tensor);
  }

  /** Adds one of the block's own parameters as a constant and returns its name. */
  public String weight(String parameter) {
    return constant(parameter, parameter(parameter));
  }

  /** Returns whether the block holds a parameter of that name itself. */
  public boolean hasParameter(String name) {
    return block.getDirectParameters().contains(name);
  }

  /**
   * Returns the values of one of the block's own parameters.
   *
   * @throws ExportException if there is none of that name, or it is not float32
   */
  public Tensor parameter(String name) {
    if (!hasParameter(name)) {
      throw fail(
          "has no parameter %s, only %s".formatted(name, block.getDirectParameters().keys()));
    }
    NDArray array = block.getDirectParameters().get(name).getArray();
    if (array.getDataType() != DataType.FLOAT32) {
      throw fail("has %s in %s, only float32 can be exported".formatted(name, array.getDataType()));
    }
    return Tensor.floats(array.toFloatArray(), array.getShape().getShape());
  }

  /**
   * Runs the block in DJL, outside training, to see what it computes.
   *
   * @param given one tensor for each input, (batch, …)
   */
  public List<Tensor> run(List<Tensor> given) {
    return run(given, Map.of());
  }

  /** Runs the block with other values for some of its own parameters. */
  List<Tensor> run(List<Tensor> given, Map<String, Tensor> instead) {
    return tree.engine().run(block, given, instead, path);
  }

  /** Runs a block inside this one. */
  List<Tensor> runChild(Block child, List<Tensor> given) {
    return tree.engine().run(child, given, Map.of(), path);
  }

  /** Returns this place reading other values. */
  BlockScope reading(List<String> values) {
    return new BlockScope(tree, graph, block, path, values);
  }

  /**
   * Converts a block inside this one.
   *
   * @param name its name among this block's children, such as {@code 01Linear}
   * @param child the block
   * @param read the values that it reads
   * @return the values that it makes
   */
  public List<String> convert(String name, Block child, List<String> read) {
    return tree.convert(child, path.equals(tree.root()) ? name : path + "/" + name, read);
  }

  /**
   * Adds the layers of one of Djinn's networks, which reads one value and a label if it has one.
   */
  List<String> addNetwork(NetworkBlock network) {
    String prefix = path + ".";
    String label = network.network().conditional() ? inputs.get(1) : null;
    return List.of(OnnxExporter.add(network, graph, prefix, inputs.get(0), label));
  }

  /** Makes the exception that says why this block cannot be converted. */
  public ExportException fail(String why) {
    return new ExportException("%s (%s) %s".formatted(path, block.getClass().getSimpleName(), why));
  }

  /** Returns tensors to try the block on. */
  TrialInputs samples() {
    return tree.samples(inputs.stream().map(graph::typeOf).toList(), inputs);
  }

  private String free(String role) {
    String wish = path + "." + role;
    String free = wish;
    for (int i = 1; graph.has(free); i++) {
      free = wish + "." + i;
    }
    return free;
  }
}
