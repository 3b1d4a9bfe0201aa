package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.Optional;

/**
 * A transposed convolution of stride s makes output s u + v from the inputs i and kernel indices k
 * with s i + k = s u + v + p: phase v uses the k that leave the remainder (v + p) mod s, at the
 * offsets (v + p − k) / s. So each phase is a convolution ({@link PhaseConvolution}).
 *
 * <p>Joined into one convolution, the phases waste the multiplications of the window's unused taps,
 * so this is for layers that make few channels, as at the end of a generator, in runtimes whose
 * transposed convolution is slow or missing. Wide layers keep a convolution a phase, which pays in
 * eight bits, since no transposed convolution has them. ONNX Runtime on CPUs is not one of those:
 * there it rounds the channels up to whole vectors and loses (see MEASUREMENTS.md).
 */
final class DeconvolutionPhases implements Pass {
  private static final int MOST_CHANNELS = 16;

  private final boolean wide;

  /**
   * Takes the layers that it is for.
   *
   * @param wide whether those of more channels are meant, rather than those of few; their phases
   *     stay convolutions of their own
   */
  DeconvolutionPhases(boolean wide) {
    this.wide = wide;
  }

  @Override
  public boolean rewrite(GraphEditor editor, Node node) {
    Optional<Tensor> weight = editor.constant(node.input(1));
    Optional<Tensor> bias = editor.constant(node.input(2));
    if (node.operator() != Operator.CONV_TRANSPOSE
        || weight.isEmpty()
        || bias.isPresent() != node.hasInput(2)
        || !Convolutions.isPlane(node, weight.get())) {
      return false;
    }
    TensorType output = editor.typeOf(node.name());
    int stride = Convolutions.squareStride(node);
    if (stride < 2 || wide != output.dim(1) * stride * stride > MOST_CHANNELS) {
      return false;
    }
    long[] pads = node.attributes().integers("pads", 0, 0, 0, 0);
    PhaseConvolution phases =
        new PhaseConvolution(
            AxisPhases.ofDeconvolution(stride, weight.get().dim(2), (int) pads[0]),
            AxisPhases.ofDeconvolution(stride, weight.get().dim(3), (int) pads[1]),
            Convolutions.channelsSwapped(weight.get()),
            bias.map(Tensor::floats).orElseGet(() -> new float[weight.get().dim(1)]),
            editor.typeOf(node.input(0)),
            output);
    if (!phases.fits()) {
      return false;
    }
    editor.replace(node, wide ? phases.separate(editor, node) : phases.joined(editor, node));
    return true;
  }
}
