package dev.djinn.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.LayerVisitor.Place;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerTest {
  private static Layer.Conv conv(int kernel, int stride, int padding) {
    return new Layer.Conv(8, kernel, stride, padding, 1, 1, true, WeightInit.GLOROT_UNIFORM);
  }

  private static Layer.Deconv deconv(int kernel, int stride) {
    return new Layer.Deconv(8, kernel, stride, Layer.SAME, 0, 1, true, WeightInit.GLOROT_UNIFORM);
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
    Layer dense = new Layer.Dense(5, true, WeightInit.GLOROT_UNIFORM);
    assertEquals(new Shape(5, 7), dense.parameters(at(7)).get(0).shape());
  }

  @Test
  void networkNamesTheLayerThatDoesNotFit() {
    List<Layer> layers =
        List.of(
            new Layer.Dense(12, true, WeightInit.GLOROT_UNIFORM),
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
        new Layer.Residual(List.of(new Layer.Dense(3, true, WeightInit.ZEROS)), List.of());
    NetworkException e =
        assertThrows(
            NetworkException.class, () -> new Network("d", new Shape(4), 0, List.of(residual)));
    assertEquals("d layer 00: residual body makes (3) but its shortcut (4)", e.getMessage());
  }
}
