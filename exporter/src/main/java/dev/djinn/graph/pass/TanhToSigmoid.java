package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * ½ tanh(W x + b) + ½ = σ(2 (W x + b)) = σ((2 W) x + 2 b): the map from tanh's pixels to [0, 1]
 * costs nothing. Doubling a float is exact.
 */
final class TanhToSigmoid implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node add) {
    Optional<Node> half = halved(editor, add, Operator.ADD);
    Optional<Node> tanh = half.flatMap(node -> halved(editor, node, Operator.MUL));
    if (tanh.isEmpty() || tanh.get().operator() != Operator.TANH) {
      return false;
    }
    Optional<Node> producer = solely(editor, tanh.get().input(0));
    List<Node> movers = new ArrayList<>();
    while (producer.isPresent() && isMover(producer.get())) {
      movers.add(producer.get());
      producer = solely(editor, producer.get().input(0));
    }
    if (producer.isEmpty() || !isLinear(producer.get())) {
      return false;
    }
    Node linear = producer.get();
    List<String> inputs = new ArrayList<>(List.of(linear.input(0)));
    List<Tensor> doubled = new ArrayList<>();
    for (String weight : linear.inputs().subList(1, linear.inputs().size())) {
      Optional<Tensor> constant = editor.constant(weight);
      if (constant.isEmpty()) {
        return false;
      }
      doubled.add(doubled(constant.get()));
    }
    for (int i = 0; i < doubled.size(); i++) {
      inputs.add(editor.addConstant(linear.input(i + 1), doubled.get(i)));
    }
    Optional<Node> clip = clipped(editor, add);
    Node last = clip.orElse(add);
    if (clip.isPresent()) {
      editor.replace(add, List.of());
    }
    editor.replace(
        last, Node.of(Operator.SIGMOID, Attributes.none(), last.name(), tanh.get().input(0)));
    Node twice = linear.withInputs(inputs);
    editor.replace(linear, twice);
    editor.rename(twice, linear.name() + ".doubled");
    for (Node mover : movers) {
      editor.rename(editor.producer(mover.name()).orElseThrow(), mover.name() + ".doubled");
    }
    return true;
  }

  /** What the node adds a half to, or halves, if it does that and nothing else reads it. */
  private static Optional<Node> halved(GraphEditor editor, Node node, Operator operator) {
    boolean half =
        node.operator() == operator
            && editor
                .constant(node.input(1))
                .filter(constant -> constant.equals(Tensor.scalar(0.5f)))
                .isPresent();
    return half ? solely(editor, node.input(0)) : Optional.empty();
  }

  /** What keeps the sum in [0, 1], where a sigmoid is anyway. */
  private static Optional<Node> clipped(GraphEditor editor, Node add) {
    return editor
        .onlyConsumer(add.name())
        .filter(node -> node.operator() == Operator.CLIP)
        .filter(node -> editor.constant(node.input(1)).equals(Optional.of(Tensor.scalar(0))))
        .filter(node -> editor.constant(node.input(2)).equals(Optional.of(Tensor.scalar(1))));
  }

  private static Optional<Node> solely(GraphEditor editor, String value) {
    return editor.onlyConsumer(value).flatMap(reader -> editor.producer(value));
  }

  private static boolean isMover(Node node) {
    return node.operator() == Operator.DEPTH_TO_SPACE || node.operator() == Operator.RESHAPE;
  }

  private static boolean isLinear(Node node) {
    return switch (node.operator()) {
      case CONV, CONV_TRANSPOSE -> true;
      case GEMM -> Dense.isPlain(node);
      default -> false;
    };
  }

  private static Tensor doubled(Tensor tensor) {
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 2;
    }
    return Tensor.floats(values, tensor.tensorType().toArray());
  }
}
