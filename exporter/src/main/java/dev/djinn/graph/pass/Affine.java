package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What batch norm is outside training: channel c ↦ scale[c] · x + shift[c], with scale = γ / √(σ² +
 * ε) and shift = β − μ · scale, in double.
 */
@SuppressWarnings("ArrayRecordComponent") // local to a pass, never compared
record Affine(double[] scale, double[] shift) {

  /** Reads a BatchNormalization node whose vectors are constants. */
  static Optional<Affine> of(GraphEditor editor, Node node) {
    List<float[]> vectors = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      Optional<Tensor> vector = editor.constant(node.input(i));
      if (vector.isEmpty()) {
        return Optional.empty();
      }
      vectors.add(vector.get().floats());
    }
    double epsilon = node.attributes().real("epsilon", 1e-5f);
    int channels = vectors.get(0).length;
    double[] scale = new double[channels];
    double[] shift = new double[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = vectors.get(0)[c] / Math.sqrt(vectors.get(3)[c] + epsilon);
      shift[c] = vectors.get(1)[c] - vectors.get(2)[c] * scale[c];
    }
    return Optional.of(new Affine(scale, shift));
  }

  /** Returns this with each channel repeated, as when (channels, h, w) is read as a row. */
  Affine repeated(int times) {
    double[] scales = new double[scale.length * times];
    double[] shifts = new double[scale.length * times];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = scale[i / times];
      shifts[i] = shift[i / times];
    }
    return new Affine(scales, shifts);
  }
}
