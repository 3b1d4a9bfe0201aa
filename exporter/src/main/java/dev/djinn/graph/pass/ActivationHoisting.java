package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An activation works on each number by itself, so it commutes with whatever only moves or repeats
 * numbers: depth-to-space, a reshape, nearest upsampling, a join. In front of those it stands
 * beside the convolution or dense layer that it follows, where runtimes fuse the two, and before
 * upsampling it has fewer numbers to work on. Bit for bit the same.
 */
final class ActivationHoisting implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node activation) {
    Optional<Node> before = editor.producer(activation.input(0));
    if (!isElementwise(activation)
        || before.isEmpty()
        || editor.onlyConsumer(before.get().name()).isEmpty()) {
      return false;
    }
    Node mover = before.get();
    return switch (mover.operator()) {
      case DEPTH_TO_SPACE, RESHAPE, FLATTEN -> swap(editor, mover, activation, 1);
      case RESIZE -> isNearest(mover) && swap(editor, mover, activation, 1);
      case CONCAT ->
          isOfConvolutions(editor, mover) && swap(editor, mover, activation, mover.inputs().size());
      default -> false;
    };
  }

  /** Puts the activation on the first inputs of the mover. */
  private static boolean swap(GraphEditor editor, Node mover, Node activation, int inputs) {
    List<Node> nodes = new ArrayList<>();
    List<String> moved = new ArrayList<>(mover.inputs());
    for (int i = 0; i < inputs; i++) {
      String activated = editor.freeName(mover.input(i) + ".activated");
      nodes.add(Node.of(activation.operator(), activation.attributes(), activated, mover.input(i)));
      moved.set(i, activated);
    }
    nodes.add(new Node(mover.operator(), moved, activation.outputs(), mover.attributes()));
    editor.replace(activation, nodes);
    return true;
  }

  /** Other kinds make means of numbers, which are not the means of the activated numbers. */
  private static boolean isNearest(Node resize) {
    return resize.attributes().text("mode", "nearest").equals("nearest");
  }

  private static boolean isOfConvolutions(GraphEditor editor, Node concat) {
    return concat.inputs().stream()
        .allMatch(
            part ->
                editor.onlyConsumer(part).isPresent()
                    && editor
                        .producer(part)
                        .filter(producer -> producer.operator() == Operator.CONV)
                        .isPresent());
  }

  private static boolean isElementwise(Node node) {
    return switch (node.operator()) {
      case RELU, LEAKY_RELU, TANH, SIGMOID, ELU, SELU, SOFTPLUS -> true;
      default -> false;
    };
  }
}
