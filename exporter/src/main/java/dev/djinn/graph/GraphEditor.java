package dev.djinn.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A graph taken apart for rewriting: passes replace nodes and add constants here, and {@link
 * #graph} checks the result and leaves out what nothing reads any more.
 */
public final class GraphEditor {
  private final Graph original;
  private final List<Node> nodes;
  private final Map<String, Tensor> constants;
  private final Set<String> names = new HashSet<>();

  /** Opens a graph. */
  public GraphEditor(Graph graph) {
    original = graph;
    nodes = new ArrayList<>(graph.nodes());
    constants = new LinkedHashMap<>(graph.constants());
    graph.inputs().forEach(input -> names.add(input.name()));
    names.addAll(constants.keySet());
    nodes.forEach(node -> names.addAll(node.outputs()));
  }

  /** Returns the constant of that name, if the value is one. */
  public Optional<Tensor> constant(String value) {
    return Optional.ofNullable(constants.get(value));
  }

  /** Returns the node that makes a value, if it is neither an input nor a constant. */
  public Optional<Node> producer(String value) {
    return nodes.stream().filter(node -> node.outputs().contains(value)).findFirst();
  }

  /** Returns the nodes that read a value. */
  public List<Node> consumers(String value) {
    return nodes.stream().filter(node -> node.inputs().contains(value)).toList();
  }

  /**
   * Returns the one node that reads a value, if there is just one and no output of the graph is it.
   */
  public Optional<Node> onlyConsumer(String value) {
    List<Node> readers = consumers(value);
    return readers.size() == 1 && !isOutput(value) ? Optional.of(readers.get(0)) : Optional.empty();
  }

  /** Returns whether a value is an output of the graph. */
  public boolean isOutput(String value) {
    return original.outputs().contains(value);
  }

  /**
   * Returns the type of a value of the graph as it was opened.
   *
   * @throws GraphException if the value has been added since
   */
  public TensorType typeOf(String value) {
    return original.typeOf(value);
  }

  /** Adds a constant under a free name that starts with {@code wish}, and returns the name. */
  public String addConstant(String wish, Tensor tensor) {
    String free = freeName(wish);
    constants.put(free, tensor);
    return free;
  }

  /** Returns a name that no value has, {@code wish} itself if it is free. */
  public String freeName(String wish) {
    String free = wish;
    for (int i = 1; !names.add(free); i++) {
      free = wish + "." + i;
    }
    return free;
  }

  /** Puts nodes where one node was; they must make what others still read of it. */
  public void replace(Node old, List<Node> replacement) {
    int index = nodes.indexOf(old);
    nodes.remove(index);
    nodes.addAll(index, replacement);
  }

  /** Puts one node where another was. */
  public void replace(Node old, Node replacement) {
    replace(old, List.of(replacement));
  }

  /** Takes a node out and lets its readers read {@code value} instead; an output keeps its name. */
  public void bypass(Node node, String value) {
    if (isOutput(node.name())) {
      replace(node, Node.of(Operator.IDENTITY, Attributes.none(), node.name(), value));
      return;
    }
    nodes.remove(node);
    redirect(node.name(), value);
  }

  /**
   * Gives what a node makes another name, which its readers follow; for a value that no longer is
   * what its name says. Not for outputs of the graph.
   *
   * @return the node as it is now
   */
  public Node rename(Node node, String wish) {
    String free = freeName(wish);
    Node renamed = node.withOutput(free);
    replace(node, renamed);
    redirect(node.name(), free);
    return renamed;
  }

  /** Turns a value into a constant: its producer goes, its name stays. */
  public void makeConstant(Node node, Tensor tensor) {
    nodes.remove(node);
    constants.put(node.name(), tensor);
  }

  /** Returns the checked graph, without nodes and constants that no output needs. */
  public Graph graph() {
    Set<String> needed = new HashSet<>(original.outputs());
    List<Node> kept = new ArrayList<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().stream().anyMatch(needed::contains)) {
        kept.add(0, node);
        needed.addAll(node.inputs());
      }
    }
    Map<String, Tensor> used = new LinkedHashMap<>(constants);
    used.keySet().retainAll(needed);
    return new Graph(original.name(), original.inputs(), used, kept, original.outputs());
  }

  private void redirect(String from, String to) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.inputs().contains(from)) {
        nodes.set(
            i,
            node.withInputs(
                node.inputs().stream().map(name -> name.equals(from) ? to : name).toList()));
      }
    }
  }
}
