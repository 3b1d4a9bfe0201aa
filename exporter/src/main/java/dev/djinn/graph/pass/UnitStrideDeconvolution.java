package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A transposed convolution of stride 1, y[o] = Σₖ w[k] x[o + p − d k], read with k′ = K − 1 − k is
 * y[o] = Σₖ′ w[K − 1 − k′] x[o + d k′ − (d (K − 1) − p)]: a convolution with the kernel turned
 * round, the channel axes swapped and padding d (K − 1) − p; output padding adds to the padding
 * behind.
 */
final class UnitStrideDeconvolution implements Pass {
  @Override
  public boolean rewrite(GraphEditor editor, Node node) {
    Optional<Tensor> weight = editor.constant(node.input(1));
    if (node.operator() != Operator.CONV_TRANSPOSE
        || weight.isEmpty()
        || Arrays.stream(node.attributes().integers("strides")).anyMatch(stride -> stride != 1)) {
      return false;
    }
    int axes = weight.get().dims().size() - 2;
    long[] pads = node.attributes().integers("pads", new long[2 * axes]);
    long[] extra = node.attributes().integers("output_padding", new long[axes]);
    long[] dilations = node.attributes().integers("dilations");
    long[] kernel = new long[axes];
    long[] newPads = new long[2 * axes];
    for (int axis = 0; axis < axes; axis++) {
      kernel[axis] = weight.get().dim(axis + 2);
      long reach = (dilations.length == 0 ? 1 : dilations[axis]) * (kernel[axis] - 1);
      newPads[axis] = reach - pads[axis];
      newPads[axes + axis] = reach - pads[axes + axis] + extra[axis];
    }
    if (Arrays.stream(newPads).anyMatch(pad -> pad < 0)) {
      return false; // a crop, which a convolution cannot do
    }
    int groups = (int) node.attributes().integer("group", 1);
    Attributes attributes =
        node.attributes()
            .without("output_padding")
            .with("pads", newPads)
            .with("kernel_shape", kernel);
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, editor.addConstant(node.input(1), turned(weight.get(), groups)));
    editor.replace(node, new Node(Operator.CONV, inputs, node.outputs(), attributes));
    return true;
  }

  /** (in, out / groups, …) to (out, in / groups, …), each kernel turned round. */
  static Tensor turned(Tensor weight, int groups) {
    float[] from = weight.floats();
    int ins = weight.dim(0) / groups;
    int outs = weight.dim(1);
    int size = from.length / weight.dim(0) / outs;
    float[] to = new float[from.length];
    for (int group = 0; group < groups; group++) {
      for (int in = 0; in < ins; in++) {
        for (int out = 0; out < outs; out++) {
          for (int k = 0; k < size; k++) {
            to[((group * outs + out) * ins + in) * size + size - 1 - k] =
                from[((group * ins + in) * outs + out) * size + k];
          }
        }
      }
    }
    long[] dims = weight.tensorType().toArray();
    dims[0] = (long) outs * groups;
    dims[1] = ins;
    return Tensor.floats(to, dims);
  }
}
