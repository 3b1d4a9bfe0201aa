package dev.djinn.graph;

import java.util.List;

/**
 * One operator applied to values.
 *
 * @param operator what it computes
 * @param inputs names of the values it reads, in the operator's order; an empty name leaves out an
 *     optional one
 * @param outputs names of the values it makes; the first also names the node
 * @param attributes the operator's settings
 */
public record Node(
    Operator operator, List<String> inputs, List<String> outputs, Attributes attributes) {
  /** Checks arity and attributes against the operator. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    if (outputs.size() != 1 || outputs.contains("")) {
      throw new GraphException(
          "%s has outputs %s, expected one with a name".formatted(operator.onnxName(), outputs));
    }
    operator.check(outputs.get(0), inputs.size(), attributes);
  }

  /** Makes a node of one output. */
  public static Node of(Operator operator, Attributes attributes, String output, String... inputs) {
    return new Node(operator, List.of(inputs), List.of(output), attributes);
  }

  /** Returns the first output's name, which is the node's. */
  public String name() {
    return outputs.get(0);
  }

  /** Returns the name of input {@code index}, empty if it is left out. */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** Returns whether input {@code index} is there. */
  public boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /** Returns this node reading other values. */
  public Node withInputs(List<String> newInputs) {
    return new Node(operator, newInputs, outputs, attributes);
  }

  /** Returns this node under another name; for operators of one output. */
  public Node withOutput(String output) {
    return new Node(operator, inputs, List.of(output), attributes);
  }
}
