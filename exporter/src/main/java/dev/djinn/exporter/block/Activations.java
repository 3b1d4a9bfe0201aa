package dev.djinn.exporter.block;

import dev.djinn.exporter.block.Trial.Formula;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.List;

/** DJL's activations as formulas of one value. */
final class Activations {
  private Activations() {}

  /** Returns those without a parameter. */
  static List<Formula> known() {
    return List.of(
        one(Operator.RELU),
        clip(0, 6),
        one(Operator.SIGMOID),
        one(Operator.TANH),
        one(Operator.SOFTPLUS),
        one(Operator.SOFTSIGN),
        one(Operator.SELU),
        Activations::gelu,
        mish(1 / Math.log(2)),
        mish(1));
  }

  static Formula leakyRelu(float slope) {
    return at ->
        List.of(at.add(Operator.LEAKY_RELU, Attributes.none().with("alpha", slope), at.input()));
  }

  static Formula elu(float alpha) {
    return at -> List.of(at.add(Operator.ELU, Attributes.none().with("alpha", alpha), at.input()));
  }

  static Formula clip(float low, float high) {
    return at ->
        List.of(
            at.add(
                Operator.CLIP,
                at.input(),
                at.constant("low", Tensor.scalar(low)),
                at.constant("high", Tensor.scalar(high))));
  }

  /** x σ(β x). */
  static Formula swish(float beta) {
    return at -> {
      String scaled =
          beta == 1
              ? at.input()
              : at.add(Operator.MUL, at.input(), at.constant("beta", Tensor.scalar(beta)));
      return List.of(at.add(Operator.MUL, at.input(), at.add(Operator.SIGMOID, scaled)));
    };
  }

  static Formula softmax(Operator operator, int axis) {
    return at -> List.of(at.add(operator, Attributes.none().with("axis", axis), at.input()));
  }

  /** ½ x (1 + erf(x / √2)). */
  private static List<String> gelu(BlockScope at) {
    String scaled =
        at.add(Operator.DIV, at.input(), at.constant("root", Tensor.scalar((float) Math.sqrt(2))));
    String erf = at.add(Operator.ERF, scaled);
    String share = at.add(Operator.ADD, erf, at.constant("one", Tensor.scalar(1)));
    String product = at.add(Operator.MUL, at.input(), share);
    return List.of(at.add(Operator.MUL, product, at.constant("half", Tensor.scalar(0.5f))));
  }

  /**
   * x tanh(f ln(1 + eˣ)): mish with f = 1. DJL's takes the binary logarithm, so that f = 1 / ln 2.
   */
  private static Formula mish(double factor) {
    return at -> {
      String soft = at.add(Operator.SOFTPLUS, at.input());
      String scaled =
          factor == 1
              ? soft
              : at.add(Operator.MUL, soft, at.constant("log", Tensor.scalar((float) factor)));
      return List.of(at.add(Operator.MUL, at.input(), at.add(Operator.TANH, scaled)));
    };
  }

  private static Formula one(Operator operator) {
    return at -> List.of(at.add(operator, at.input()));
  }
}
