package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.data.DataOptions.Fit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplerTest {
  @Test
  void averagesOverTheAreaOfEachPixel() {
    // 3 to 2: the middle row and column are shared half and half; worked out by hand.
    byte[] source = {9, 18, 27, 36, 45, 54, 63, 72, 81};
    assertArrayEquals(new byte[] {21, 33, 57, 69}, resample(source, 3, 3, 2));
  }

  @Test
  void interpolatesBetweenCentresWhenEnlarging() {
    assertArrayEquals(
        new byte[] {0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100},
        resample(new byte[] {0, 100, 0, 100}, 2, 2, 4));
  }

  @Test
  void takesTheCentreOfALongImage() {
    assertArrayEquals(
        new byte[] {2, 3, 7, 8}, resample(new byte[] {0, 2, 3, 4, 5, 7, 8, 9}, 2, 4, 2));
    assertArrayEquals(
        new byte[] {3, 4, 5, 6}, resample(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2, 2));
  }

  @Test
  void copiesWhatHasTheRightSize() {
    byte[] source = new byte[28 * 28];
    new Random(1).nextBytes(source);
    assertArrayEquals(source, resample(source, 28, 28, 28));
  }

  @ParameterizedTest
  @CsvSource({"1,1,28", "1,500,28", "29,31,28", "127,128,28", "28,28,128", "999,1001,64", "2,2,33"})
  void keepsAFlatImageFlat(int height, int width, int side) {
    byte[] source = new byte[height * width];
    java.util.Arrays.fill(source, (byte) 201);
    for (byte value : resample(source, height, width, side)) {
      assertEquals(201, value & 0xff);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithCountingFineSamples(long seed) {
    Random random = new Random(seed);
    int size = 30 + random.nextInt(30);
    int side = 28;
    byte[] source = new byte[size * size];
    random.nextBytes(source);
    byte[] result = resample(source, size, size, side);
    int y = random.nextInt(side);
    int x = random.nextInt(side);
    double sum = 0;
    int fine = size * 8; // so many samples a pixel that pixel borders fall between samples
    for (int j = 0; j < fine; j++) {
      for (int i = 0; i < fine; i++) {
        int row = (int) ((y + (j + 0.5) / fine) * size / side);
        int column = (int) ((x + (i + 0.5) / fine) * size / side);
        sum += source[row * size + column] & 0xff;
      }
    }
    assertEquals(sum / fine / fine, result[y * side + x] & 0xff, 0.8, "seed " + seed);
  }

  @Test
  void takesTheLargestCentredPartOfAnyShape() {
    byte[] source = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15};
    assertArrayEquals(new byte[] {1, 2, 3, 4, 11, 12, 13, 14}, fit(source, 6, 2, 4, 2, Fit.CROP));
    byte[] turned = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertArrayEquals(new byte[] {5, 6, 7, 8}, fit(turned, 2, 6, 2, 2, Fit.CROP));
  }

  @Test
  void padsWithWhiteAndKeepsTheWhole() {
    byte[] source = {10, 20, 30, 40};
    assertArrayEquals(
        new byte[] {-1, 10, 20, -1, -1, 30, 40, -1}, fit(source, 2, 2, 4, 2, Fit.PAD));
    // 4x2 becomes 2x1 in a square of 2: the lower row is the odd one, and stays white.
    assertArrayEquals(
        new byte[] {15, 35, -1, -1},
        fit(new byte[] {10, 20, 30, 40, 10, 20, 30, 40}, 4, 2, 2, 2, Fit.PAD));
  }

  @Test
  void stretchesBothWaysByThemselves() {
    byte[] source = {10, 20, 30, 40, 50, 60, 70, 80};
    assertArrayEquals(new byte[] {15, 35, 55, 75}, fit(source, 4, 2, 2, 2, Fit.STRETCH));
    assertArrayEquals(
        new byte[] {10, 10, 10, 10, 10, 10}, fit(new byte[] {10}, 1, 1, 3, 2, Fit.STRETCH));
  }

  /** A colour is that of what is seen of it; clear pixels have none to give. */
  @ParameterizedTest
  @CsvSource({"8,8", "11,5", "40,40", "33,17", "16,31"})
  void neverBlendsTheColourOfWhatIsClear(int width, int height) {
    int side = 32;
    byte[] disc = new byte[4 * side * side];
    for (int i = 0; i < side * side; i++) {
      boolean inside = Math.hypot(Math.floorDiv(i, side) - 15.5, i % side - 15.5) < 12;
      // Red of 200 and blue of 40 inside; bright green around it, clear.
      disc[i] = (byte) (inside ? 200 : 0);
      disc[side * side + i] = (byte) (inside ? 0 : 255);
      disc[2 * side * side + i] = (byte) (inside ? 40 : 255);
      disc[3 * side * side + i] = (byte) (inside ? 255 : 0);
    }
    for (Fit fit : Fit.values()) {
      byte[] made = new byte[4 * width * height];
      new Resampler(new ImageSize(side, side), new ImageSize(width, height), fit)
          .resample(disc, 0, 4, made, 0);
      int plane = width * height;
      int between = 0;
      for (int i = 0; i < plane; i++) {
        int alpha = made[3 * plane + i] & 0xff;
        between += alpha > 0 && alpha < 255 ? 1 : 0;
        assertEquals(alpha == 0 ? 0 : 200, made[i] & 0xff, fit + " at " + i);
        assertEquals(0, made[plane + i]);
        assertEquals(alpha == 0 ? 0 : 40, made[2 * plane + i] & 0xff);
      }
      assertTrue(between > 0, "no edge to look at");
    }
  }

  private static byte[] fit(
      byte[] source, int width, int height, int newWidth, int newHeight, Fit fit) {
    byte[] target = new byte[newWidth * newHeight];
    new Resampler(new ImageSize(width, height), new ImageSize(newWidth, newHeight), fit)
        .resample(source, 0, 1, target, 0);
    return target;
  }

  private static byte[] resample(byte[] source, int height, int width, int side) {
    byte[] target = new byte[side * side];
    new Resampler(new ImageSize(width, height), new ImageSize(side, side), Fit.CROP)
        .resample(source, 0, 1, target, 0);
    return target;
  }
}
