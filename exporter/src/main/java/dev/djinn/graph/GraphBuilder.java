package dev.djinn.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a graph together from front to back. A wrong arity, attribute or shape fails where the node
 * is added, not when the file is loaded.
 *
 * <pre>{@code
 * GraphBuilder graph = new GraphBuilder("generator");
 * String latent = graph.input("latent", TensorType.floats(TensorType.BATCH, 100));
 * String weight = graph.constant("0.weight", Tensor.floats(values, 784, 100));
 * graph.output(graph.add(Operator.GEMM, Attributes.none().with("transB", 1), "image", latent, weight));
 * Graph built = graph.build();
 * }</pre>
 */
public final class GraphBuilder {
  private final String name;
  private final List<Value> inputs = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final Map<String, TensorType> types = new LinkedHashMap<>();

  /** Starts an empty graph of that name. */
  public GraphBuilder(String name) {
    this.name = name;
  }

  /** Adds an input and returns its name. */
  public String input(String input, TensorType type) {
    define(input, type);
    inputs.add(new Value(input, type));
    return input;
  }

  /** Adds a constant and returns its name; the same tensor may come again under the same name. */
  public String constant(String constant, Tensor tensor) {
    if (!tensor.equals(constants.get(constant))) {
      define(constant, tensor.tensorType());
      constants.put(constant, tensor);
    }
    return constant;
  }

  /**
   * Adds an operator of one output and returns that output's name.
   *
   * @throws GraphException if the inputs do not fit the operator, or {@code output} is taken
   */
  public String add(Operator operator, Attributes attributes, String output, String... read) {
    Node node = Node.of(operator, attributes, output, read);
    define(output, new ShapeInference(node, types, constants).infer());
    nodes.add(node);
    return output;
  }

  /** Adds an operator without attributes and returns its output's name. */
  public String add(Operator operator, String output, String... read) {
    return add(operator, Attributes.none(), output, read);
  }

  /** Makes a value an output of the graph. */
  public void output(String value) {
    typeOf(value);
    outputs.add(value);
  }

  /** Returns whether there is a value of that name. */
  public boolean has(String value) {
    return types.containsKey(value);
  }

  /**
   * Returns type and shape of a value made so far.
   *
   * @throws GraphException if there is none of that name
   */
  public TensorType typeOf(String value) {
    TensorType type = types.get(value);
    if (type == null) {
      throw new GraphException("nothing makes " + value);
    }
    return type;
  }

  /** Returns the graph. */
  public Graph build() {
    return new Graph(name, inputs, constants, nodes, outputs);
  }

  private void define(String value, TensorType type) {
    if (value.isEmpty() || types.putIfAbsent(value, type) != null) {
      throw new GraphException("the name '" + value + "' is empty or taken");
    }
  }
}
