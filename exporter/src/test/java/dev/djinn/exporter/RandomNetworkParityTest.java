package dev.djinn.exporter;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Layer.Activation.Function;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkException;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole networks drawn from seeds, against DJL: layers of all kinds in orders nobody thought of.
 */
class RandomNetworkParityTest {
  private static final WeightInit INIT = WeightInit.GLOROT_UNIFORM;

  static LongStream seeds() {
    return LongStream.range(0, 80);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void isTheNetwork(long seed) {
    Random random = new Random(seed);
    Shape input =
        random.nextBoolean()
            ? new Shape(1 + random.nextInt(9))
            : new Shape(1 + random.nextInt(4), 3 + random.nextInt(6), 3 + random.nextInt(6));
    NetworkParity.check(input, layers(random, input, 3 + random.nextInt(8)), seed);
  }

  private static List<Layer> layers(Random random, Shape input, int wanted) {
    List<Layer> layers = new ArrayList<>();
    for (int tries = 0; tries < 200 && layers.size() < wanted; tries++) {
      try {
        layers.add(layer(random, layers.isEmpty() ? input : shape(input, layers)));
        if (shape(input, layers).size() > 4000) {
          layers.remove(layers.size() - 1);
        }
      } catch (NetworkException e) {
        // A layer that does not fit: draw another.
        if (!layers.isEmpty() && !fits(input, layers)) {
          layers.remove(layers.size() - 1);
        }
      }
    }
    return layers;
  }

  private static boolean fits(Shape input, List<Layer> layers) {
    try {
      shape(input, layers);
      return true;
    } catch (NetworkException e) {
      return false;
    }
  }

  private static Shape shape(Shape input, List<Layer> layers) {
    return new Network("network", input, 3, layers).output();
  }

  private static Layer layer(Random random, Shape at) {
    boolean bias = random.nextBoolean();
    boolean norm = random.nextInt(4) == 0;
    int channels = 1 + random.nextInt(6);
    int kernel = 1 + random.nextInt(5);
    int stride = 1 + random.nextInt(2);
    int groups = 1 + random.nextInt(2);
    int padding = random.nextInt(6) - 3;
    return switch (random.nextInt(15)) {
      case 0, 1 -> new Layer.Dense(1 + random.nextInt(40), weights(INIT, bias, norm));
      case 2, 3 ->
          new Layer.Conv(
              channels,
              kernel,
              stride,
              padding,
              1 + random.nextInt(2),
              groups,
              weights(INIT, bias, norm));
      case 4, 5 ->
          new Layer.Deconv(channels, kernel, stride, padding, 0, groups, weights(INIT, bias, norm));
      case 6 ->
          at.dimension() == 1
              ? new Layer.Basis(1 + random.nextInt(3), 1 + random.nextInt(3), INIT)
              : random.nextBoolean()
                  ? new Layer.Upsample(2, random.nextBoolean() ? List.of(1) : List.of(1, 2, 1))
                  : new Layer.Downsample(1 + random.nextInt(3), List.of(1, 3, 1));
      case 7 -> new Layer.Crop(1 + random.nextInt(6));
      case 8, 13 -> new Layer.BatchNorm(0.9, 1e-3);
      case 9, 10 -> {
        Function function = List.of(Function.values()).get(random.nextInt(4));
        yield new Layer.Activation(function, function == Function.LEAKY_RELU ? 0.2 : 0);
      }
      case 11 -> new Layer.Dropout(0.3);
      case 12 ->
          at.dimension() == 3
              ? random.nextBoolean()
                  ? new Layer.Reshape(List.of(-1))
                  : new Layer.Pool(
                      List.of(Layer.Pool.Kind.values()).get(random.nextInt(2)), 2, stride)
              : new Layer.Reshape(List.of(-1, 2, 3));
      default -> conditional(random, at);
    };
  }

  private static Layer conditional(Random random, Shape at) {
    return switch (random.nextInt(4)) {
      case 0 -> new Layer.LabelOneHot(1);
      case 1 -> at.dimension() == 1 ? new Layer.LabelMultiply(INIT) : new Layer.LabelChannel(INIT);
      default ->
          new Layer.Residual(List.of(layer(random, at), new Layer.BatchNorm(0.9, 1e-5)), List.of());
    };
  }

  private static WeightSpec weights(WeightInit init, boolean bias, boolean spectralNorm) {
    Optional<WeightInit> biases = bias ? Optional.of(WeightInit.ZEROS) : Optional.empty();
    return new WeightSpec(init, biases, spectralNorm);
  }
}
