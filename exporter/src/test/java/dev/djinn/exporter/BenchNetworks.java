package dev.djinn.exporter;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Layer.Activation;
import dev.djinn.network.Layer.Activation.Function;
import dev.djinn.network.Network;
import dev.djinn.network.WeightInit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The generators of the five systems, for 28×28×1 and ten classes, to time their graphs. */
final class BenchNetworks {
  private static final WeightInit INIT = WeightInit.GLOROT_UNIFORM;
  private static final Layer RELU = new Activation(Function.RELU, 0);
  private static final Layer TANH = new Activation(Function.TANH, 0);
  private static final Layer SIGMOID = new Activation(Function.SIGMOID, 0);
  private static final Layer NORM = new Layer.BatchNorm(0.99, 1e-3);

  private BenchNetworks() {}

  /** Returns the networks by the names of their presets. */
  static Map<String, Network> all() {
    Map<String, Network> networks = new LinkedHashMap<>();
    networks.put("gan", network(100, gan()));
    networks.put("upsampling-gan", network(100, upsamplingGan()));
    networks.put("dcgan", network(100, dcgan()));
    networks.put("cgan", network(100, cgan()));
    networks.put("manifold-cgan", network(2, manifoldCgan()));
    networks.put("quick", network(100, quick()));
    return networks;
  }

  private static Network network(int latent, List<Layer> layers) {
    return new Network("generator", new Shape(latent), 10, layers);
  }

  private static List<Layer> gan() {
    List<Layer> layers = new ArrayList<>();
    for (int units : new int[] {256, 512, 1024}) {
      layers.addAll(List.of(dense(units), leaky(0.2), NORM));
    }
    layers.addAll(List.of(new Layer.Dropout(0.5), dense(784), SIGMOID, image(1, 28)));
    return layers;
  }

  private static List<Layer> upsamplingGan() {
    return List.of(
        dense(200 * 14 * 14),
        NORM,
        RELU,
        image(200, 14),
        new Layer.Upsample(2),
        conv(100, 3),
        NORM,
        RELU,
        conv(50, 3),
        NORM,
        RELU,
        conv(1, 1),
        SIGMOID);
  }

  private static List<Layer> dcgan() {
    return List.of(
        dense(7 * 7 * 256),
        image(256, 7),
        deconv(128, 3, 2),
        NORM,
        leaky(0.01),
        deconv(64, 3, 1),
        NORM,
        leaky(0.01),
        deconv(1, 3, 2),
        TANH);
  }

  private static List<Layer> cgan() {
    List<Layer> layers = new ArrayList<>(List.of(new Layer.LabelMultiply(WeightInit.EMBEDDING)));
    layers.addAll(dcgan());
    return layers;
  }

  private static List<Layer> manifoldCgan() {
    Layer drop = new Layer.Dropout(0.3);
    return List.of(
        new Layer.LabelOneHot(),
        dense(7 * 7 * 64),
        RELU,
        drop,
        image(64, 7),
        new Layer.Upsample(2),
        conv(64, 5),
        RELU,
        drop,
        conv(32, 3),
        RELU,
        drop,
        new Layer.Upsample(2),
        conv(1, 5),
        SIGMOID);
  }

  private static List<Layer> quick() {
    return List.of(
        new Layer.Dense(128 * 49, false, INIT),
        NORM,
        RELU,
        image(128, 7),
        deconv(64, 4, 2),
        NORM,
        RELU,
        deconv(1, 4, 2),
        TANH);
  }

  private static Layer dense(int units) {
    return new Layer.Dense(units, true, INIT);
  }

  private static Layer conv(int channels, int kernel) {
    return new Layer.Conv(channels, kernel, 1, Layer.SAME, 1, 1, true, INIT);
  }

  private static Layer deconv(int channels, int kernel, int stride) {
    return new Layer.Deconv(channels, kernel, stride, Layer.SAME, Layer.SAME, 1, true, INIT);
  }

  private static Layer leaky(double slope) {
    return new Activation(Function.LEAKY_RELU, slope);
  }

  private static Layer image(int channels, int side) {
    return new Layer.Reshape(List.of(channels, side, side));
  }
}
