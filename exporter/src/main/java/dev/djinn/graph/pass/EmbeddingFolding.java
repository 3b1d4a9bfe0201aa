package dev.djinn.graph.pass;

import dev.djinn.graph.ElementType;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * f(E[label]) = f(E)[label] where f works on each row by itself: what is done to an embedding's
 * row, such as a reshape, a factor, an activation or a dense layer, is done once to all rows of the
 * table E. Only where the new table is no larger than the constants it replaces.
 */
final class EmbeddingFolding implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node gather) {
    Optional<Tensor> table = editor.constant(gather.input(0));
    Optional<Node> reader = editor.onlyConsumer(gather.name());
    if (gather.operator() != Operator.GATHER
        || gather.attributes().integer("axis", 0) != 0
        || table.isEmpty()
        || table.get().type() != ElementType.FLOAT
        || editor.typeOf(gather.input(1)).rank() != 1
        || reader.isEmpty()
        || editor.isOutput(reader.get().name())) {
      return false;
    }
    Optional<Tensor> folded = onRows(editor, gather, reader.get(), table.get());
    folded.ifPresent(
        rows -> {
          editor.replace(
              reader.get(),
              Node.of(
                  Operator.GATHER,
                  gather.attributes(),
                  reader.get().name(),
                  editor.addConstant(gather.input(0), rows),
                  gather.input(1)));
        });
    return folded.isPresent();
  }

  private static Optional<Tensor> onRows(
      GraphEditor editor, Node gather, Node function, Tensor table) {
    TensorType result = editor.typeOf(function.name());
    List<Tensor> inputs = new ArrayList<>();
    long replaced = table.size();
    for (String input : function.inputs()) {
      if (input.equals(gather.name())) {
        inputs.add(table);
        continue;
      }
      Optional<Tensor> constant = editor.constant(input);
      if (constant.isEmpty()) {
        return Optional.empty();
      }
      inputs.add(constant.get());
      replaced += constant.get().size();
    }
    long[] dims = result.toArray();
    if (!isRowWise(function, gather, inputs) || dims.length == 0) {
      return Optional.empty();
    }
    dims[0] = table.dim(0);
    long limit = replaced;
    return ConstantEvaluator.evaluate(function, inputs, TensorType.floats(dims))
        .filter(rows -> rows.size() <= limit);
  }

  private static boolean isRowWise(Node function, Node gather, List<Tensor> inputs) {
    return switch (function.operator()) {
      case RELU, LEAKY_RELU, TANH, SIGMOID, FLATTEN -> true;
      case GEMM -> function.input(0).equals(gather.name());
      // 0 in front keeps the rows; anything else could move numbers between them.
      case RESHAPE -> inputs.get(1).longs()[0] == 0;
      case ADD, SUB, MUL, DIV -> {
        int table = function.input(0).equals(gather.name()) ? 0 : 1;
        Tensor other = inputs.get(1 - table);
        int rank = inputs.get(table).dims().size();
        yield other.dims().size() < rank || (other.dims().size() == rank && other.dim(0) == 1);
      }
      default -> false;
    };
  }
}
