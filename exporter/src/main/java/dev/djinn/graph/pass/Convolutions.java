package dev.djinn.graph.pass;

import dev.djinn.graph.Node;
import dev.djinn.graph.Tensor;
import java.util.Arrays;

/** Questions that several passes ask of convolutions. */
final class Convolutions {
  private Convolutions() {}

  /** Whether a convolution is over images, without groups and dilation. */
  static boolean isPlane(Node node, Tensor weight) {
    return weight.dims().size() == 4
        && node.attributes().integer("group", 1) == 1
        && Arrays.stream(node.attributes().integers("dilations")).allMatch(d -> d == 1);
  }

  /** The stride if it is the same on both axes, else 0. */
  static int squareStride(Node node) {
    long[] strides = node.attributes().integers("strides", 1, 1);
    return strides[0] == strides[1] ? (int) strides[0] : 0;
  }

  /** (in, out, h, w) to (out, in, h, w). */
  static Tensor channelsSwapped(Tensor weight) {
    float[] from = weight.floats();
    int ins = weight.dim(0);
    int outs = weight.dim(1);
    int size = from.length / ins / outs;
    float[] to = new float[from.length];
    for (int in = 0; in < ins; in++) {
      for (int out = 0; out < outs; out++) {
        System.arraycopy(from, (in * outs + out) * size, to, (out * ins + in) * size, size);
      }
    }
    return Tensor.floats(to, outs, ins, weight.dim(2), weight.dim(3));
  }
}
