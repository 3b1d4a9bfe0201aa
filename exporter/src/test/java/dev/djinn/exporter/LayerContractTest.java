package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkFile;
import dev.djinn.run.Presets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every kind of layer promises: it is read from a network file and written back as it was, and
 * libtorch and ONNX Runtime compute the same with it, on the same weights, plain and rewritten.
 */
class LayerContractTest {
  private static final int CLASSES = 3;
  private static final String FROM_LATENT = "{dense: {units: 72}}, {reshape: [2, 6, 6]}";

  @TempDir Path folder;

  /** A kind, and a generator of it from 8 numbers to two channels of 6 × 6. */
  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of(Layer.Dense.class, "{dense: {units: 72, bias: false}}, {reshape: [2, 6, 6]}"),
        Arguments.of(Layer.Reshape.class, "{dense: {units: 72}}, {reshape: [2, -1, 6]}"),
        Arguments.of(
            Layer.Conv.class,
            FROM_LATENT + ", {conv: {channels: 2, kernel: 3, groups: 2, bias: false}}"),
        Arguments.of(
            Layer.Conv.class,
            "{dense: {units: 288}}, {reshape: [2, 12, 12]},"
                + " {conv: {channels: 2, kernel: 5, stride: 2, padding: same-upper}}"),
        Arguments.of(
            Layer.Conv.class,
            FROM_LATENT + ", {conv: {channels: 2, kernel: 3, padding: 2, dilation: 2}}"),
        Arguments.of(
            Layer.Conv.class,
            FROM_LATENT + ", {conv: {channels: 2, kernel: 3, spectral-norm: true}}"),
        Arguments.of(
            Layer.Conv.class,
            "{dense: {units: 18}}, {reshape: [2, 3, 3]}, {upsample: 2},"
                + " {conv: {channels: 2, kernel: 3, padding: wrap}}, {leaky-relu: 0.2},"
                + " {conv: {channels: 2, kernel: 4, padding: wrap}}"),
        Arguments.of(
            Layer.Conv.class,
            "{dense: {units: 242}}, {reshape: [2, 11, 11]},"
                + " {conv: {channels: 2, kernel: 5, stride: 2, padding: wrap}}"),
        Arguments.of(
            Layer.Deconv.class,
            "{dense: {units: 18}}, {reshape: [2, 3, 3]},"
                + " {deconv: {channels: 2, kernel: 4, stride: 2, padding: wrap}},"
                + " {batch-norm: {momentum: 0.9}}, relu,"
                + " {deconv: {channels: 2, kernel: 3, padding: wrap}}"),
        Arguments.of(
            Layer.Deconv.class,
            "{dense: {units: 18}}, {reshape: [2, 3, 3]},"
                + " {deconv: {channels: 2, kernel: 5, stride: 2, padding: wrap}}"),
        Arguments.of(
            Layer.Deconv.class,
            "{dense: {units: 18}}, {reshape: [2, 3, 3]},"
                + " {deconv: {channels: 2, kernel: 4, stride: 2}}"),
        Arguments.of(
            Layer.Deconv.class,
            "{dense: {units: 18}}, {reshape: [2, 3, 3]},"
                + " {deconv: {channels: 2, kernel: 5, stride: 2, padding: same-upper}}"),
        Arguments.of(
            Layer.Upsample.class, "{dense: {units: 18}}, {reshape: [2, 3, 3]}, {upsample: 2}"),
        Arguments.of(
            Layer.Upsample.class,
            "{dense: {units: 18}}, {reshape: [2, 3, 3]}, {upsample: {filter: [1, 2, 1]}}"),
        Arguments.of(
            Layer.Upsample.class,
            "{dense: {units: 8}}, {reshape: [2, 2, 2]},"
                + " {upsample: {scale: 3, filter: [1, 4, 6, 4, 1]}}"),
        Arguments.of(
            Layer.Downsample.class,
            "{dense: {units: 288}}, {reshape: [2, 12, 12]}, {downsample: {filter: [1, 2, 1]}}"),
        Arguments.of(
            Layer.Downsample.class,
            "{dense: {units: 242}}, {reshape: [2, 11, 11]}, {downsample: 2}"),
        Arguments.of(
            Layer.Basis.class,
            "{dense: {units: 2, bias: false}}, {basis: {height: 6, width: 6}}, {leaky-relu: 0.2}"),
        Arguments.of(
            Layer.Conv.class,
            FROM_LATENT
                + ", {conv: {channels: 4, kernel: 1, bias: false, init: equalized 1}},"
                + " {residual: {body: [{conv: {channels: 8, kernel: 3, groups: 2}},"
                + " {leaky-relu: 0.2}, {conv: {channels: 4, kernel: 1, init: equalized-zero 1}}]}},"
                + " {conv: {channels: 2, kernel: 1}}"),
        Arguments.of(Layer.Crop.class, "{dense: {units: 98}}, {reshape: [2, 7, 7]}, {crop: 6}"),
        Arguments.of(
            Layer.BatchNorm.class,
            "{dense: {units: 72}}, {batch-norm: {epsilon: 0.01}}, {reshape: [2, 6, 6]},"
                + " {batch-norm: {momentum: 0.9}}"),
        Arguments.of(
            Layer.Activation.class, FROM_LATENT + ", relu, {leaky-relu: 0.3}, tanh, sigmoid"),
        Arguments.of(Layer.Dropout.class, FROM_LATENT + ", {dropout: 0.4}"),
        Arguments.of(
            Layer.Pool.class,
            "{dense: {units: 288}}, {reshape: [2, 12, 12]}, {max-pool: {kernel: 2}}"),
        Arguments.of(
            Layer.Pool.class,
            "{dense: {units: 128}}, {reshape: [2, 8, 8]}, {average-pool: {kernel: 3, stride: 1}}"),
        Arguments.of(Layer.LabelMultiply.class, "label-multiply, " + FROM_LATENT),
        Arguments.of(
            Layer.LabelChannel.class,
            FROM_LATENT + ", label-channel, {conv: {channels: 2, kernel: 1}}"),
        Arguments.of(Layer.LabelOneHot.class, "{label-one-hot: 2.5}, " + FROM_LATENT),
        Arguments.of(
            Layer.LabelOneHot.class,
            FROM_LATENT + ", label-one-hot, {conv: {channels: 2, kernel: 3}}"),
        Arguments.of(
            Layer.Residual.class,
            FROM_LATENT
                + ", {residual: {body: [{conv: {channels: 2, kernel: 3}}, relu],"
                + " shortcut: [{conv: {channels: 2, kernel: 1}}]}}"));
  }

  @Test
  void everyKindIsHere() {
    Set<Class<?>> sealed =
        Arrays.stream(Layer.class.getPermittedSubclasses()).collect(Collectors.toSet());
    // A DJL block of somebody's own is in no YAML, and is exported as a block.
    sealed.remove(Layer.Own.class);
    Set<Object> tested = kinds().map(kind -> kind.get()[0]).collect(Collectors.toSet());
    assertEquals(sealed, tested);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void isTheSameInYamlLibtorchAndOnnx(Class<? extends Layer> kind, String layers)
      throws IOException {
    Network network = read("[" + layers + "]");
    assertTrue(network.layers().stream().anyMatch(kind::isInstance), network.toString());
    assertEquals(new Shape(2, 6, 6), network.output());

    Network again = read(new Gson().toJson(NetworkFile.write(network.layers())));
    assertEquals(network.layers(), again.layers());

    NetworkParity.check(network.input(), again.layers(), 11);
  }

  /** As a user's file is read. */
  private Network read(String layers) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), FILE.formatted(layers));
    return Presets.settings(file.toString(), Map.of(), CLASSES).generator().network();
  }

  private static final String FILE =
      """
      name: contract
      image: {side: 6, channels: 2, pixels: -1..1}
      latent: {size: 8, distribution: normal}
      classes: data
      batch: 2
      steps: 1
      loss: non-saturating
      discriminator-batches: separate
      generator-mode: training
      generated: once
      schedule: alternating
      sample-every: 1
      sample-count: 4
      sample-columns: 2
      log-every: 1
      checkpoint-every: 1
      generator:
        optimizer: adam
        rate: 1e-3
        beta1: 0.5
        beta2: 0.999
        epsilon: 1e-7
        layers: %s
      discriminator:
        optimizer: adam
        rate: 1e-3
        beta1: 0.5
        beta2: 0.999
        epsilon: 1e-7
        layers: [label-channel, flatten, {dense: {units: 1}}]
      """;
}
