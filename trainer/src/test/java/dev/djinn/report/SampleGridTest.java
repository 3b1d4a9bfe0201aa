package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class SampleGridTest {
  private static final SampleGrid TWO = SampleGrid.columns(2).withScale(1).withPadding(1);

  @Test
  void placesEachPixelOfEachImage() {
    // Three images of 2 rows and 3 columns, every value its own number.
    byte[] images = new byte[18];
    for (int i = 0; i < 18; i++) {
      images[i] = (byte) (10 + 13 * i);
    }
    BufferedImage grid = TWO.ofBytes(images, 1, 2, 3);

    assertEquals(1 + 2 * 4, grid.getWidth());
    assertEquals(1 + 2 * 3, grid.getHeight());
    for (int i = 0; i < 18; i++) {
      int image = i / 6;
      int x = 1 + image % 2 * 4 + i % 3;
      int y = 1 + image / 2 * 3 + i % 6 / 3;
      assertEquals(10 + 13 * i, grid.getRaster().getSample(x, y, 0), "value " + i);
    }
    assertEquals(0, grid.getRaster().getSample(0, 0, 0));
    assertEquals(0, grid.getRaster().getSample(6, 5, 0), "the empty fourth cell");
  }

  @Test
  void keepsGreyValuesThroughAPngFile() throws IOException {
    byte[] images = new byte[256];
    for (int i = 0; i < 256; i++) {
      images[i] = (byte) i;
    }
    byte[] png = Png.encode(TWO.withPadding(0).ofBytes(images, 1, 16, 16));
    BufferedImage back = ImageIO.read(new ByteArrayInputStream(png));
    for (int i = 0; i < 256; i++) {
      assertEquals(i, back.getRaster().getSample(i % 16, i / 16, 0));
    }
  }

  @Test
  void keepsRedGreenAndBlueApart() throws IOException {
    BufferedImage grid = TWO.withPadding(0).ofBytes(new byte[] {10, 20, 30, 40, 50, 60}, 3, 1, 2);
    BufferedImage back = ImageIO.read(new ByteArrayInputStream(Png.encode(grid)));
    assertEquals(0x0a1e32, back.getRGB(0, 0) & 0xffffff);
    assertEquals(0x14283c, back.getRGB(1, 0) & 0xffffff);
  }

  @Test
  void roundsFloatsHalfToEvenAndClips() {
    float[] images = {-1, 0, 0.5f, 1, 2, 100.4f / 255};
    int[] expected = {0, 0, 128, 255, 255, 100};
    BufferedImage grid = TWO.withPadding(0).ofFloats(images, 1, 1, 6);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], grid.getRaster().getSample(i, 0, 0));
    }
  }

  @Test
  void invertsDarkOnLight() {
    BufferedImage grid = TWO.withDarkOnLight(true).ofBytes(new byte[] {30}, 1, 1, 1);
    assertEquals(225, grid.getRaster().getSample(1, 1, 0));
    assertEquals(255, grid.getRaster().getSample(0, 0, 0));
  }

  @Test
  void enlargesPixels() {
    BufferedImage grid = TWO.withScale(3).withPadding(0).ofBytes(new byte[] {9, 8}, 1, 1, 2);
    assertEquals(6, grid.getWidth());
    assertEquals(9, grid.getRaster().getSample(2, 2, 0));
    assertEquals(8, grid.getRaster().getSample(3, 0, 0));
  }

  @Test
  void makesRoomForTitles() {
    BufferedImage grid = TWO.withTitles(List.of("shirt")).ofBytes(new byte[4 * 4], 1, 2, 2);
    assertEquals(1 + 2 * (29 + 1), grid.getWidth());
    assertEquals(1 + 2 * (11 + 2 + 1), grid.getHeight());
    int ink = 0;
    for (int y = 0; y < grid.getHeight(); y++) {
      for (int x = 0; x < grid.getWidth(); x++) {
        ink += grid.getRaster().getSample(x, y, 0) / 255;
      }
    }
    // The dots of s, h, i, r, t, counted in the font.
    assertEquals(13 + 14 + 9 + 9 + 11, ink);
  }

  @Test
  void showsWhatIsTransparentOnChequers() {
    int side = 16;
    int plane = side * side;
    byte[] image = new byte[4 * plane];
    // Red, opaque in the upper half, half transparent in one pixel, clear in the rest.
    java.util.Arrays.fill(image, 0, plane, (byte) 255);
    java.util.Arrays.fill(image, 3 * plane, 3 * plane + plane / 2, (byte) 255);
    image[3 * plane + plane / 2] = (byte) 128;
    image[plane / 2 + 1] = 0;
    BufferedImage shown =
        SampleGrid.columns(1)
            .withScale(1)
            .withPadding(0)
            .withDarkOnLight(true)
            .ofBytes(image, 4, side, side);
    assertEquals(0xffff0000, shown.getRGB(3, 7));
    // Squares of two pixels; the ninth row begins with a light one.
    assertEquals(0xffff7f7f, shown.getRGB(0, 8));
    assertEquals(0xffffffff, shown.getRGB(1, 8));
    assertEquals(0xffcccccc, shown.getRGB(2, 8));
    assertEquals(0xffcccccc, shown.getRGB(0, 10));
    assertEquals(0xffffffff, shown.getRGB(15, 15));
  }

  @Test
  void rejectsWhatIsNoImage() {
    assertThrows(IllegalArgumentException.class, () -> TWO.ofBytes(new byte[0], 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> TWO.ofBytes(new byte[3], 1, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> TWO.ofBytes(new byte[2], 2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> SampleGrid.columns(0));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> TWO.ofFloats(new float[] {0, Float.NaN}, 1, 1, 1));
    assertEquals("image 1 has a pixel that is not a number", e.getMessage());
  }

  /** The font has ASCII alone. */
  @Test
  void lettersWithAccentsAreDrawnWithoutThem() {
    byte[] images = {10, 20};
    BufferedImage accents =
        TWO.withTitles(List.of("\u00c9t\u00e9", "\u0160")).ofBytes(images, 1, 1, 1);
    BufferedImage plain = TWO.withTitles(List.of("Ete", "S")).ofBytes(images, 1, 1, 1);
    assertArrayEquals(Png.encode(plain), Png.encode(accents));
    BufferedImage other = TWO.withTitles(List.of("Eto", "S")).ofBytes(images, 1, 1, 1);
    assertFalse(Arrays.equals(Png.encode(plain), Png.encode(other)));
  }
}
