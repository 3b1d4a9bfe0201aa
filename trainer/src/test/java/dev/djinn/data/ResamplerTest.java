package dev.djinn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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

  private static byte[] resample(byte[] source, int height, int width, int side) {
    byte[] target = new byte[side * side];
    new Resampler(height, width, side).resample(source, 0, target, 0);
    return target;
  }
}
