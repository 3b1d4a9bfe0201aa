package dev.djinn.network;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.LayerVisitor.Place;
import dev.djinn.torch.TorchScript;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a network's forward pass as a TorchScript method, one line or two a layer. Parameters come
 * as one list in storage order. With {@link Precision#BF16}, x is bfloat16 from one product to the
 * next, and what needs float32 turns it back.
 */
final class TorchSource implements LayerVisitor<String> {
  /** libtorch's numbers of data types. */
  private static final int FLOAT32 = 6;

  private static final int BFLOAT16 = 15;

  /** And of a memory format. */
  private static final int CHANNELS_LAST = 2;

  /** A dense layer of fewer units than this is no work, and often the last. */
  private static final int FEW_UNITS = 8;

  private final TorchLines lines = new TorchLines();
  private final Map<String, Integer> index = new HashMap<>();
  private final Mode mode;

  /** Whether products take bfloat16. */
  private final boolean bf16;

  private String x = "x";

  /** Whether x is bfloat16. */
  private boolean narrow;

  /** Whether x is a new array that nothing else reads, no backward pass either. */
  private boolean own;

  private TorchSource(Network network, Mode mode, Precision precision) {
    this.mode = mode;
    this.bf16 = precision == Precision.BF16 && mode != Mode.INFERENCE;
    List<ParameterSpec> parameters = network.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      index.put(parameters.get(i).name(), i);
    }
  }

  /**
   * Writes one method.
   *
   * @param network the network
   * @param mode what batch norm and dropout do; its method is the method's name
   * @param precision of products, outside inference
   * @return {@code def method(self, x, [label,] [p]) -> Tensor}
   */
  static String method(Network network, Mode mode, Precision precision) {
    TorchSource source = new TorchSource(network, mode, precision);
    source.run(network.steps());
    source.widen();
    return "def "
        + mode.method()
        + "(self, x: Tensor"
        + (network.conditional() ? ", label: Tensor" : "")
        + (source.index.isEmpty() ? "" : ", p: List[Tensor]")
        + ") -> Tensor:\n"
        + source.lines
        + "  return "
        + source.x
        + "\n";
  }

  private void run(List<Network.Step> steps) {
    for (int i = 0; i < steps.size(); i++) {
      Network.Step step = steps.get(i);
      if (startsUpsampledConv(steps, i)) {
        Layer.Upsample upsample = (Layer.Upsample) step.layer();
        step = steps.get(++i);
        x = upsampledConv(upsample, (Layer.Conv) step.layer(), step.at());
      } else {
        x = step.accept(this);
      }
      own = leavesToNext(step.layer());
    }
  }

  /**
   * Layers whose backward pass does not read what they made, so that an activation may overwrite
   * it. Activations read theirs; reshaping and dropout may hand on what they were given.
   */
  private static boolean leavesToNext(Layer layer) {
    return layer instanceof Layer.Dense
        || layer instanceof Layer.Conv
        || layer instanceof Layer.Deconv
        || layer instanceof Layer.BatchNorm;
  }

  private String let(String expression) {
    return lines.let(expression);
  }

  private String p(Place at, String role) {
    return "p[" + index.get(at.parameter(role)) + "]";
  }

  /** Makes x what products take. */
  private void narrowed() {
    if (bf16 && !narrow) {
      x = narrowed(x);
      narrow = true;
    }
  }

  /**
   * Makes x what products of pictures take, with the channels of a pixel side by side: so oneDNN
   * need not reorder a picture before and after it, as the layers behind it keep to that.
   */
  private void narrowedPictures() {
    narrowed();
    if (bf16) {
      x = let("torch.contiguous(" + x + ", memory_format=" + CHANNELS_LAST + ")");
    }
  }

  private String narrowed(String value) {
    return bf16 && !value.equals("None") ? let("torch.to(" + value + ", " + BFLOAT16 + ")") : value;
  }

  /** Makes x float32. */
  private void widen() {
    if (narrow) {
      x = let("torch.to(" + x + ", " + FLOAT32 + ")");
      narrow = false;
      own = true;
    }
  }

  /** The weight, normalised as {@link SpectralNorm} says if it is to be. */
  private String weight(Place at, boolean spectralNorm, int axis, int rows) {
    String weight = p(at, "weight");
    if (!spectralNorm) {
      return weight;
    }
    String kept = p(at, SpectralNorm.VECTOR);
    String turned = axis == 0 ? weight : "torch.transpose(" + weight + ", 0, " + axis + ")";
    String matrix = let("torch.reshape(" + turned + ", [" + rows + ", -1])");
    String v = unit("torch.mv(torch.t(torch.detach(" + matrix + ")), " + kept + ")");
    String image = let("torch.mv(" + matrix + ", " + v + ")");
    String u = unit("torch.detach(" + image + ")");
    if (mode == Mode.TRAINING) {
      let("torch.copy_(" + kept + ", " + u + ")");
    }
    return let("torch.div(" + weight + ", torch.dot(" + u + ", " + image + "))");
  }

  private String unit(String vector) {
    String name = let(vector);
    return let("torch.div(" + name + ", torch.norm(" + name + "))");
  }

  private int dataType() {
    return narrow ? BFLOAT16 : FLOAT32;
  }

  private String bias(Place at, boolean exists) {
    return exists ? p(at, "bias") : "None";
  }

  @Override
  public String dense(Layer.Dense layer, Place at) {
    String weight = weight(at, layer.weights().spectralNorm(), 0, layer.units());
    String bias = bias(at, layer.weights().hasBias());
    if (layer.units() < FEW_UNITS) {
      widen();
    } else {
      narrowed();
      weight = narrowed(weight);
      bias = narrowed(bias);
    }
    return let("torch.linear(" + x + ", " + weight + ", " + bias + ")");
  }

  @Override
  public String conv(Layer.Conv layer, Place at) {
    narrowedPictures();
    Shape in = at.input();
    int rows = layer.paddingFor(in.get(1));
    int columns = layer.paddingFor(in.get(2));
    int below = layer.paddingAfter(in.get(1));
    int right = layer.paddingAfter(in.get(2));
    String padded;
    if (layer.wraps()) {
      padded =
          lines.wrapped(lines.wrapped(x, 2, in.get(1), rows, below), 3, in.get(2), columns, right);
      rows = 0;
      columns = 0;
    } else {
      padded = lines.padBehind(x, below - rows, right - columns);
    }
    return let(
        String.format(
            Locale.ROOT,
            "torch.conv2d(%s, %s, %s, %s, [%d, %d], %s, %d)",
            padded,
            narrowed(weight(at, layer.weights().spectralNorm(), 0, layer.channels())),
            narrowed(bias(at, layer.weights().hasBias())),
            TorchLines.pair(layer.stride()),
            rows,
            columns,
            TorchLines.pair(layer.dilation()),
            layer.groups()));
  }

  private static boolean evenlyPadded(Layer.Conv layer, Shape in) {
    return layer.paddingFor(in.get(1)) == layer.paddingAfter(in.get(1))
        && layer.paddingFor(in.get(2)) == layer.paddingAfter(in.get(2));
  }

  /** A nearest upsampling and the convolution behind it in one. */
  private String upsampledConv(Layer.Upsample upsample, Layer.Conv conv, Place at) {
    narrowedPictures();
    String weight = weight(at, conv.weights().spectralNorm(), 0, conv.channels());
    String kernel = narrowed(lines.upsampledKernel(weight, upsample.scale()));
    int reach = conv.kernel() - 1;
    String padding =
        String.format(
            Locale.ROOT,
            "[%d, %d]",
            reach - conv.paddingFor(at.input().get(1)),
            reach - conv.paddingFor(at.input().get(2)));
    return lines.transposedConv(
        x, kernel, upsample.scale(), padding, 0, 1, narrowed(bias(at, conv.weights().hasBias())));
  }

  /** Whether a step and the one after it can be an {@link #upsampledConv}. */
  private static boolean startsUpsampledConv(List<Network.Step> steps, int i) {
    return i + 1 < steps.size()
        && steps.get(i).layer() instanceof Layer.Upsample upsample
        && upsample.nearest()
        && steps.get(i + 1).layer() instanceof Layer.Conv conv
        && conv.stride() == 1
        && conv.dilation() == 1
        && conv.groups() == 1
        && conv.padding() < conv.kernel()
        && !conv.wraps()
        && evenlyPadded(conv, steps.get(i + 1).at().input());
  }

  @Override
  public String deconv(Layer.Deconv layer, Place at) {
    narrowedPictures();
    String made =
        lines.transposedConv(
            lines.wrapped(
                lines.wrapped(x, 2, at.input().get(1), layer.margin(), layer.margin()),
                3,
                at.input().get(2),
                layer.margin(),
                layer.margin()),
            narrowed(
                weight(at, layer.weights().spectralNorm(), 1, layer.channels() / layer.groups())),
            layer.stride(),
            TorchLines.pair(layer.cut()),
            Math.max(0, layer.outputPadding()),
            layer.groups(),
            narrowed(bias(at, layer.weights().hasBias())));
    if (layer.outputPadding() >= 0) {
      return made;
    }
    Shape out = layer.output(at);
    String rows = let(String.format(Locale.ROOT, "torch.narrow(%s, 2, 0, %d)", made, out.get(1)));
    return let(String.format(Locale.ROOT, "torch.narrow(%s, 3, 0, %d)", rows, out.get(2)));
  }

  @Override
  public String upsample(Layer.Upsample layer, Place at) {
    if (!layer.nearest()) {
      narrowedPictures();
      return lines.transposedConv(
          x,
          lines.eachChannel(x, dataType(), layer.taps(), at.input().get(0)),
          layer.scale(),
          TorchLines.pair(layer.filter().size() / 2),
          0,
          (int) at.input().get(0),
          "None");
    }
    Shape out = layer.output(at);
    return let(
        String.format(
            Locale.ROOT,
            "torch.upsample_nearest2d(%s, [%d, %d], None, None)",
            x,
            out.get(1),
            out.get(2)));
  }

  @Override
  public String downsample(Layer.Downsample layer, Place at) {
    narrowedPictures();
    int padding = layer.padding();
    String padded =
        lines.padBehind(
            x,
            layer.paddingAfter(at.input().get(1)) - padding,
            layer.paddingAfter(at.input().get(2)) - padding);
    return let(
        String.format(
            Locale.ROOT,
            "torch.conv2d(%s, %s, None, %s, %s, [1, 1], %d)",
            padded,
            lines.eachChannel(x, dataType(), layer.taps(), at.input().get(0)),
            TorchLines.pair(layer.scale()),
            TorchLines.pair(padding),
            at.input().get(0)));
  }

  @Override
  public String basis(Layer.Basis layer, Place at) {
    widen();
    return let(
        "torch.mul(torch.reshape("
            + x
            + ", [-1, "
            + at.input().get(0)
            + ", 1, 1]), "
            + p(at, "basis")
            + ")");
  }

  @Override
  public String crop(Layer.Crop layer, Place at) {
    long rows = at.input().get(1);
    long columns = at.input().get(2);
    // Axis 0 of the tensor is the batch.
    String high = narrow(x, 2, rows, layer.top(rows), layer.height());
    return narrow(high, 3, columns, layer.left(columns), layer.width());
  }

  private String narrow(String value, int axis, long size, long from, long length) {
    return size == length
        ? value
        : let(
            String.format(Locale.ROOT, "torch.narrow(%s, %d, %d, %d)", value, axis, from, length));
  }

  @Override
  public String batchNorm(Layer.BatchNorm layer, Place at) {
    // libtorch's momentum is the share of the new statistic, Keras's that of the old.
    boolean moves = mode == Mode.TRAINING;
    boolean batchStatistics = moves || mode == Mode.UNMOVED;
    boolean running = mode != Mode.UNMOVED;
    // libtorch takes bfloat16 beside float32 parameters, and its statistics are float32.
    return let(
        String.format(
            Locale.ROOT,
            "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)",
            x,
            p(at, "gamma"),
            p(at, "beta"),
            running ? p(at, "running_mean") : "None",
            running ? p(at, "running_var") : "None",
            batchStatistics ? "True" : "False",
            TorchScript.number(1 - layer.momentum()),
            TorchScript.number(layer.epsilon())));
  }

  @Override
  public String activation(Layer.Activation layer, Place at) {
    if (layer.function() == Layer.Activation.Function.TANH
        || layer.function() == Layer.Activation.Function.SIGMOID) {
      widen();
    }
    String call = (own ? "_(" : "(") + x;
    return let(
        switch (layer.function()) {
          case RELU -> "torch.relu" + call + ")";
          case LEAKY_RELU ->
              "torch.leaky_relu" + call + ", " + TorchScript.number(layer.slope()) + ")";
          case TANH -> "torch.tanh" + call + ")";
          case SIGMOID -> "torch.sigmoid" + call + ")";
        });
  }

  /** As torch.dropout, whose own random numbers take four times as long on some processors. */
  @Override
  public String dropout(Layer.Dropout layer, Place at) {
    if (mode == Mode.INFERENCE) {
      return x;
    }
    widen();
    String rate = TorchScript.number(layer.rate());
    String kept =
        let("torch.to(torch.ge(torch.rand_like(" + x + "), " + rate + "), " + FLOAT32 + ")");
    let("torch.mul_(" + kept + ", " + TorchScript.number(1 / (1 - layer.rate())) + ")");
    return let("torch.mul(" + x + ", " + kept + ")");
  }

  @Override
  public String reshape(Layer.Reshape layer, Place at) {
    StringBuilder axes = new StringBuilder("-1");
    for (long axis : layer.output(at).getShape()) {
      axes.append(", ").append(axis);
    }
    return let("torch.reshape(" + x + ", [" + axes + "])");
  }

  @Override
  public String pool(Layer.Pool layer, Place at) {
    String window =
        x
            + ", "
            + TorchLines.pair(layer.kernel())
            + ", "
            + TorchLines.pair(layer.stride())
            + ", [0, 0]";
    return layer.kind() == Layer.Pool.Kind.MAX
        ? let("torch.max_pool2d(" + window + ", [1, 1], False)")
        : let("torch.avg_pool2d(" + window + ", False, True, None)");
  }

  @Override
  public String labelMultiply(Layer.LabelMultiply layer, Place at) {
    widen();
    return let("torch.mul(" + x + ", torch.embedding(" + p(at, "embedding") + ", label))");
  }

  @Override
  public String labelChannel(Layer.LabelChannel layer, Place at) {
    widen();
    String plane =
        let(
            String.format(
                Locale.ROOT,
                "torch.reshape(torch.embedding(%s, label), [-1, 1, %d, %d])",
                p(at, "embedding"),
                at.input().get(1),
                at.input().get(2)));
    return let("torch.cat([" + x + ", " + plane + "], 1)");
  }

  @Override
  public String labelOneHot(Layer.LabelOneHot layer, Place at) {
    widen();
    String features = let("torch.to(torch.one_hot(label, " + at.classes() + "), " + FLOAT32 + ")");
    if (layer.scale() != 1) {
      features = let("torch.mul(" + features + ", " + TorchScript.number(layer.scale()) + ")");
    }
    if (at.input().dimension() == 3) {
      features =
          let(
              String.format(
                  Locale.ROOT,
                  "torch.expand(torch.reshape(%s, [-1, %d, 1, 1]), [-1, -1, %d, %d])",
                  features,
                  at.classes(),
                  at.input().get(1),
                  at.input().get(2)));
    }
    return let("torch.cat([" + x + ", " + features + "], 1)");
  }

  @Override
  public String residual(Layer.Residual layer, Place at) {
    String input = x;
    boolean narrowInput = narrow;
    // Both paths read the input.
    own = false;
    run(layer.bodySteps(at));
    String body = x;
    boolean narrowBody = narrow;
    x = input;
    narrow = narrowInput;
    own = false;
    run(layer.shortcutSteps(at));
    // A sum of both types is float32.
    narrow &= narrowBody;
    return let("torch.add(" + body + ", " + x + ")");
  }

  @Override
  public String own(Layer.Own layer, Place at) {
    throw new NetworkException(
        "layer " + at.path() + ": the block " + layer.kind() + " must be all of its network");
  }
}
