package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a dense layer y = W x + b, whichever way round the file keeps W.
 *
 * @param weights W, (outputs, inputs) row by row
 * @param bias b, (outputs); zeros where the layer has none
 * @param inputs length of x
 * @param outputs length of y
 */
@SuppressWarnings("ArrayRecordComponent") // local to a pass, never compared
record Dense(float[] weights, float[] bias, int inputs, int outputs) {

  /** Returns whether a node is y = x Wᵀ + b, with no factor and x as it is. */
  static boolean isPlain(Node node) {
    return node.operator() == Operator.GEMM
        && node.attributes().real("alpha", 1) == 1
        && node.attributes().real("beta", 1) == 1
        && node.attributes().integer("transA", 0) == 0;
  }

  /** Reads a plain Gemm whose weight and bias are constants. */
  static Optional<Dense> of(GraphEditor editor, Node node) {
    if (!isPlain(node)) {
      return Optional.empty();
    }
    Optional<Tensor> weight = editor.constant(node.input(1));
    Optional<Tensor> bias = editor.constant(node.input(2));
    if (weight.isEmpty() || bias.isPresent() != node.hasInput(2)) {
      return Optional.empty();
    }
    return Optional.of(of(node, weight.get(), bias.orElse(null)));
  }

  /** Reads the constants of a plain Gemm; the bias may be null. */
  static Dense of(Node node, Tensor weight, Tensor bias) {
    boolean outputsFirst = node.attributes().integer("transB", 0) != 0;
    int outputs = weight.dim(outputsFirst ? 0 : 1);
    int inputs = weight.dim(outputsFirst ? 1 : 0);
    float[] w = outputsFirst ? weight.floats() : transposed(weight.floats(), inputs, outputs);
    float[] b = new float[outputs];
    if (bias != null) {
      float[] given = bias.floats();
      for (int o = 0; o < outputs; o++) {
        b[o] = given[given.length == 1 ? 0 : o];
      }
    }
    return new Dense(w, b, inputs, outputs);
  }

  float weight(int output, int input) {
    return weights[output * inputs + input];
  }

  /** Returns a node that computes this from {@code input} under the name of {@code old}. */
  Node node(GraphEditor editor, Node old, String input) {
    return new Node(
        Operator.GEMM,
        List.of(
            input,
            editor.addConstant(old.input(1), Tensor.floats(weights, outputs, inputs)),
            editor.addConstant(
                old.hasInput(2) ? old.input(2) : old.name() + ".bias",
                Tensor.floats(bias, outputs))),
        old.outputs(),
        Attributes.none().with("transB", 1));
  }

  /** Transposes a (rows, columns) matrix. */
  static float[] transposed(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        result[column * rows + row] = matrix[row * columns + column];
      }
    }
    return result;
  }
}
