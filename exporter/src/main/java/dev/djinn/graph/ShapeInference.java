package dev.djinn.graph;

import static dev.djinn.graph.TensorType.BATCH;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Types and shapes of what one node makes, from those of what it reads, by the rules of ONNX opset
 * 17. Stricter than ONNX: a shape must be known, but for the batch in front.
 */
final class ShapeInference {
  private final Node node;
  private final Map<String, TensorType> types;
  private final Map<String, Tensor> constants;

  ShapeInference(Node node, Map<String, TensorType> types, Map<String, Tensor> constants) {
    this.node = node;
    this.types = types;
    this.constants = constants;
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !types.containsKey(input)) {
        throw new GraphException(
            describe() + " reads " + input + ", which nothing before it makes");
      }
    }
  }

  /** Returns the output's type. */
  TensorType infer() {
    return switch (node.operator()) {
      case RELU,
          LEAKY_RELU,
          ELU,
          SELU,
          ERF,
          TANH,
          SIGMOID,
          SOFTPLUS,
          SOFTSIGN,
          ROUND,
          IDENTITY,
          CLIP,
          DROPOUT,
          SOFTMAX,
          LOG_SOFTMAX,
          LAYER_NORMALIZATION ->
          in(0);
      case ADD, SUB, MUL, DIV -> broadcast(in(0), in(1));
      case BATCH_NORMALIZATION -> normalised();
      case CAST ->
          new TensorType(
              ElementType.ofCode((int) node.attributes().integer("to", 0)), in(0).dims());
      case QUANTIZE_LINEAR -> new TensorType(in(2).type(), in(0).dims());
      case DEQUANTIZE_LINEAR -> new TensorType(ElementType.FLOAT, in(0).dims());
      case GEMM -> gemm();
      case MAT_MUL -> matMul();
      case CONV -> convolution();
      case CONV_TRANSPOSE -> transposedConvolution();
      case MAX_POOL, AVERAGE_POOL -> pool();
      case GLOBAL_AVERAGE_POOL, GLOBAL_MAX_POOL -> globalPool();
      case DEPTH_TO_SPACE -> depthToSpace();
      case RESIZE -> resize();
      case RESHAPE -> reshape();
      case FLATTEN -> flatten();
      case TRANSPOSE -> transpose();
      case EXPAND -> broadcast(in(0), new TensorType(in(0).type(), boxed(constant(1))));
      case CONCAT -> concat();
      case GATHER -> gather();
      case SLICE -> slice();
    };
  }

  private TensorType gemm() {
    boolean transA = node.attributes().integer("transA", 0) != 0;
    boolean transB = node.attributes().integer("transB", 0) != 0;
    rank(0, 2);
    rank(1, 2);
    require(in(0).dim(transA ? 0 : 1) == in(1).dim(transB ? 1 : 0), "inner dimensions differ");
    long rows = in(0).dim(transA ? 1 : 0);
    long columns = in(1).dim(transB ? 0 : 1);
    TensorType result = TensorType.of(in(0).type(), rows, columns);
    if (node.hasInput(2)) {
      require(broadcast(result, in(2)).equals(result), "the bias does not fit");
    }
    return result;
  }

  private TensorType matMul() {
    rank(1, 2);
    require(in(0).rank() >= 2 && in(0).dim(-1) == in(1).dim(0), "inner dimensions differ");
    List<Long> dims = new ArrayList<>(in(0).dims());
    dims.set(dims.size() - 1, in(1).dim(1));
    return new TensorType(in(0).type(), dims);
  }

  private TensorType convolution() {
    int axes = spatialAxes(1);
    long groups = node.attributes().integer("group", 1);
    require(in(0).dim(1) == in(1).dim(1) * groups, "channels of image and weight differ");
    require(in(1).dim(0) % groups == 0, "groups do not divide the channels made");
    checkBias(2, in(1).dim(0));
    long[] dims = {in(0).dim(0), in(1).dim(0)};
    return window(dims, axes, kernel(axes), false);
  }

  private TensorType transposedConvolution() {
    int axes = spatialAxes(1);
    long groups = node.attributes().integer("group", 1);
    require(in(0).dim(1) == in(1).dim(0), "channels of image and weight differ");
    require(in(1).dim(0) % groups == 0, "groups do not divide the channels read");
    checkBias(2, in(1).dim(1) * groups);
    long[] kernel = kernel(axes);
    long[] strides = spatial("strides", axes, 1);
    long[] dilations = spatial("dilations", axes, 1);
    long[] extra = spatial("output_padding", axes, 0);
    long[] pads = spatial("pads", 2 * axes, 0);
    List<Long> dims = new ArrayList<>(List.of(in(0).dim(0), in(1).dim(1) * groups));
    for (int i = 0; i < axes; i++) {
      require(
          extra[i] < Math.max(strides[i], dilations[i]), "output_padding is not below the stride");
      long full = strides[i] * (in(0).dim(i + 2) - 1) + dilations[i] * (kernel[i] - 1) + 1;
      dims.add(positive(full + extra[i] - pads[i] - pads[axes + i]));
    }
    return new TensorType(in(0).type(), dims);
  }

  private TensorType pool() {
    int axes = in(0).rank() - 2;
    long[] kernel = node.attributes().integers("kernel_shape");
    require(axes > 0 && kernel.length == axes, "kernel_shape does not fit");
    boolean ceil = node.attributes().integer("ceil_mode", 0) != 0;
    return window(new long[] {in(0).dim(0), in(0).dim(1)}, axes, kernel, ceil);
  }

  /** Slides a window over the spatial axes. */
  private TensorType window(long[] front, int axes, long[] kernel, boolean ceil) {
    long[] strides = spatial("strides", axes, 1);
    long[] dilations = spatial("dilations", axes, 1);
    long[] pads = spatial("pads", 2 * axes, 0);
    List<Long> dims = new ArrayList<>(boxed(front));
    for (int i = 0; i < axes; i++) {
      long room = in(0).dim(i + 2) + pads[i] + pads[axes + i] - dilations[i] * (kernel[i] - 1) - 1;
      require(room >= 0, "the window is larger than the image");
      long last = ceil ? (room + strides[i] - 1) / strides[i] : room / strides[i];
      // Rounded up, the last window may begin behind the image, where it would see nothing of it.
      boolean behind = last * strides[i] >= in(0).dim(i + 2) + pads[i];
      dims.add(ceil && behind ? last : last + 1);
    }
    return new TensorType(in(0).type(), dims);
  }

  private TensorType globalPool() {
    List<Long> dims = new ArrayList<>(in(0).dims());
    for (int i = 2; i < dims.size(); i++) {
      dims.set(i, 1L);
    }
    return new TensorType(in(0).type(), dims);
  }

  private TensorType depthToSpace() {
    rank(0, 4);
    long block = node.attributes().integer("blocksize", 0);
    require(block > 0 && in(0).dim(1) % (block * block) == 0, "the block does not fit");
    return TensorType.of(
        in(0).type(),
        in(0).dim(0),
        in(0).dim(1) / (block * block),
        in(0).dim(2) * block,
        in(0).dim(3) * block);
  }

  private TensorType resize() {
    Tensor scales = constants.get(node.input(2));
    require(scales != null && scales.size() == in(0).rank(), "scales must be a constant");
    float[] factors = scales.floats();
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < factors.length; i++) {
      long dim = in(0).dim(i);
      require(dim != BATCH || factors[i] == 1, "the batch cannot be resized");
      dims.add(dim == BATCH ? BATCH : (long) Math.floor(dim * (double) factors[i]));
    }
    return new TensorType(in(0).type(), dims);
  }

  private TensorType reshape() {
    long[] target = constant(1);
    require(node.attributes().integer("allowzero", 0) == 0, "allowzero is not supported");
    boolean batched = in(0).rank() > 0 && in(0).dim(0) == BATCH;
    require(!batched || (target.length > 0 && target[0] <= 0), "the batch must stay in front");
    long elements = 1;
    for (int i = batched ? 1 : 0; i < in(0).rank(); i++) {
      elements *= in(0).dim(i);
    }
    int wild = -1;
    long known = 1;
    long[] dims = target.clone();
    for (int i = batched ? 1 : 0; i < dims.length; i++) {
      if (dims[i] == 0) {
        dims[i] = in(0).dim(i);
      }
      if (dims[i] == -1) {
        require(wild < 0, "two dimensions are left open");
        wild = i;
      } else {
        known *= dims[i];
      }
    }
    if (batched) {
      require(target[0] == 0 || wild < 0, "two dimensions are left open");
      dims[0] = BATCH;
    }
    if (wild >= 0) {
      require(known > 0 && elements % known == 0, "the elements do not fit");
      dims[wild] = elements / known;
    } else {
      require(known == elements, "the elements do not fit");
    }
    return TensorType.of(in(0).type(), dims);
  }

  private TensorType flatten() {
    require(node.attributes().integer("axis", 1) == 1, "only axis 1 is supported");
    long columns = in(0).dims().stream().skip(1).reduce(1L, Math::multiplyExact);
    return TensorType.of(in(0).type(), in(0).dim(0), columns);
  }

  private TensorType transpose() {
    long[] perm = node.attributes().integers("perm");
    long[] sorted = perm.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      require(sorted[i] == i, "perm is no permutation");
    }
    require(perm.length == in(0).rank(), "perm has another rank");
    return new TensorType(
        in(0).type(), Arrays.stream(perm).mapToObj(axis -> in(0).dim((int) axis)).toList());
  }

  private TensorType concat() {
    int axis = axis((int) node.attributes().integer("axis", 0), in(0).rank());
    List<Long> dims = new ArrayList<>(in(0).dims());
    for (int i = 1; i < node.inputs().size(); i++) {
      require(in(i).rank() == dims.size() && in(i).type() == in(0).type(), "the parts differ");
      for (int d = 0; d < dims.size(); d++) {
        require(d == axis || in(i).dim(d) == dims.get(d), "the parts differ in dimension " + d);
      }
      require(in(i).dim(axis) != BATCH, "batches cannot be joined");
      dims.set(axis, dims.get(axis) + in(i).dim(axis));
    }
    return new TensorType(in(0).type(), dims);
  }

  private TensorType gather() {
    int axis = axis((int) node.attributes().integer("axis", 0), in(0).rank());
    List<Long> dims = new ArrayList<>(in(0).dims().subList(0, axis));
    dims.addAll(in(1).dims());
    dims.addAll(in(0).dims().subList(axis + 1, in(0).rank()));
    return new TensorType(in(0).type(), dims);
  }

  private TensorType slice() {
    long[] starts = constant(1);
    long[] ends = constant(2);
    long[] axes = constant(3);
    require(!node.hasInput(4), "steps are not supported");
    List<Long> dims = new ArrayList<>(in(0).dims());
    for (int i = 0; i < axes.length; i++) {
      int axis = axis((int) axes[i], dims.size());
      long size = dims.get(axis);
      require(size != BATCH && starts[i] >= 0 && ends[i] >= 0, "only fixed sizes can be sliced");
      dims.set(axis, positive(Math.min(ends[i], size) - starts[i]));
    }
    return new TensorType(in(0).type(), dims);
  }

  private TensorType normalised() {
    for (int i = 1; i <= 4; i++) {
      require(in(i).rank() == 1 && in(i).dim(0) == in(0).dim(1), "input " + i + " does not fit");
    }
    return in(0);
  }

  private TensorType broadcast(TensorType left, TensorType right) {
    require(left.type() == right.type(), "element types differ");
    int rank = Math.max(left.rank(), right.rank());
    Long[] dims = new Long[rank];
    for (int i = 1; i <= rank; i++) {
      long a = i <= left.rank() ? left.dim(-i) : 1;
      long b = i <= right.rank() ? right.dim(-i) : 1;
      require(a == b || a == 1 || b == 1, "shapes " + left + " and " + right + " do not fit");
      dims[rank - i] = a == 1 ? b : a;
    }
    return new TensorType(left.type(), Arrays.asList(dims));
  }

  private int spatialAxes(int weight) {
    int axes = in(0).rank() - 2;
    require(axes > 0 && in(weight).rank() == axes + 2, "ranks of image and weight differ");
    return axes;
  }

  private long[] kernel(int axes) {
    long[] kernel = in(1).dims().stream().skip(2).mapToLong(Long::longValue).toArray();
    require(
        Arrays.equals(kernel, node.attributes().integers("kernel_shape", kernel))
            && kernel.length == axes,
        "kernel_shape differs from the weight");
    return kernel;
  }

  private long[] spatial(String attribute, int length, long otherwise) {
    long[] defaults = new long[length];
    Arrays.fill(defaults, otherwise);
    long[] values = node.attributes().integers(attribute, defaults);
    require(values.length == length, attribute + " has " + values.length + " numbers");
    return values;
  }

  private void checkBias(int input, long channels) {
    if (node.hasInput(input)) {
      require(in(input).rank() == 1 && in(input).dim(0) == channels, "the bias does not fit");
    }
  }

  private long positive(long size) {
    require(size > 0, "a dimension would be " + size);
    return size;
  }

  private int axis(int axis, int rank) {
    int positive = axis < 0 ? axis + rank : axis;
    require(positive >= 0 && positive < rank, "axis " + axis + " is out of range");
    return positive;
  }

  private long[] constant(int input) {
    Tensor tensor = constants.get(node.input(input));
    require(tensor != null, "input " + input + " must be a constant");
    return tensor.longs();
  }

  private TensorType in(int index) {
    TensorType type = types.get(node.input(index));
    require(type != null, "input " + index + " is missing");
    return type;
  }

  private void rank(int input, int rank) {
    require(in(input).rank() == rank, "input " + input + " must have rank " + rank);
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      List<String> read = new ArrayList<>();
      for (String input : node.inputs()) {
        read.add(input.isEmpty() ? "nothing" : input + " " + types.get(input));
      }
      throw new GraphException(describe() + ": " + otherwise + "; inputs: " + read);
    }
  }

  private String describe() {
    return node.operator().onnxName() + " " + node.name();
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
