package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Nearest upsampling by s repeats each input s times, so the convolution after it multiplies the
 * same input by several of its weights: y[s u + v] = Σₖ w[k] x[u + ⌊(v − p + k) / s⌋]. Adding those
 * weights first leaves a smaller convolution a phase, at the input's size ({@link
 * PhaseConvolution}): 3 × 3 after ×2 becomes four of 2 × 2, 5 × 5 becomes one of 3 × 3 with four
 * times the channels.
 *
 * <p>A 1 × 1 convolution commutes with the upsampling and goes in front of it.
 */
final class UpsamplePhases implements Pass {
  private static final int MOST_CHANNELS_JOINED = 16;

  @Override
  public boolean rewrite(GraphEditor editor, Node resize) {
    int scale = nearestScale(editor, resize);
    Optional<Node> reader = editor.onlyConsumer(resize.name());
    if (scale < 2 || reader.isEmpty() || reader.get().operator() != Operator.CONV) {
      return false;
    }
    Node node = reader.get();
    Optional<Tensor> weight = editor.constant(node.input(1));
    Optional<Tensor> bias = editor.constant(node.input(2));
    if (weight.isEmpty()
        || bias.isPresent() != node.hasInput(2)
        || !Convolutions.isPlane(node, weight.get())
        || Convolutions.squareStride(node) != 1) {
      return false;
    }
    long[] pads = node.attributes().integers("pads", 0, 0, 0, 0);
    if (weight.get().dim(2) * weight.get().dim(3) == 1
        && Arrays.stream(pads).allMatch(pad -> pad == 0)) {
      return convolveFirst(editor, resize, node);
    }
    PhaseConvolution phases =
        new PhaseConvolution(
            AxisPhases.ofUpsampling(scale, weight.get().dim(2), (int) pads[0]),
            AxisPhases.ofUpsampling(scale, weight.get().dim(3), (int) pads[1]),
            weight.get(),
            bias.map(Tensor::floats).orElseGet(() -> new float[weight.get().dim(0)]),
            editor.typeOf(resize.input(0)),
            editor.typeOf(node.name()));
    if (!phases.fits()) {
      return false;
    }
    Node small =
        Node.of(Operator.CONV, Attributes.none(), node.name(), resize.input(0), node.input(1));
    boolean join = phases.sameWindows() || phases.outputs() * scale * scale <= MOST_CHANNELS_JOINED;
    editor.replace(node, join ? phases.joined(editor, small) : phases.separate(editor, small));
    return true;
  }

  private static boolean convolveFirst(GraphEditor editor, Node resize, Node convolution) {
    String made = editor.freeName(convolution.name() + ".small");
    List<String> inputs =
        convolution.inputs().stream()
            .map(input -> input.equals(resize.name()) ? resize.input(0) : input)
            .toList();
    List<String> resized =
        resize.inputs().stream()
            .map(input -> input.equals(resize.input(0)) ? made : input)
            .toList();
    editor.replace(
        convolution,
        List.of(
            new Node(Operator.CONV, inputs, List.of(made), convolution.attributes()),
            new Node(Operator.RESIZE, resized, convolution.outputs(), resize.attributes())));
    return true;
  }

  /** By how much a node upsamples both axes by repeating; 0 if it does something else. */
  static int nearestScale(GraphEditor editor, Node node) {
    if (node.operator() != Operator.RESIZE
        || !node.attributes().text("mode", "nearest").equals("nearest")
        || !node.attributes().text("nearest_mode", "").equals("floor")
        || !node.attributes().text("coordinate_transformation_mode", "").equals("asymmetric")) {
      return 0;
    }
    float[] scales = editor.constant(node.input(2)).map(Tensor::floats).orElse(new float[0]);
    boolean square =
        scales.length == 4
            && scales[0] == 1
            && scales[1] == 1
            && scales[2] == scales[3]
            && scales[2] == Math.rint(scales[2]);
    return square ? (int) scales[2] : 0;
  }
}
