package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * W (s · x + t) + b = (W diag s) x + (W t + b): batch norm before a dense layer, for instance after
 * an activation, is that layer with other weights; likewise before a convolution that does not pad.
 *
 * <p>Padding puts zeros where this would need −t / s: at the border the sum W t misses the taps
 * that fall outside. Such a convolution is left alone, as is a transposed convolution, whose
 * borders miss taps as well.
 */
final class BatchNormIntoNext implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node norm) {
    if (norm.operator() != Operator.BATCH_NORMALIZATION) {
      return false;
    }
    Optional<Affine> affine = Affine.of(editor, norm);
    Optional<Node> reader = editor.onlyConsumer(norm.name());
    if (affine.isEmpty() || reader.isEmpty()) {
      return false;
    }
    Node next = reader.get();
    if (isRow(editor, next)) {
      Optional<Node> dense = editor.onlyConsumer(next.name());
      int columns = (int) editor.typeOf(next.name()).dim(1);
      Affine repeated = affine.get().repeated(columns / affine.get().scale().length);
      if (dense.isEmpty() || !fold(editor, norm, dense.get(), dense.get().input(0), repeated)) {
        return false;
      }
      editor.rename(editor.producer(next.name()).orElseThrow(), next.name() + ".unnormed");
      return true;
    }
    return fold(editor, norm, next, norm.input(0), affine.get());
  }

  private static boolean fold(
      GraphEditor editor, Node norm, Node next, String input, Affine affine) {
    Optional<Node> folded =
        switch (next.operator()) {
          case GEMM -> dense(editor, next, input, affine);
          case CONV -> convolution(editor, next, input, affine);
          default -> Optional.empty();
        };
    folded.ifPresent(
        node -> {
          editor.replace(next, node);
          editor.bypass(norm, norm.input(0));
        });
    return folded.isPresent();
  }

  private static Optional<Node> dense(GraphEditor editor, Node node, String input, Affine affine) {
    if (editor.constant(node.input(0)).isPresent()) {
      return Optional.empty();
    }
    return Dense.of(editor, node)
        .map(
            dense -> {
              float[] weights = dense.weights();
              float[] bias = dense.bias();
              for (int o = 0; o < dense.outputs(); o++) {
                double sum = bias[o];
                for (int i = 0; i < dense.inputs(); i++) {
                  int at = o * dense.inputs() + i;
                  sum += weights[at] * affine.shift()[i];
                  weights[at] = (float) (weights[at] * affine.scale()[i]);
                }
                bias[o] = (float) sum;
              }
              return dense.node(editor, node, input);
            });
  }

  private static Optional<Node> convolution(
      GraphEditor editor, Node node, String input, Affine affine) {
    Optional<Tensor> weight = editor.constant(node.input(1));
    Optional<Tensor> bias = editor.constant(node.input(2));
    boolean pads = Arrays.stream(node.attributes().integers("pads")).anyMatch(pad -> pad != 0);
    if (pads || weight.isEmpty() || bias.isPresent() != node.hasInput(2)) {
      return Optional.empty();
    }
    Tensor w = weight.get();
    int groups = (int) node.attributes().integer("group", 1);
    int outputs = w.dim(0);
    int channels = w.dim(1);
    float[] values = w.floats();
    int kernel = values.length / outputs / channels;
    double[] sums = new double[outputs];
    for (int i = 0; i < values.length; i++) {
      int output = i / kernel / channels;
      int channel = output / (outputs / groups) * channels + i / kernel % channels;
      sums[output] += values[i] * affine.shift()[channel];
      values[i] = (float) (values[i] * affine.scale()[channel]);
    }
    float[] b = bias.map(Tensor::floats).orElseGet(() -> new float[outputs]);
    for (int o = 0; o < outputs; o++) {
      b[o] = (float) (b[o] + sums[o]);
    }
    String biasName = node.hasInput(2) ? node.input(2) : node.name() + ".bias";
    return Optional.of(
        node.withInputs(
            List.of(
                input,
                editor.addConstant(node.input(1), Tensor.floats(values, w.tensorType().toArray())),
                editor.addConstant(biasName, Tensor.floats(b, outputs)))));
  }

  /** Whether a node reads a (batch, channels, …) image as rows. */
  private static boolean isRow(GraphEditor editor, Node node) {
    return (node.operator() == Operator.FLATTEN || node.operator() == Operator.RESHAPE)
        && editor.typeOf(node.name()).rank() == 2;
  }
}
