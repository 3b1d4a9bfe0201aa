package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;

/** Dropout is x ↦ x outside training, and so is an identity: readers read x itself. */
final class DropoutRemoval implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node node) {
    boolean needless =
        node.operator() == Operator.DROPOUT
            || (node.operator() == Operator.IDENTITY && !editor.isOutput(node.name()));
    if (needless) {
      editor.bypass(node, node.input(0));
    }
    return needless;
  }
}
