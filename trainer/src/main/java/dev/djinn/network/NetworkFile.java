package dev.djinn.network;

import ai.djl.ndarray.types.Shape;
import dev.djinn.names.Names;
import dev.djinn.network.Layer.Activation.Function;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layers in files: reads a list such as
 *
 * <pre>{@code
 * - dense: {units: 128*height/4*width/4, bias: false, init: normal 0.02}
 * - batch-norm: {momentum: 0.9, epsilon: 1e-5}
 * - relu
 * - reshape: [128, height/4, width/4]
 * - deconv: {channels: 64, kernel: 4, stride: 2}
 * }</pre>
 *
 * and writes a network back as plain lists and maps with every setting stated.
 */
public final class NetworkFile {
  private static final List<String> KINDS =
      List.of(
          "dense",
          "conv",
          "deconv",
          "upsample",
          "downsample",
          "basis",
          "crop",
          "batch-norm",
          "relu",
          "leaky-relu",
          "tanh",
          "sigmoid",
          "dropout",
          "reshape",
          "flatten",
          "max-pool",
          "average-pool",
          "label-multiply",
          "label-channel",
          "label-one-hot",
          "residual",
          "repeat");

  private static final double KERAS_LEAK = 0.3;

  private final Map<String, Integer> names;

  private final boolean dropLabels;

  private NetworkFile(Map<String, Integer> names, boolean dropLabels) {
    this.names = names;
    this.dropLabels = dropLabels;
  }

  /**
   * Reads a network.
   *
   * @param name the network's name
   * @param input shape of its input without the batch axis
   * @param classes number of label classes, 0 if unconditional
   * @param layers the list of layers
   * @param names values for names in size expressions
   * @param optionalLabels whether an unconditional network just leaves out layers that need labels
   * @return the network, checked layer by layer
   * @throws NetworkException naming file, line, layer and the shapes that do not meet
   */
  public static Network read(
      String name,
      Shape input,
      int classes,
      YamlCursor layers,
      Map<String, Integer> names,
      boolean optionalLabels) {
    NetworkFile file = new NetworkFile(names, optionalLabels && classes == 0);
    List<Layer> read = new ArrayList<>();
    for (YamlCursor entry : layers.list()) {
      read.addAll(file.expand(entry));
      try {
        Network.steps("", input, classes, read);
      } catch (NetworkException e) {
        throw entry.failure(e.getMessage());
      }
    }
    return new Network(name, input, classes, read);
  }

  private List<Layer> layers(YamlCursor list) {
    List<Layer> read = new ArrayList<>();
    for (YamlCursor entry : list.list()) {
      read.addAll(expand(entry));
    }
    return read;
  }

  /** One entry is one layer, but for {@code repeat} and for labels that an unlabelled run drops. */
  private List<Layer> expand(YamlCursor entry) {
    String kind = entry.onlyKey();
    if (kind.equals("repeat")) {
      return repeat(entry.get(kind));
    }
    return dropLabels && kind.startsWith("label-") ? List.of() : List.of(layer(entry));
  }

  /**
   * Layers so many times over. Inside, {@code up} is 1, 2, 4 … and {@code down} is the same
   * backwards, for widths that grow or shrink from stage to stage.
   */
  private List<Layer> repeat(YamlCursor at) {
    int times = expression(at.get("times"));
    if (times < 0 || times > 16) {
      throw at.failure("repeat times must be from 0 to 16, got " + times);
    }
    YamlCursor body = at.get("layers");
    at.rejectUnread();
    List<Layer> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      Map<String, Integer> inside = new LinkedHashMap<>(names);
      inside.put("up", 1 << i);
      inside.put("down", 1 << (times - 1 - i));
      all.addAll(new NetworkFile(inside, dropLabels).layers(body));
    }
    return all;
  }

  private Layer layer(YamlCursor entry) {
    String kind = entry.onlyKey();
    YamlCursor at = entry.isMapping() ? entry.get(kind) : null;
    try {
      Layer layer = make(kind, at, entry);
      if (at != null && at.isMapping()) {
        at.rejectUnread();
      }
      return layer;
    } catch (NetworkException e) {
      // Records check their own ranges without knowing the file; cursors name it already.
      throw e.getMessage().contains(": ") ? e : entry.failure(e.getMessage());
    }
  }

  private Layer make(String kind, YamlCursor at, YamlCursor entry) {
    return switch (kind) {
      case "dense" -> new Layer.Dense(size(at, entry, "units"), weights(at));
      case "conv" ->
          new Layer.Conv(
              size(at, entry, "channels"),
              size(at, entry, "kernel"),
              size(at, "stride", 1),
              padding(at, "padding"),
              size(at, "dilation", 1),
              size(at, "groups", 1),
              weights(at));
      case "deconv" -> deconv(needed(at, entry), entry);
      case "upsample" -> new Layer.Upsample(scale(at), filter(at));
      case "downsample" -> new Layer.Downsample(scale(at), filter(at));
      case "basis" ->
          new Layer.Basis(
              size(at, entry, "height"),
              size(at, entry, "width"),
              init(at, new WeightInit(WeightInit.Kind.NORMAL, 1)));
      case "crop" -> crop(needed(at, entry));
      case "batch-norm" ->
          new Layer.BatchNorm(real(at, "momentum", 0.99), real(at, "epsilon", 1e-3));
      case "relu" -> bare(at, kind, new Layer.Activation(Function.RELU, 0));
      case "leaky-relu" ->
          new Layer.Activation(Function.LEAKY_RELU, at == null ? KERAS_LEAK : at.real(0, 1));
      case "tanh" -> bare(at, kind, new Layer.Activation(Function.TANH, 0));
      case "sigmoid" -> bare(at, kind, new Layer.Activation(Function.SIGMOID, 0));
      case "dropout" -> new Layer.Dropout(needed(at, entry).real(0, 1));
      case "reshape" ->
          new Layer.Reshape(needed(at, entry).list().stream().map(this::expression).toList());
      case "flatten" -> bare(at, kind, LayerWriter.FLATTEN);
      case "max-pool" -> pool(Layer.Pool.Kind.MAX, at, entry);
      case "average-pool" -> pool(Layer.Pool.Kind.AVERAGE, at, entry);
      case "label-multiply" -> new Layer.LabelMultiply(init(at, WeightInit.EMBEDDING));
      case "label-channel" -> new Layer.LabelChannel(init(at, WeightInit.EMBEDDING));
      case "label-one-hot" -> new Layer.LabelOneHot(at == null ? 1 : at.real(0, 1e6));
      case "residual" ->
          new Layer.Residual(
              layers(needed(at, entry).get("body")),
              at.find("shortcut").map(this::layers).orElse(List.of()));
      case "block" -> own(needed(at, entry));
      default -> throw entry.failure(Names.unknown("layer", kind, KINDS));
    };
  }

  /** One side, or height and width. */
  private Layer.Crop crop(YamlCursor at) {
    if (at.isScalar()) {
      return new Layer.Crop(expression(at));
    }
    List<YamlCursor> sides = at.list();
    if (sides.size() != 2) {
      throw at.failure("crop takes a side, or [height, width]");
    }
    return new Layer.Crop(expression(sides.get(0)), expression(sides.get(1)));
  }

  /** What a run keeps of a network that is a DJL block. */
  private Layer.Own own(YamlCursor at) {
    List<Layer.Own.Array> arrays = new ArrayList<>();
    for (YamlCursor array : at.get("arrays").list()) {
      arrays.add(
          new Layer.Own.Array(
              array.get("name").text(),
              array.get("shape").list().stream().map(this::expression).toList(),
              array.get("trained").bool()));
      array.rejectUnread();
    }
    return new Layer.Own(
        at.get("kind").text(),
        at.get("shape").list().stream().map(this::expression).toList(),
        at.get("labels").bool(),
        arrays,
        Optional.empty());
  }

  private Layer.Deconv deconv(YamlCursor at, YamlCursor entry) {
    int outputPadding = size(at, "output-padding", 0);
    Layer.Deconv layer =
        new Layer.Deconv(
            size(at, entry, "channels"),
            size(at, entry, "kernel"),
            size(at, "stride", 1),
            padding(at, "padding"),
            outputPadding,
            size(at, "groups", 1),
            weights(at));
    // Same padding works it out from kernel and stride.
    at.find("output-padding")
        .filter(stated -> outputPadding != layer.outputPadding())
        .ifPresent(
            stated -> {
              throw stated.failure(
                  "padding: same needs "
                      + layer.outputPadding()
                      + " here, got "
                      + outputPadding
                      + "; leave it out, or state padding in numbers");
            });
    return layer;
  }

  private Layer pool(Layer.Pool.Kind kind, YamlCursor at, YamlCursor entry) {
    int kernel = size(at, entry, "kernel");
    return new Layer.Pool(kind, kernel, size(at, "stride", kernel));
  }

  /** A layer without settings: whoever gives it some may mean another one. */
  private static Layer bare(YamlCursor at, String kind, Layer layer) {
    if (at != null && !at.isEmpty()) {
      String meant = kind.equals("relu") ? "did you mean leaky-relu?" : "write '- " + kind + "'";
      throw at.failure(kind + " takes no settings; " + meant);
    }
    return layer;
  }

  private static YamlCursor needed(YamlCursor at, YamlCursor entry) {
    if (at == null) {
      throw entry.failure("'" + entry.onlyKey() + "' needs settings");
    }
    return at;
  }

  private int size(YamlCursor at, YamlCursor entry, String key) {
    return expression(needed(at, entry).get(key));
  }

  private int size(YamlCursor at, String key, int otherwise) {
    return at == null ? otherwise : at.find(key).map(this::expression).orElse(otherwise);
  }

  /** Alone, as {@code upsample: 2}, or with a filter. */
  private int scale(YamlCursor at) {
    return at == null || at.isMapping() ? size(at, "scale", 2) : expression(at);
  }

  private List<Integer> filter(YamlCursor at) {
    return at == null || !at.isMapping()
        ? Resampling.NONE
        : at.find("filter")
            .map(list -> list.list().stream().map(this::expression).toList())
            .orElse(Resampling.NONE);
  }

  private int padding(YamlCursor at, String key) {
    return at.find(key)
        .map(
            value ->
                switch (value.text()) {
                  case "same" -> Layer.SAME;
                  case "same-upper" -> Layer.SAME_UPPER;
                  case "wrap" -> Layer.WRAP;
                  default -> expression(value);
                })
        .orElse(Layer.SAME);
  }

  private static WeightSpec weights(YamlCursor at) {
    return new WeightSpec(
        init(at, WeightInit.GLOROT_UNIFORM), bias(at), flag(at, "spectral-norm", false));
  }

  /** True, false, or how it is drawn; zeros if nothing is said. */
  private static Optional<WeightInit> bias(YamlCursor at) {
    Optional<YamlCursor> bias = at.find("bias");
    if (bias.isPresent() && bias.get().text().contains(" ")) {
      return Optional.of(weightInit(bias.get()));
    }
    return bias.map(YamlCursor::bool).orElse(true)
        ? Optional.of(WeightInit.ZEROS)
        : Optional.empty();
  }

  private int expression(YamlCursor at) {
    try {
      return SizeExpression.evaluate(at.text(), names);
    } catch (NetworkException e) {
      throw at.failure(e.getMessage());
    } catch (ArithmeticException e) {
      throw at.failure("'" + at.text() + "': too large");
    }
  }

  private static boolean flag(YamlCursor at, String key, boolean otherwise) {
    return at.find(key).map(YamlCursor::bool).orElse(otherwise);
  }

  private static double real(YamlCursor at, String key, double otherwise) {
    return at == null ? otherwise : at.find(key).map(v -> v.real(0, 1)).orElse(otherwise);
  }

  private static WeightInit init(YamlCursor at, WeightInit otherwise) {
    return at == null ? otherwise : at.find("init").map(NetworkFile::weightInit).orElse(otherwise);
  }

  private static WeightInit weightInit(YamlCursor at) {
    String[] words = at.text().split(" ", -1);
    for (WeightInit.Kind kind : WeightInit.Kind.values()) {
      if (YamlCursor.kebab(kind).equals(words[0])) {
        boolean glorot =
            kind == WeightInit.Kind.GLOROT_UNIFORM || kind == WeightInit.Kind.GLOROT_NORMAL;
        if (words.length == (glorot ? 1 : 2)) {
          try {
            return new WeightInit(kind, glorot ? 0 : Double.parseDouble(words[1]));
          } catch (NumberFormatException e) {
            break;
          }
        }
      }
    }
    throw at.failure(
        "expected glorot-uniform, glorot-normal, or constant, normal, truncated-normal, uniform,"
            + " equalized or equalized-zero with a number, got '"
            + at.text()
            + "'");
  }

  /**
   * Writes layers as the plain lists and maps that {@link #read} understands, sizes resolved.
   *
   * @param layers the layers
   * @return a list for a YAML writer
   */
  public static List<Object> write(List<Layer> layers) {
    return LayerWriter.write(layers);
  }
}
