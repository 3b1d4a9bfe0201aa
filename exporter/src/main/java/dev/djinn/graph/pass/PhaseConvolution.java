package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator that makes a block of s × s outputs for each input, computed as convolutions at the
 * input's size and a depth-to-space: phase (v, u) of the block is a convolution whose kernel at
 * offset (e, f) is the sum of w[k, l] over the kernel indices with offset(v, k) = e and offset(u,
 * l) = f. The zeros around the input are the same zeros before and after, so borders are exact.
 *
 * <p>{@link #joined} lays all phases into one convolution with s² times the channels, over the
 * union of their windows; {@link #separate} keeps one convolution a phase and wastes no
 * multiplication.
 */
final class PhaseConvolution {
  private final AxisPhases rows;
  private final AxisPhases columns;
  private final Tensor weight;
  private final float[] weights;
  private final float[] bias;
  private final TensorType input;
  private final TensorType output;

  /**
   * Takes what the operator does.
   *
   * @param rows its vertical axis
   * @param columns its horizontal axis, of the same stride
   * @param weight (out, in, kernel height, kernel width)
   * @param bias (out)
   * @param input what it reads, (batch, in, height, width)
   * @param output what it makes
   */
  PhaseConvolution(
      AxisPhases rows,
      AxisPhases columns,
      Tensor weight,
      float[] bias,
      TensorType input,
      TensorType output) {
    this.rows = rows;
    this.columns = columns;
    this.weight = weight;
    this.weights = weight.floats();
    this.bias = bias;
    this.input = input;
    this.output = output;
  }

  /** Whether the output is whole blocks, and no phase would have to crop the input. */
  boolean fits() {
    boolean fits = output.dim(2) % rows.stride() == 0 && output.dim(3) % columns.stride() == 0;
    for (int v = 0; fits && v < rows.stride(); v++) {
      fits = padsFit(rows, v, 2) && padsFit(columns, v, 3);
    }
    return fits;
  }

  boolean sameWindows() {
    return rows.sameWindows() && columns.sameWindows();
  }

  int outputs() {
    return weight.dim(0);
  }

  /** One convolution to s² · out channels, then depth-to-space. */
  List<Node> joined(GraphEditor editor, Node old) {
    int block = rows.stride();
    Window window = new Window(rows.low(), rows.high(), columns.low(), columns.high());
    int phaseSize = outputs() * weight.dim(1) * window.size();
    float[] kernel = new float[block * block * phaseSize];
    float[] biases = new float[block * block * outputs()];
    for (int phase = 0; phase < block * block; phase++) {
      float[] part = kernel(phase / block, phase % block, window);
      System.arraycopy(part, 0, kernel, phase * phaseSize, phaseSize);
      System.arraycopy(bias, 0, biases, phase * outputs(), outputs());
    }
    String made = editor.freeName(old.name() + ".phases");
    String biasName =
        editor.addConstant(old.name() + ".phases.bias", Tensor.floats(biases, biases.length));
    return List.of(
        convolution(editor, old, made, kernel, biases.length, biasName, window),
        depthToSpace(old, made));
  }

  /** One convolution a phase, joined, then depth-to-space. */
  List<Node> separate(GraphEditor editor, Node old) {
    int block = rows.stride();
    List<Node> nodes = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    String biasName =
        editor.addConstant(old.name() + ".phases.bias", Tensor.floats(bias, outputs()));
    for (int phase = 0; phase < block * block; phase++) {
      int v = phase / block;
      int u = phase % block;
      Window window = new Window(rows.low(v), rows.high(v), columns.low(u), columns.high(u));
      String part = editor.freeName(old.name() + ".phase" + phase);
      nodes.add(convolution(editor, old, part, kernel(v, u, window), outputs(), biasName, window));
      parts.add(part);
    }
    String joined = editor.freeName(old.name() + ".phases");
    nodes.add(new Node(Operator.CONCAT, parts, List.of(joined), Attributes.none().with("axis", 1)));
    nodes.add(depthToSpace(old, joined));
    return nodes;
  }

  /** Channel (v · s + u) · out + c goes to row v, column u of the block: ONNX's DCR order. */
  private Node depthToSpace(Node old, String from) {
    return Node.of(
        Operator.DEPTH_TO_SPACE,
        Attributes.none().with("blocksize", rows.stride()).with("mode", "DCR"),
        old.name(),
        from);
  }

  private Node convolution(
      GraphEditor editor,
      Node old,
      String name,
      float[] kernel,
      int channels,
      String biasName,
      Window window) {
    Tensor tensor = Tensor.floats(kernel, channels, weight.dim(1), window.height(), window.width());
    long[] pads = {
      -window.top,
      -window.left,
      padBehind(rows, window.bottom, 2),
      padBehind(columns, window.right, 3)
    };
    return Node.of(
        Operator.CONV,
        Attributes.none()
            .with("kernel_shape", new long[] {window.height(), window.width()})
            .with("pads", pads),
        name,
        old.input(0),
        editor.addConstant(name + ".weight", tensor),
        biasName);
  }

  /** The kernel of phase (v, u), (out, in, window height, window width). */
  private float[] kernel(int v, int u, Window window) {
    int height = weight.dim(2);
    int width = weight.dim(3);
    int pairs = outputs() * weight.dim(1);
    double[] sums = new double[pairs * window.size()];
    for (int k = 0; k < height; k++) {
      int e = rows.offset().applyAsInt(v, k);
      for (int l = 0; l < width; l++) {
        int f = columns.offset().applyAsInt(u, l);
        if (e == AxisPhases.NONE || f == AxisPhases.NONE) {
          continue;
        }
        int at = (e - window.top) * window.width() + f - window.left;
        for (int pair = 0; pair < pairs; pair++) {
          sums[pair * window.size() + at] += weights[(pair * height + k) * width + l];
        }
      }
    }
    float[] kernel = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      kernel[i] = (float) sums[i];
    }
    return kernel;
  }

  private boolean padsFit(AxisPhases axis, int phase, int dim) {
    return axis.low(phase) <= 0 && padBehind(axis, axis.high(phase), dim) >= 0;
  }

  private long padBehind(AxisPhases axis, int high, int dim) {
    return output.dim(dim) / axis.stride() - input.dim(dim) + high;
  }

  /** Offsets that a kernel covers, both ends included. */
  private record Window(int top, int bottom, int left, int right) {
    int height() {
      return bottom - top + 1;
    }

    int width() {
      return right - left + 1;
    }

    int size() {
      return height() * width();
    }
  }
}
