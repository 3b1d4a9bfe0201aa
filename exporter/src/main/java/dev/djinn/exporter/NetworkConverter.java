package dev.djinn.exporter;

import ai.djl.ndarray.types.Shape;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Layer;
import dev.djinn.network.LayerVisitor;
import dev.djinn.network.Network;
import dev.djinn.network.SpectralNorm;
import dev.djinn.network.WeightSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds the nodes of a network's layers to a graph, one layer after the other, as they are: no
 * rewrite happens here. What a layer makes carries the layer's path as its name, {@code 03} or
 * {@code 05.body.01}, so that it can be compared with what the network makes there.
 */
final class NetworkConverter implements LayerVisitor<String> {
  private final GraphBuilder graph;
  private final Weights weights;
  private final String label;
  private String x;

  /**
   * Starts at a value of the graph.
   *
   * @param graph takes the nodes
   * @param weights the network's arrays
   * @param input the value that the first layer reads, (batch, input shape)
   * @param label the value of the labels, int64 (batch); null for an unconditional network
   */
  NetworkConverter(GraphBuilder graph, Weights weights, String input, String label) {
    this.graph = graph;
    this.weights = weights;
    this.x = input;
    this.label = label;
  }

  /** Adds layers and returns the last one's output. */
  String add(List<Network.Step> steps) {
    for (Network.Step step : steps) {
      x = step.accept(this);
    }
    return x;
  }

  /** y = x Wᵀ + b: Gemm with transB. */
  @Override
  public String dense(Layer.Dense layer, Place at) {
    return graph.add(
        Operator.GEMM,
        Attributes.none().with("transB", 1),
        at.path(),
        weighted(at, layer.weights(), 0));
  }

  /** Conv. */
  @Override
  public String conv(Layer.Conv layer, Place at) {
    long rows = layer.paddingFor(at.input().get(1));
    long columns = layer.paddingFor(at.input().get(2));
    long below = layer.paddingAfter(at.input().get(1));
    long right = layer.paddingAfter(at.input().get(2));
    long[] pads = {rows, columns, below, right};
    if (layer.wraps()) {
      wrap(at, pads);
      pads = new long[4];
    }
    Attributes attributes =
        Attributes.none()
            .with("kernel_shape", square(layer.kernel()))
            .with("strides", square(layer.stride()))
            .with("dilations", square(layer.dilation()))
            .with("group", layer.groups())
            .with("pads", pads);
    return graph.add(Operator.CONV, attributes, at.path(), weighted(at, layer.weights(), 0));
  }

  /** Slices of the other end, then Concat, along each axis; top, left, bottom and right. */
  private void wrap(Place at, long... margins) {
    for (int axis = 2; axis <= 3; axis++) {
      long before = margins[axis - 2];
      long behind = margins[axis];
      long size = at.input().get(axis - 1);
      List<String> parts = new ArrayList<>();
      if (before > 0) {
        parts.add(slice(at, "end" + axis, axis, size - before, size));
      }
      parts.add(x);
      if (behind > 0) {
        parts.add(slice(at, "beginning" + axis, axis, 0, behind));
      }
      if (parts.size() > 1) {
        x =
            graph.add(
                Operator.CONCAT,
                Attributes.none().with("axis", axis),
                at.parameter("wrapped" + axis),
                parts.toArray(String[]::new));
      }
    }
  }

  private String slice(Place at, String role, long axis, long from, long to) {
    String name = at.parameter(role);
    return graph.add(
        Operator.SLICE,
        name,
        x,
        graph.constant(name + ".starts", Tensor.vector(from)),
        graph.constant(name + ".ends", Tensor.vector(to)),
        graph.constant(name + ".axes", Tensor.vector(axis)));
  }

  /** ConvTranspose. */
  @Override
  public String deconv(Layer.Deconv layer, Place at) {
    long margin = layer.margin();
    wrap(at, margin, margin, margin, margin);
    long pad = layer.cut();
    // ONNX adds rows and columns at the end as output_padding, and cuts them as pads.
    long extra = Math.max(0, layer.outputPadding());
    long padAfter = pad + extra - layer.outputPadding();
    Attributes attributes =
        Attributes.none()
            .with("kernel_shape", square(layer.kernel()))
            .with("strides", square(layer.stride()))
            .with("group", layer.groups())
            .with("pads", new long[] {pad, pad, padAfter, padAfter})
            .with("output_padding", square(extra));
    return graph.add(
        Operator.CONV_TRANSPOSE, attributes, at.path(), weighted(at, layer.weights(), 1));
  }

  /**
   * Resize that repeats: output pixel i is input pixel ⌊i / scale⌋. With a filter, a ConvTranspose
   * of each channel by itself.
   */
  @Override
  public String upsample(Layer.Upsample layer, Place at) {
    if (!layer.nearest()) {
      long padding = layer.filter().size() / 2;
      Attributes attributes =
          Attributes.none()
              .with("kernel_shape", square(layer.taps().length))
              .with("strides", square(layer.scale()))
              .with("group", at.input().get(0))
              .with("pads", new long[] {padding, padding, padding, padding});
      return graph.add(
          Operator.CONV_TRANSPOSE, attributes, at.path(), x, eachChannel(layer.taps(), at));
    }
    float scale = layer.scale();
    String scales =
        graph.constant(at.parameter("scales"), Tensor.floats(new float[] {1, 1, scale, scale}, 4));
    Attributes attributes =
        Attributes.none()
            .with("mode", "nearest")
            .with("nearest_mode", "floor")
            .with("coordinate_transformation_mode", "asymmetric");
    return graph.add(Operator.RESIZE, attributes, at.path(), x, "", scales);
  }

  /** Conv of each channel by itself. */
  @Override
  public String downsample(Layer.Downsample layer, Place at) {
    long padding = layer.padding();
    Attributes attributes =
        Attributes.none()
            .with("kernel_shape", square(layer.taps().length))
            .with("strides", square(layer.scale()))
            .with("group", at.input().get(0))
            .with(
                "pads",
                new long[] {
                  padding,
                  padding,
                  layer.paddingAfter(at.input().get(1)),
                  layer.paddingAfter(at.input().get(2))
                });
    return graph.add(Operator.CONV, attributes, at.path(), x, eachChannel(layer.taps(), at));
  }

  private String eachChannel(float[] taps, Place at) {
    int channels = (int) at.input().get(0);
    int size = taps.length * taps.length;
    float[] kernels = new float[channels * size];
    for (int i = 0; i < kernels.length; i++) {
      kernels[i] = taps[i % size / taps.length] * taps[i % taps.length];
    }
    return graph.constant(
        at.parameter("filter"), Tensor.floats(kernels, channels, 1, taps.length, taps.length));
  }

  /** Reshape to points, then Mul. */
  @Override
  public String basis(Layer.Basis layer, Place at) {
    String points = reshape(at.parameter("points"), x, at.input().get(0), 1, 1);
    return graph.add(Operator.MUL, at.path(), points, weight(at, "basis"));
  }

  /** Slice of rows and columns; nothing where none goes. */
  @Override
  public String crop(Layer.Crop layer, Place at) {
    Shape in = at.input();
    if (in.equals(layer.output(at))) {
      return x;
    }
    long top = layer.top(in.get(1));
    long left = layer.left(in.get(2));
    return graph.add(
        Operator.SLICE,
        at.path(),
        x,
        graph.constant(at.parameter("starts"), Tensor.vector(top, left)),
        graph.constant(
            at.parameter("ends"), Tensor.vector(top + layer.height(), left + layer.width())),
        graph.constant(at.parameter("axes"), Tensor.vector(2, 3)));
  }

  /** BatchNormalization with the running statistics. */
  @Override
  public String batchNorm(Layer.BatchNorm layer, Place at) {
    return graph.add(
        Operator.BATCH_NORMALIZATION,
        Attributes.none().with("epsilon", (float) layer.epsilon()),
        at.path(),
        x,
        weight(at, "gamma"),
        weight(at, "beta"),
        weight(at, "running_mean"),
        weight(at, "running_var"));
  }

  /** Relu, LeakyRelu, Tanh or Sigmoid. */
  @Override
  public String activation(Layer.Activation layer, Place at) {
    return switch (layer.function()) {
      case RELU -> graph.add(Operator.RELU, at.path(), x);
      case LEAKY_RELU ->
          graph.add(
              Operator.LEAKY_RELU,
              Attributes.none().with("alpha", (float) layer.slope()),
              at.path(),
              x);
      case TANH -> graph.add(Operator.TANH, at.path(), x);
      case SIGMOID -> graph.add(Operator.SIGMOID, at.path(), x);
    };
  }

  /** Dropout, which does nothing outside training. */
  @Override
  public String dropout(Layer.Dropout layer, Place at) {
    return graph.add(Operator.DROPOUT, at.path(), x);
  }

  /** Reshape; 0 in front keeps the batch, an empty one too. */
  @Override
  public String reshape(Layer.Reshape layer, Place at) {
    return reshape(at.path(), x, layer.output(at).getShape());
  }

  /** MaxPool or AveragePool without padding. */
  @Override
  public String pool(Layer.Pool layer, Place at) {
    Attributes attributes =
        Attributes.none()
            .with("kernel_shape", square(layer.kernel()))
            .with("strides", square(layer.stride()));
    return switch (layer.kind()) {
      case MAX -> graph.add(Operator.MAX_POOL, attributes, at.path(), x);
      case AVERAGE -> graph.add(Operator.AVERAGE_POOL, attributes, at.path(), x);
    };
  }

  /** Gather of the label's row, then Mul. */
  @Override
  public String labelMultiply(Layer.LabelMultiply layer, Place at) {
    String row = graph.add(Operator.GATHER, at.parameter("row"), weight(at, "embedding"), label);
    return graph.add(Operator.MUL, at.path(), x, row);
  }

  /** Gather of the label's row, as a (1, height, width) picture, then Concat. */
  @Override
  public String labelChannel(Layer.LabelChannel layer, Place at) {
    String row = graph.add(Operator.GATHER, at.parameter("row"), weight(at, "embedding"), label);
    String plane = reshape(at.parameter("plane"), row, 1, at.input().get(1), at.input().get(2));
    return join(at, plane);
  }

  /** Gather of the label's row of the scaled unit matrix, repeated over a picture, then Concat. */
  @Override
  public String labelOneHot(Layer.LabelOneHot layer, Place at) {
    int classes = at.classes();
    float[] unit = new float[classes * classes];
    for (int i = 0; i < classes; i++) {
      unit[i * classes + i] = (float) layer.scale();
    }
    String table = graph.constant(at.parameter("unit"), Tensor.floats(unit, classes, classes));
    String row = graph.add(Operator.GATHER, at.parameter("row"), table, label);
    if (at.input().dimension() == 1) {
      return join(at, row);
    }
    String points = reshape(at.parameter("points"), row, classes, 1, 1);
    String shape =
        graph.constant(
            at.parameter("shape"), Tensor.vector(1, 1, at.input().get(1), at.input().get(2)));
    return join(at, graph.add(Operator.EXPAND, at.parameter("planes"), points, shape));
  }

  /** Both paths, then Add. */
  @Override
  public String residual(Layer.Residual layer, Place at) {
    String input = x;
    String body = add(layer.bodySteps(at));
    x = input;
    String shortcut = add(layer.shortcutSteps(at));
    return graph.add(Operator.ADD, at.path(), body, shortcut);
  }

  @Override
  public String own(Layer.Own layer, Place at) {
    throw new ExportException(
        "the generator is the DJL block %s, which only its own program has; there, give it to"
                .formatted(layer.kind())
            + " TrainedGenerator.load, then to BlockExport.write");
  }

  private String join(Place at, String other) {
    return graph.add(Operator.CONCAT, Attributes.none().with("axis", 1), at.path(), x, other);
  }

  private String reshape(String name, String value, long... shape) {
    long[] target = new long[shape.length + 1];
    System.arraycopy(shape, 0, target, 1, shape.length);
    return graph.add(
        Operator.RESHAPE, name, value, graph.constant(name + ".target", Tensor.vector(target)));
  }

  private String[] weighted(Place at, WeightSpec spec, int outputAxis) {
    String weight = spec.spectralNorm() ? normalised(at, outputAxis) : weight(at, "weight");
    List<String> inputs = new ArrayList<>(List.of(x, weight));
    if (spec.hasBias()) {
      inputs.add(weight(at, "bias"));
    }
    return inputs.toArray(String[]::new);
  }

  /** A trained weight stays what it is, so its spectral norm is divided out once, here. */
  private String normalised(Place at, int outputAxis) {
    Tensor weight = weights.get(at.parameter("weight"));
    long[] dims = weight.tensorType().toArray();
    float[] values =
        SpectralNorm.normalised(
            weight.floats(),
            new Shape(dims),
            outputAxis,
            weights.get(at.parameter(SpectralNorm.VECTOR)).floats());
    return graph.constant(at.parameter("weight"), Tensor.floats(values, dims));
  }

  private String weight(Place at, String role) {
    return graph.constant(at.parameter(role), weights.get(at.parameter(role)));
  }

  private static long[] square(long value) {
    return new long[] {value, value};
  }
}
