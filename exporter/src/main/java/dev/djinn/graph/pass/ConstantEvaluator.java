package dev.djinn.graph.pass;

import dev.djinn.graph.ElementType;
import dev.djinn.graph.Node;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Computes nodes of constants, in double and rounded to float once. */
final class ConstantEvaluator {
  private ConstantEvaluator() {}

  /** Returns the value of a node, or nothing if its operator or type is not one of those here. */
  static Optional<Tensor> evaluate(Node node, List<Tensor> inputs, TensorType result) {
    Tensor x = inputs.get(0);
    return switch (node.operator()) {
      case IDENTITY, RESHAPE, FLATTEN -> Optional.of(x.reshaped(result.toArray()));
      case ADD -> binary(inputs, result, Double::sum);
      case SUB -> binary(inputs, result, (a, b) -> a - b);
      case MUL -> binary(inputs, result, (a, b) -> a * b);
      case DIV -> binary(inputs, result, (a, b) -> a / b);
      case RELU -> unary(x, a -> Math.max(a, 0));
      case LEAKY_RELU -> {
        float slope = node.attributes().real("alpha", 0.01f);
        yield unary(x, a -> a < 0 ? slope * a : a);
      }
      case TANH -> unary(x, StrictMath::tanh);
      case SIGMOID -> unary(x, a -> 1 / (1 + StrictMath.exp(-a)));
      case TRANSPOSE -> transpose(x, node.attributes().integers("perm"), result);
      case GEMM -> gemm(node, inputs, result);
      default -> Optional.empty();
    };
  }

  private static Optional<Tensor> unary(Tensor x, DoubleUnaryOperator function) {
    if (x.type() != ElementType.FLOAT) {
      return Optional.empty();
    }
    float[] values = x.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) function.applyAsDouble(values[i]);
    }
    return Optional.of(Tensor.floats(values, x.tensorType().toArray()));
  }

  private static Optional<Tensor> binary(
      List<Tensor> inputs, TensorType result, DoubleBinaryOperator function) {
    Tensor left = inputs.get(0);
    Tensor right = inputs.get(1);
    if (left.type() != ElementType.FLOAT) {
      return Optional.empty();
    }
    float[] a = left.floats();
    float[] b = right.floats();
    int[] aStrides = broadcastStrides(left, result);
    int[] bStrides = broadcastStrides(right, result);
    float[] values = new float[elements(result)];
    for (int i = 0; i < values.length; i++) {
      int from = i;
      int aIndex = 0;
      int bIndex = 0;
      for (int axis = result.rank() - 1; axis >= 0; axis--) {
        int position = (int) (from % result.dim(axis));
        from = (int) (from / result.dim(axis));
        aIndex += position * aStrides[axis];
        bIndex += position * bStrides[axis];
      }
      values[i] = (float) function.applyAsDouble(a[aIndex], b[bIndex]);
    }
    return Optional.of(Tensor.floats(values, result.toArray()));
  }

  private static Optional<Tensor> transpose(Tensor x, long[] perm, TensorType result) {
    if (x.type() != ElementType.FLOAT) {
      return Optional.empty();
    }
    int[] strides = broadcastStrides(x, x.tensorType());
    float[] from = x.floats();
    float[] values = new float[from.length];
    for (int i = 0; i < values.length; i++) {
      int rest = i;
      int index = 0;
      for (int axis = perm.length - 1; axis >= 0; axis--) {
        index += (int) (rest % result.dim(axis)) * strides[(int) perm[axis]];
        rest = (int) (rest / result.dim(axis));
      }
      values[i] = from[index];
    }
    return Optional.of(Tensor.floats(values, result.toArray()));
  }

  private static Optional<Tensor> gemm(Node node, List<Tensor> inputs, TensorType result) {
    if (!Dense.isPlain(node)) {
      return Optional.empty();
    }
    Tensor x = inputs.get(0);
    Dense dense = Dense.of(node, inputs.get(1), inputs.size() > 2 ? inputs.get(2) : null);
    int rows = x.dim(0);
    float[] in = x.floats();
    float[] out = new float[rows * dense.outputs()];
    for (int row = 0; row < rows; row++) {
      for (int o = 0; o < dense.outputs(); o++) {
        double sum = dense.bias()[o];
        for (int i = 0; i < dense.inputs(); i++) {
          sum += (double) in[row * dense.inputs() + i] * dense.weight(o, i);
        }
        out[row * dense.outputs() + o] = (float) sum;
      }
    }
    return Optional.of(Tensor.floats(out, result.toArray()));
  }

  /** Strides of {@code tensor} along the axes of {@code result}; 0 where it is repeated. */
  private static int[] broadcastStrides(Tensor tensor, TensorType result) {
    int[] strides = new int[result.rank()];
    int stride = 1;
    for (int back = 1; back <= tensor.dims().size(); back++) {
      int dim = tensor.dim(tensor.dims().size() - back);
      strides[strides.length - back] = dim == 1 ? 0 : stride;
      stride *= dim;
    }
    return strides;
  }

  private static int elements(TensorType type) {
    return Math.toIntExact(type.dims().stream().reduce(1L, Math::multiplyExact));
  }
}
