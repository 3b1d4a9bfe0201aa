package dev.djinn.exporter;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Layer.Activation.Function;
import dev.djinn.network.Layer.Pool;
import dev.djinn.network.NetworkException;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of layer over its attributes, against DJL. */
class LayerParityTest {
  private static final WeightInit INIT = WeightInit.GLOROT_UNIFORM;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void dense(boolean bias) {
    for (int units : new int[] {1, 2, 17}) {
      for (int inputs : new int[] {1, 6}) {
        NetworkParity.check(new Shape(inputs), new Layer.Dense(units, weights(INIT, bias, false)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void convolution(int kernel) {
    int compared = 0;
    for (int stride = 1; stride <= 3; stride++) {
      for (int padding : new int[] {Layer.SAME, Layer.SAME_UPPER, 0, 1, 2}) {
        for (int groups = 1; groups <= 2; groups++) {
          // Dilation goes along with the groups of every other stride, to keep the sweep short.
          int dilation = 1 + (groups + stride) % 2;
          Layer layer =
              new Layer.Conv(
                  4, kernel, stride, padding, dilation, groups, weights(INIT, stride != 2, false));
          compared += checkIfItFits(new Shape(2, 9, 8), layer);
        }
      }
    }
    Assertions.assertTrue(compared >= 15, compared + " compared");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void transposedConvolution(int kernel) {
    int compared = 0;
    for (int stride = 1; stride <= 3; stride++) {
      for (int padding : new int[] {Layer.SAME, Layer.SAME_UPPER, 0, 1, 2}) {
        for (int extra = 0; extra < stride; extra++) {
          for (int groups = 1; groups <= 2; groups++) {
            int channels = extra == 0 ? 2 : 6;
            compared += checkDeconvolution(channels, kernel, stride, padding, extra, groups);
          }
        }
      }
    }
    Assertions.assertTrue(compared >= 20, compared + " compared");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void spectralNorm(int groups) {
    NetworkParity.check(new Shape(6), new Layer.Dense(5, weights(INIT, groups == 1, true)));
    NetworkParity.check(
        new Shape(2, 5, 5),
        new Layer.Conv(4, 3, 2, 1, 1, groups, WeightSpec.of(INIT).withSpectralNorm()));
    NetworkParity.check(
        new Shape(2, 5, 5),
        new Layer.Deconv(4, 4, 2, 1, 0, groups, WeightSpec.of(INIT).withSpectralNorm()));
  }

  @Test
  void singleChannels() {
    NetworkParity.check(new Shape(1, 5, 5), new Layer.Conv(1, 3, 1, 1, 1, 1, WeightSpec.of(INIT)));
    NetworkParity.check(
        new Shape(1, 5, 5), new Layer.Deconv(1, 3, 2, 1, 1, 1, WeightSpec.of(INIT)));
    NetworkParity.check(
        new Shape(1, 1, 1), new Layer.Deconv(1, 4, 1, 0, 0, 1, WeightSpec.of(INIT)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void upsampling(int scale) {
    NetworkParity.check(new Shape(3, 5, 4), new Layer.Upsample(scale));
    NetworkParity.check(new Shape(1, 1, 1), new Layer.Upsample(scale));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void crop(int side) {
    NetworkParity.check(new Shape(3, 5, 4), new Layer.Crop(side));
    NetworkParity.check(new Shape(1, 4, 4), new Layer.Crop(side));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-5, 1e-3, 0.1})
  void batchNorm(double epsilon) {
    NetworkParity.check(new Shape(7), new Layer.BatchNorm(0.99, epsilon));
    NetworkParity.check(new Shape(3, 4, 5), new Layer.BatchNorm(0.9, epsilon));
    NetworkParity.check(new Shape(1, 1, 1), new Layer.BatchNorm(0.9, epsilon));
  }

  @ParameterizedTest
  @EnumSource(Function.class)
  void activation(Function function) {
    for (double slope : new double[] {0.01, 0.2, 0.3}) {
      NetworkParity.check(
          new Shape(30),
          new Layer.Activation(function, function == Function.LEAKY_RELU ? slope : 0));
    }
  }

  @Test
  void dropout() {
    NetworkParity.check(new Shape(9), new Layer.Dropout(0.5));
  }

  @Test
  void reshape() {
    NetworkParity.check(new Shape(12), new Layer.Reshape(List.of(3, 2, 2)));
    NetworkParity.check(new Shape(3, 2, 2), new Layer.Reshape(List.of(-1)));
    NetworkParity.check(new Shape(4, 2, 6), new Layer.Reshape(List.of(3, -1, 2)));
  }

  @ParameterizedTest
  @EnumSource(Pool.Kind.class)
  void pooling(Pool.Kind kind) {
    for (int kernel = 1; kernel <= 3; kernel++) {
      for (int stride = 1; stride <= 3; stride++) {
        NetworkParity.check(new Shape(2, 7, 6), new Pool(kind, kernel, stride));
      }
    }
  }

  @Test
  void labels() {
    NetworkParity.check(new Shape(5), new Layer.LabelMultiply(INIT));
    NetworkParity.check(new Shape(2, 3, 4), new Layer.LabelChannel(INIT));
    NetworkParity.check(new Shape(5), new Layer.LabelOneHot(1));
    NetworkParity.check(new Shape(2, 3, 4), new Layer.LabelOneHot(2.5));
  }

  @Test
  void residual() {
    List<Layer> body =
        List.of(
            new Layer.Conv(4, 3, 2, Layer.SAME, 1, 1, WeightSpec.of(INIT).withoutBias()),
            new Layer.BatchNorm(0.9, 1e-5),
            new Layer.Activation(Function.RELU, 0));
    List<Layer> shortcut = List.of(new Layer.Conv(4, 1, 2, 0, 1, 1, WeightSpec.of(INIT)));
    NetworkParity.check(new Shape(2, 8, 7), new Layer.Residual(body, shortcut));
    NetworkParity.check(
        new Shape(6),
        new Layer.Residual(
            List.of(new Layer.Dense(6, WeightSpec.of(INIT)), new Layer.BatchNorm(0.9, 1e-5)),
            List.of()));
  }

  private static int checkDeconvolution(
      int channels, int kernel, int stride, int padding, int extra, int groups) {
    Layer layer;
    try {
      layer =
          new Layer.Deconv(
              channels, kernel, stride, padding, extra, groups, weights(INIT, extra == 0, false));
    } catch (NetworkException e) {
      return 0;
    }
    return checkIfItFits(new Shape(2, 5, 4), layer);
  }

  /** Some combinations are no layer at all; the network refuses those. */
  private static int checkIfItFits(Shape input, Layer layer) {
    try {
      NetworkParity.check(input, layer);
      return 1;
    } catch (NetworkException e) {
      return 0;
    }
  }

  private static WeightSpec weights(WeightInit init, boolean bias, boolean spectralNorm) {
    Optional<WeightInit> biases = bias ? Optional.of(WeightInit.ZEROS) : Optional.empty();
    return new WeightSpec(init, biases, spectralNorm);
  }
}
