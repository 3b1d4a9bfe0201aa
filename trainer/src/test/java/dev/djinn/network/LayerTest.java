package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.LayerVisitor.Place;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerTest {
  private static Layer.Conv conv(int kernel, int stride, int padding) {
    return new Layer.Conv(
        8, kernel, stride, padding, 1, 1, WeightSpec.of(WeightInit.GLOROT_UNIFORM));
  }

  private static Layer.Deconv deconv(int kernel, int stride) {
    return new Layer.Deconv(
        8, kernel, stride, Layer.SAME, 0, 1, WeightSpec.of(WeightInit.GLOROT_UNIFORM));
  }

  private static Place at(long... shape) {
    return new Place("00", new Shape(shape), 10);
  }

  @ParameterizedTest
  @CsvSource({"3,2,28,14", "3,2,7,4", "4,2,28,14", "4,2,7,4", "5,2,28,14", "7,2,28,14", "3,1,9,9"})
  void sameConvolutionDividesTheSideRoundedUp(int kernel, int stride, long side, long expected) {
    assertEquals(
        new Shape(8, expected, expected),
        conv(kernel, stride, Layer.SAME).output(at(1, side, side)));
  }

  @ParameterizedTest
  @CsvSource({"3,2,7,14", "3,1,14,14", "4,2,7,14", "5,2,7,14", "2,2,7,14", "1,2,7,14", "5,3,4,12"})
  void sameTransposedConvolutionMultipliesTheSideExactly(
      int kernel, int stride, long side, long expected) {
    assertEquals(
        new Shape(8, expected, expected), deconv(kernel, stride).output(at(1, side, side)));
  }

  @Test
  void evenKernelCannotKeepTheSideWithEqualPadding() {
    NetworkException e =
        assertThrows(NetworkException.class, () -> conv(2, 1, Layer.SAME).output(at(1, 28, 28)));
    assertTrue(e.getMessage().contains("layer 00: conv 2×2 cannot keep side 28"), e.getMessage());
  }

  @Test
  void weightsHaveTorchsLayout() {
    assertEquals(new Shape(8, 3, 5, 5), conv(5, 1, 2).parameters(at(3, 9, 9)).get(0).shape());
    assertEquals(new Shape(3, 8, 4, 4), deconv(4, 2).parameters(at(3, 9, 9)).get(0).shape());
    Layer dense = new Layer.Dense(5, WeightSpec.of(WeightInit.GLOROT_UNIFORM));
    assertEquals(new Shape(5, 7), dense.parameters(at(7)).get(0).shape());
  }

  @Test
  void networkNamesTheLayerThatDoesNotFit() {
    List<Layer> layers =
        List.of(
            new Layer.Dense(12, WeightSpec.of(WeightInit.GLOROT_UNIFORM)),
            new Layer.Reshape(List.of(3, 2, 3)));
    NetworkException e =
        assertThrows(
            NetworkException.class, () -> new Network("generator", new Shape(4), 0, layers));
    assertEquals(
        "generator layer 01: reshape to [3, 2, 3] needs 18 elements, (12) has 12", e.getMessage());
  }

  @Test
  void labelsNeedAConditionalNetwork() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () ->
                new Network(
                    "generator",
                    new Shape(4),
                    0,
                    List.of(new Layer.LabelMultiply(WeightInit.EMBEDDING))));
    assertTrue(e.getMessage().contains("label-multiply needs labels"), e.getMessage());
  }

  @Test
  void residualPathsMustMeet() {
    Layer residual =
        new Layer.Residual(List.of(new Layer.Dense(3, WeightSpec.of(WeightInit.ZEROS))), List.of());
    NetworkException e =
        assertThrows(
            NetworkException.class, () -> new Network("d", new Shape(4), 0, List.of(residual)));
    assertEquals("d layer 00: residual body makes (3) but its shortcut (4)", e.getMessage());
  }

  /**
   * TensorFlow's rule (its guide on neural network operations): with a total of (⌈side / stride⌉ −
   * 1) · stride + kernel − side, half of it rounded down in front and the rest behind.
   */
  @ParameterizedTest
  @CsvSource({
    "3,2,28,0,1",
    "5,2,28,1,2",
    "7,2,28,2,3",
    "3,2,7,1,1",
    "3,1,28,1,1",
    "4,1,28,1,2",
    "2,1,9,0,1"
  })
  void upperPaddingPutsItsOddRowAtTheEnd(int kernel, int stride, long side, int before, int after) {
    Layer.Conv conv = conv(kernel, stride, Layer.SAME_UPPER);
    assertEquals(before, conv.paddingFor(side));
    assertEquals(after, conv.paddingAfter(side));
    long expected = (side + stride - 1) / stride;
    assertEquals(new Shape(8, expected, expected), conv.output(at(1, side, side)));
  }

  @ParameterizedTest
  @CsvSource({"3,2,0,-1", "5,2,1,-1", "4,2,1,0", "3,1,1,0", "2,2,0,0", "4,3,0,-1"})
  void upperTransposedConvolutionCutsItsOddRowAtTheEnd(
      int kernel, int stride, int padding, int outputPadding) {
    Layer.Deconv deconv =
        new Layer.Deconv(
            8, kernel, stride, Layer.SAME_UPPER, 0, 1, WeightSpec.of(WeightInit.GLOROT_UNIFORM));
    assertEquals(padding, deconv.padding());
    assertEquals(outputPadding, deconv.outputPadding());
    assertEquals(new Shape(8, 7L * stride, 7L * stride), deconv.output(at(1, 7, 7)));
  }

  @Test
  void aBiasIsNotDrawnByTheShapeOfAWeight() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> new WeightSpec(WeightInit.ZEROS, Optional.of(WeightInit.GLOROT_UNIFORM), false));
    assertTrue(e.getMessage().contains("a bias cannot have init glorot-uniform"), e.getMessage());
  }
}
