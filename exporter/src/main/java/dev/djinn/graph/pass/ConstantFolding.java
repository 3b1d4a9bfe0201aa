package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Tensor;
import java.util.List;
import java.util.Optional;

/** A node all of whose inputs are constants is a constant: f(c₁, c₂, …) is computed here. */
final class ConstantFolding implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node node) {
    List<Optional<Tensor>> inputs = node.inputs().stream().map(editor::constant).toList();
    if (inputs.stream().anyMatch(Optional::isEmpty) || editor.isOutput(node.name())) {
      return false;
    }
    Optional<Tensor> value =
        ConstantEvaluator.evaluate(
            node, inputs.stream().map(Optional::orElseThrow).toList(), editor.typeOf(node.name()));
    value.ifPresent(tensor -> editor.makeConstant(node, tensor));
    return value.isPresent();
  }
}
