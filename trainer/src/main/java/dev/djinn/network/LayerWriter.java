package dev.djinn.network;

import dev.djinn.network.Layer.Activation.Function;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Layers as the plain lists and maps that {@link NetworkFile} reads. */
final class LayerWriter implements LayerVisitor<Object> {
  static final Layer.Reshape FLATTEN = new Layer.Reshape(List.of(-1));

  static List<Object> write(List<Layer> layers) {
    List<Object> list = new ArrayList<>();
    for (Layer layer : layers) {
      // The writer looks only at the layer itself, so a place is not needed.
      list.add(layer.accept(new LayerWriter(), null));
    }
    return list;
  }

  private static Map<String, Object> of(String kind, Object... pairs) {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i + 1] instanceof WeightSpec weights) {
        settings.put("bias", plain(bias(weights)));
        settings.put("init", plain(weights.init()));
        settings.put("spectral-norm", weights.spectralNorm());
      } else {
        settings.put((String) pairs[i], plain(pairs[i + 1]));
      }
    }
    return Map.of(kind, settings);
  }

  private static Object plain(Object value) {
    return value instanceof WeightInit ? value.toString() : value;
  }

  private static Object padding(int padding) {
    return switch (padding) {
      case Layer.SAME -> "same";
      case Layer.SAME_UPPER -> "same-upper";
      case Layer.WRAP -> "wrap";
      default -> padding;
    };
  }

  private static Object bias(WeightSpec weights) {
    return weights.bias().filter(init -> !init.equals(WeightInit.ZEROS)).isPresent()
        ? weights.bias().get()
        : weights.hasBias();
  }

  @Override
  public Object dense(Layer.Dense l, Place at) {
    return of("dense", "units", l.units(), "weights", l.weights());
  }

  @Override
  public Object conv(Layer.Conv l, Place at) {
    return of(
        "conv",
        "channels",
        l.channels(),
        "kernel",
        l.kernel(),
        "stride",
        l.stride(),
        "padding",
        padding(l.padding()),
        "dilation",
        l.dilation(),
        "groups",
        l.groups(),
        "weights",
        l.weights());
  }

  @Override
  public Object deconv(Layer.Deconv l, Place at) {
    return of(
        "deconv",
        "channels",
        l.channels(),
        "kernel",
        l.kernel(),
        "stride",
        l.stride(),
        "padding",
        padding(l.padding()),
        "output-padding",
        l.outputPadding(),
        "groups",
        l.groups(),
        "weights",
        l.weights());
  }

  @Override
  public Object upsample(Layer.Upsample l, Place at) {
    return l.nearest()
        ? Map.of("upsample", l.scale())
        : of("upsample", "scale", l.scale(), "filter", l.filter());
  }

  @Override
  public Object downsample(Layer.Downsample l, Place at) {
    return of("downsample", "scale", l.scale(), "filter", l.filter());
  }

  @Override
  public Object basis(Layer.Basis l, Place at) {
    return of("basis", "height", l.height(), "width", l.width(), "init", l.init());
  }

  @Override
  public Object crop(Layer.Crop l, Place at) {
    return Map.of("crop", l.height() == l.width() ? l.height() : List.of(l.height(), l.width()));
  }

  @Override
  public Object batchNorm(Layer.BatchNorm l, Place at) {
    return of("batch-norm", "momentum", l.momentum(), "epsilon", l.epsilon());
  }

  @Override
  public Object activation(Layer.Activation l, Place at) {
    String kind = YamlCursor.kebab(l.function());
    return l.function() == Function.LEAKY_RELU ? Map.of(kind, l.slope()) : kind;
  }

  @Override
  public Object dropout(Layer.Dropout l, Place at) {
    return Map.of("dropout", l.rate());
  }

  @Override
  public Object reshape(Layer.Reshape l, Place at) {
    return l.equals(FLATTEN) ? "flatten" : Map.of("reshape", l.shape());
  }

  @Override
  public Object pool(Layer.Pool l, Place at) {
    String kind = l.kind() == Layer.Pool.Kind.MAX ? "max-pool" : "average-pool";
    return of(kind, "kernel", l.kernel(), "stride", l.stride());
  }

  @Override
  public Object labelMultiply(Layer.LabelMultiply l, Place at) {
    return of("label-multiply", "init", l.init());
  }

  @Override
  public Object labelChannel(Layer.LabelChannel l, Place at) {
    return of("label-channel", "init", l.init());
  }

  @Override
  public Object labelOneHot(Layer.LabelOneHot l, Place at) {
    return l.scale() == 1 ? "label-one-hot" : Map.of("label-one-hot", l.scale());
  }

  @Override
  public Object residual(Layer.Residual l, Place at) {
    return of("residual", "body", write(l.body()), "shortcut", write(l.shortcut()));
  }

  @Override
  public Object own(Layer.Own l, Place at) {
    List<Object> arrays = new ArrayList<>();
    for (Layer.Own.Array array : l.arrays()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", array.name());
      map.put("shape", array.shape());
      map.put("trained", array.trained());
      arrays.add(map);
    }
    return of(
        "block", "kind", l.kind(), "shape", l.shape(), "labels", l.labels(), "arrays", arrays);
  }
}
