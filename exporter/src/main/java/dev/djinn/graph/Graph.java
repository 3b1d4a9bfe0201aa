package dev.djinn.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX graph: inputs, constants, nodes in an order in which they can run, and outputs. Immutable
 * and valid: each value is made once and before it is read, each node has fitting inputs, and every
 * shape is known but for the batch.
 */
public final class Graph {
  private final String name;
  private final List<Value> inputs;
  private final Map<String, Tensor> constants;
  private final List<Node> nodes;
  private final List<String> outputs;
  private final Map<String, TensorType> types;

  /**
   * Checks and keeps the parts.
   *
   * @param name the graph's name
   * @param inputs what a caller gives
   * @param constants the weights and other fixed tensors by name
   * @param nodes the operators, each after those that it reads from
   * @param outputs names of the values a caller gets
   * @throws GraphException if a value is made twice or never, or shapes do not fit
   */
  public Graph(
      String name,
      List<Value> inputs,
      Map<String, Tensor> constants,
      List<Node> nodes,
      List<String> outputs) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
    this.nodes = List.copyOf(nodes);
    this.outputs = List.copyOf(outputs);
    this.types = Collections.unmodifiableMap(inferTypes());
    for (String output : outputs) {
      typeOf(output);
    }
    if (outputs.isEmpty()) {
      throw new GraphException("graph " + name + " has no output");
    }
  }

  /** Returns the graph's name. */
  public String name() {
    return name;
  }

  /** Returns the inputs in order. */
  public List<Value> inputs() {
    return inputs;
  }

  /** Returns the constants by name, in the order in which they were added. */
  public Map<String, Tensor> constants() {
    return constants;
  }

  /** Returns the nodes in an order in which they can run. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Returns the names of the outputs in order. */
  public List<String> outputs() {
    return outputs;
  }

  /**
   * Returns type and shape of a value.
   *
   * @throws GraphException if nothing makes it
   */
  public TensorType typeOf(String value) {
    TensorType type = types.get(value);
    if (type == null) {
      throw new GraphException("nothing in graph " + name + " makes " + value);
    }
    return type;
  }

  /** Returns this graph with {@code values} as its outputs, for a look at what is inside. */
  public Graph withOutputs(List<String> values) {
    return new Graph(name, inputs, constants, nodes, values);
  }

  private Map<String, TensorType> inferTypes() {
    Map<String, TensorType> known = new LinkedHashMap<>();
    inputs.forEach(input -> define(known, input.name(), input.type()));
    constants.forEach((constant, tensor) -> define(known, constant, tensor.tensorType()));
    for (Node node : nodes) {
      define(known, node.name(), new ShapeInference(node, known, constants).infer());
    }
    return known;
  }

  private static void define(Map<String, TensorType> known, String value, TensorType type) {
    if (value.isEmpty() || known.putIfAbsent(value, type) != null) {
      throw new GraphException("value '" + value + "' is made twice or has no name");
    }
  }

  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    inputs.forEach(input -> lines.add(input.name() + ": " + input.type()));
    for (Node node : nodes) {
      lines.add(
          "%s = %s%s %s: %s"
              .formatted(
                  String.join(", ", node.outputs()),
                  node.operator().onnxName(),
                  node.inputs(),
                  node.attributes(),
                  typeOf(node.name())));
    }
    return String.join("\n", lines);
  }
}
