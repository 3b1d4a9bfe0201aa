package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkException;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Seen.Augment;
import dev.djinn.settings.Settings;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import dev.djinn.trainer.TinyRun;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  /** What a draw of ½ changes: nothing but saturation and contrast, both times 1. */
  private static final float STILL = 0.5f;

  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get().setRandomSeed(3);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private Augmentation augmentation(Set<Augment> kinds, int side, int channels, int low) {
    return new Augmentation(kinds, new Settings.Image(side, side, channels, low), manager);
  }

  /** Draws of a batch, all of one picture's seven after each other. */
  private NDArray draws(float[]... pictures) {
    float[] flat = new float[Augmentation.DRAWS * pictures.length];
    for (int i = 0; i < pictures.length; i++) {
      for (int k = 0; k < Augmentation.DRAWS; k++) {
        flat[k * pictures.length + i] = pictures[i][k];
      }
    }
    return manager.create(flat, new Shape(Augmentation.DRAWS, pictures.length));
  }

  private float[] apply(Augmentation augmentation, NDArray images, float[]... pictures) {
    NDArray changed = GradientMode.unrecorded(() -> augmentation.of(images, draws(pictures)));
    assertEquals(images.getShape(), changed.getShape());
    return changed.toFloatArray();
  }

  private NDArray numbered(int batch, int channels, int side) {
    return manager
        .arange(1f, batch * channels * side * side + 1f)
        .reshape(batch, channels, side, side);
  }

  @Test
  void nothingIsTheSameArray() {
    NDArray images = numbered(2, 1, 4);
    assertSame(images, augmentation(Set.of(), 4, 1, -1).of(images));
  }

  /** Side 8 moves by −1 … 1: draws under ⅓, under ⅔ and above. */
  @ParameterizedTest
  @CsvSource({"0.1, 0.5, -1, 0", "0.9, 0.1, 1, -1", "0.5, 0.99, 0, 1", "0.4, 0.6, 0, 0"})
  void translationMovesAndFillsWithZeros(float y, float x, int down, int right) {
    NDArray images = numbered(1, 2, 8);
    float[] in = images.toFloatArray();
    float[] expected = new float[in.length];
    for (int c = 0; c < 2; c++) {
      for (int row = 0; row < 8; row++) {
        for (int column = 0; column < 8; column++) {
          int fromRow = row - down;
          int fromColumn = column - right;
          boolean inside = fromRow >= 0 && fromRow < 8 && fromColumn >= 0 && fromColumn < 8;
          expected[(c * 8 + row) * 8 + column] =
              inside ? in[(c * 8 + fromRow) * 8 + fromColumn] : 0;
        }
      }
    }
    float[] draws = {STILL, STILL, STILL, y, x, STILL, STILL};
    assertArrayEquals(
        expected, apply(augmentation(EnumSet.of(Augment.TRANSLATION), 8, 2, -1), images, draws), 0);
  }

  /** Side 4 loses 2×2 pixels around one of five rows and columns; the corners lose a part. */
  @ParameterizedTest
  @CsvSource({"0.5, 0.5, 1, 1", "0, 0.99, -1, 3", "0.3, 0.7, 0, 2"})
  void cutoutBlanksASquareOfHalfTheSide(float y, float x, int top, int left) {
    NDArray images = numbered(1, 3, 4);
    float[] expected = images.toFloatArray();
    for (int i = 0; i < expected.length; i++) {
      int row = i / 4 % 4;
      int column = i % 4;
      if (row >= top && row < top + 2 && column >= left && column < left + 2) {
        expected[i] = 0;
      }
    }
    float[] draws = {STILL, STILL, STILL, STILL, STILL, y, x};
    assertArrayEquals(
        expected, apply(augmentation(EnumSet.of(Augment.CUTOUT), 4, 3, -1), images, draws), 0);
  }

  /** A picture of 0 and 1, mean ½. Brightness adds draw − ½, halved where pixels are in [0, 1]. */
  @Test
  void greyColourChangesByHand() {
    NDArray images = manager.create(new float[] {0, 1, 0, 1}, new Shape(1, 1, 2, 2));
    float[] draws = {0.9f, 0.3f, 0.75f, 0, 0, 0, 0};
    // Contrast 0.75 + 0.5 about the mean 0.5 + 0.4: 0.9 ∓ 0.625.
    assertArrayEquals(
        new float[] {0.275f, 1.525f, 0.275f, 1.525f},
        apply(augmentation(EnumSet.of(Augment.COLOR), 2, 1, -1), images, draws),
        1e-6f);
    assertArrayEquals(
        new float[] {0.075f, 1.325f, 0.075f, 1.325f},
        apply(augmentation(EnumSet.of(Augment.COLOR), 2, 1, 0), images, draws),
        1e-6f);
  }

  /** One pixel (0.6, 0, 0): saturation 0 makes it its mean 0.2, saturation 1.5 spreads it. */
  @Test
  void saturationChangesByHandEachPictureForItself() {
    float[] pixels = {0.6f, 0, 0, 0.6f, 0, 0};
    NDArray images = manager.create(pixels, new Shape(2, 3, 1, 1));
    assertArrayEquals(
        new float[] {0.2f, 0.2f, 0.2f, 0.8f, -0.1f, -0.1f},
        apply(
            augmentation(EnumSet.of(Augment.COLOR), 1, 3, -1),
            images,
            new float[] {STILL, 0, STILL, 0, 0, 0, 0},
            new float[] {STILL, 0.75f, STILL, 0, 0, 0, 0}),
        1e-6f);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void gradientsPassThroughEveryChange(long seed) {
    TorchEngine.get().setRandomSeed((int) seed);
    Augmentation augmentation = augmentation(EnumSet.allOf(Augment.class), 8, 3, -1);
    NDArray images = manager.randomNormal(new Shape(2, 3, 8, 8));
    NDArray draws = manager.randomUniform(0f, 1f, new Shape(Augmentation.DRAWS, 2));
    NDArray weights = manager.randomNormal(images.getShape());
    NDArray leaf = images.duplicate();
    leaf.setRequiresGradient(true);
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def gradient(self, y: Tensor, w: Tensor, x: Tensor) -> List[Optional[Tensor]]:
              return torch.autograd.grad([torch.sum(y * w)], [x])
            """);
    float[] exact =
        GradientMode.recorded(
                () -> script.call("gradient", augmentation.of(leaf, draws), weights, leaf))
            .singletonOrThrow()
            .toFloatArray();
    // Each change is linear in the picture, so any step is as good: a large one rounds least.
    int some = 0;
    for (int i = 0; i < exact.length; i += 7) {
      double difference = 0;
      for (int side = -1; side <= 1; side += 2) {
        float[] moved = images.toFloatArray();
        moved[i] += side;
        NDArray x = manager.create(moved, images.getShape());
        NDArray y = GradientMode.unrecorded(() -> augmentation.of(x, draws));
        difference += side * dot(y.toFloatArray(), weights.toFloatArray()) / 2;
      }
      assertEquals(difference, exact[i], 1e-3, "seed " + seed + ", pixel " + i);
      some += Math.abs(exact[i]) > 0.1 ? 1 : 0;
    }
    assertTrue(some > 5, "seed " + seed + ": only " + some + " gradients are not near 0");
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void drawsFollowTheEnginesSeed() {
    Augmentation augmentation = augmentation(EnumSet.allOf(Augment.class), 28, 1, -1);
    NDArray images = manager.randomNormal(new Shape(4, 1, 28, 28));
    float[][] made = new float[3][];
    for (int i = 0; i < 3; i++) {
      TorchEngine.get().setRandomSeed(i == 2 ? 8 : 7);
      made[i] = GradientMode.unrecorded(() -> augmentation.of(images)).toFloatArray();
    }
    assertArrayEquals(made[0], made[1], 0);
    assertTrue(!java.util.Arrays.equals(made[0], made[2]));
  }

  @Test
  void settingsNameTheChanges() {
    Settings settings = TinyRun.settings(Map.of("augment", "[cutout, color]"));
    assertEquals(Set.of(Augment.COLOR, Augment.CUTOUT), settings.rules().seen().augment());
    assertEquals(Set.of(), TinyRun.settings(Map.of()).rules().seen().augment());
    assertEquals(Set.of(), TinyRun.settings(Map.of("augment", "[]")).rules().seen().augment());
    NetworkException e =
        assertThrows(NetworkException.class, () -> TinyRun.settings(Map.of("augment", "[mirror]")));
    assertTrue(e.getMessage().contains("augment[0]: unknown value 'mirror'"), e.getMessage());
  }
}
