package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * s · (W x + b) + t = (s W) x + (s b + t), output by output: batch norm after a dense layer, a
 * convolution or a transposed convolution is that layer with other weights. A reshape between a
 * dense layer and the norm only repeats s and t over the positions of a channel.
 */
final class BatchNormIntoPrevious implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node norm) {
    if (norm.operator() != Operator.BATCH_NORMALIZATION) {
      return false;
    }
    Optional<Affine> affine = Affine.of(editor, norm);
    Optional<Node> before = soleProducer(editor, norm);
    if (affine.isEmpty() || before.isEmpty()) {
      return false;
    }
    Node previous = before.get();
    if (previous.operator() == Operator.RESHAPE) {
      Optional<Node> dense = soleProducer(editor, previous);
      if (dense.isEmpty() || editor.typeOf(dense.get().name()).rank() != 2) {
        return false;
      }
      long columns = editor.typeOf(dense.get().name()).dim(1);
      int repeats = (int) (columns / affine.get().scale().length);
      return fold(editor, norm, dense.get(), affine.get().repeated(repeats));
    }
    return fold(editor, norm, previous, affine.get());
  }

  private static boolean fold(GraphEditor editor, Node norm, Node previous, Affine affine) {
    Optional<Node> folded =
        switch (previous.operator()) {
          case GEMM -> dense(editor, previous, affine);
          case CONV, CONV_TRANSPOSE -> convolution(editor, previous, affine);
          default -> Optional.empty();
        };
    if (folded.isEmpty()) {
      return false;
    }
    // The layer now makes what the norm made, or a reshape away from it: names follow the meaning.
    Node node = folded.get();
    if (previous.name().equals(norm.input(0))) {
      editor.replace(previous, List.of());
      editor.replace(norm, node.withOutput(norm.name()));
    } else {
      editor.replace(previous, node);
      editor.rename(node, norm.name() + ".flat");
      Node reshape = editor.producer(norm.input(0)).orElseThrow();
      editor.replace(reshape, List.of());
      editor.replace(norm, reshape.withOutput(norm.name()));
    }
    return true;
  }

  private static Optional<Node> dense(GraphEditor editor, Node node, Affine affine) {
    return Dense.of(editor, node)
        .map(
            dense -> {
              float[] weights = dense.weights();
              float[] bias = dense.bias();
              for (int o = 0; o < dense.outputs(); o++) {
                for (int i = 0; i < dense.inputs(); i++) {
                  int at = o * dense.inputs() + i;
                  weights[at] = (float) (weights[at] * affine.scale()[o]);
                }
                bias[o] = (float) (bias[o] * affine.scale()[o] + affine.shift()[o]);
              }
              return dense.node(editor, node, node.input(0));
            });
  }

  private static Optional<Node> convolution(GraphEditor editor, Node node, Affine affine) {
    Optional<Tensor> weight = editor.constant(node.input(1));
    Optional<Tensor> bias = editor.constant(node.input(2));
    if (weight.isEmpty() || bias.isPresent() != node.hasInput(2)) {
      return Optional.empty();
    }
    boolean transposed = node.operator() == Operator.CONV_TRANSPOSE;
    int groups = (int) node.attributes().integer("group", 1);
    int outputs = affine.scale().length;
    float[] w = weight.get().floats();
    int kernel = w.length / weight.get().dim(0) / weight.get().dim(1);
    for (int i = 0; i < w.length; i++) {
      int first = i / kernel / weight.get().dim(1);
      int second = i / kernel % weight.get().dim(1);
      // Weights are (out, in / groups, …), but (in, out / groups, …) when transposed.
      int output =
          transposed ? first / (weight.get().dim(0) / groups) * (outputs / groups) + second : first;
      w[i] = (float) (w[i] * affine.scale()[output]);
    }
    float[] b = bias.map(Tensor::floats).orElseGet(() -> new float[outputs]);
    for (int o = 0; o < outputs; o++) {
      b[o] = (float) (b[o] * affine.scale()[o] + affine.shift()[o]);
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    inputs.add(
        editor.addConstant(node.input(1), Tensor.floats(w, weight.get().tensorType().toArray())));
    String biasName = node.hasInput(2) ? node.input(2) : node.name() + ".bias";
    inputs.add(editor.addConstant(biasName, Tensor.floats(b, outputs)));
    return Optional.of(node.withInputs(inputs));
  }

  /** The node that makes what this one reads, if nothing else reads it. */
  private static Optional<Node> soleProducer(GraphEditor editor, Node node) {
    return editor
        .producer(node.input(0))
        .filter(producer -> editor.onlyConsumer(producer.name()).isPresent());
  }
}
