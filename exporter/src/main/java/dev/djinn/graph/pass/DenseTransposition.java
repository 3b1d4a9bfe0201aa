package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** x Wᵀ with W kept as (outputs, inputs) is x V with V = Wᵀ kept as (inputs, outputs). */
final class DenseTransposition implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node node) {
    Optional<Tensor> weight = editor.constant(node.input(1));
    if (node.operator() != Operator.GEMM
        || node.attributes().integer("transB", 0) == 0
        || weight.isEmpty()) {
      return false;
    }
    int outputs = weight.get().dim(0);
    int inputs = weight.get().dim(1);
    float[] transposed = Dense.transposed(weight.get().floats(), outputs, inputs);
    List<String> read = new ArrayList<>(node.inputs());
    read.set(1, editor.addConstant(node.input(1), Tensor.floats(transposed, inputs, outputs)));
    editor.replace(
        node, new Node(Operator.GEMM, read, node.outputs(), node.attributes().without("transB")));
    return true;
  }
}
