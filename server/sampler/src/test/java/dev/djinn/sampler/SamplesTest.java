package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.djinn.sampler.GeneratorContract.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplesTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,2", "1,7,7", "3,1,1", "3,5,2", "3,6,3", "3,4,100", "4,5,2"})
  void gridShowsEachSampleInItsPlace(int channels, int count, int columns) {
    Samples samples = random(new Image(channels, 3, 4), count);
    BufferedImage grid = samples.toGrid(columns);
    int across = Math.min(columns, count);
    assertEquals(across * 4, grid.getWidth());
    assertEquals((count + across - 1) / across * 3, grid.getHeight());
    for (int y = 0; y < grid.getHeight(); y++) {
      for (int x = 0; x < grid.getWidth(); x++) {
        int sample = y / 3 * across + x / 4;
        assertEquals(rgb(samples, sample, y % 3, x % 4), raw(grid, x, y), x + ", " + y);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  void pngHoldsTheSamePictureForAnotherReader(int channels) throws IOException {
    Samples samples = random(new Image(channels, 17, 19), 11);
    BufferedImage expected = samples.toGrid(4);
    BufferedImage actual = ImageIO.read(new ByteArrayInputStream(samples.toGridPng(4)));
    assertEquals(expected.getWidth(), actual.getWidth());
    assertEquals(expected.getHeight(), actual.getHeight());
    for (int y = 0; y < expected.getHeight(); y++) {
      for (int x = 0; x < expected.getWidth(); x++) {
        assertEquals(raw(expected, x, y), raw(actual, x, y), x + ", " + y);
      }
    }
    BufferedImage one = ImageIO.read(new ByteArrayInputStream(samples.toPng(10)));
    assertEquals(raw(samples.toImage(10), 18, 16), raw(one, 18, 16));
  }

  @Test
  void refusesPicturesOfOtherChannelCounts() {
    Samples samples = random(new Image(2, 4, 4), 1);
    SamplerException e = assertThrows(SamplerException.class, () -> samples.toGrid(1));
    assertEquals(
        "samples of 2 channels cannot be shown as a picture, only 1, 3 and 4 can", e.getMessage());
  }

  @Test
  void refusesImpossibleRequests() {
    Samples samples = random(new Image(1, 4, 4), 2);
    assertThrows(SamplerException.class, () -> samples.toGrid(0));
    assertThrows(SamplerException.class, () -> samples.toImage(2));
    assertThrows(SamplerException.class, () -> samples.toImage(-1));
    SamplerException e = assertThrows(SamplerException.class, samples::image);
    assertEquals("the request did not ask for IMAGE", e.getMessage());
    assertThrows(SamplerException.class, () -> Samples.ofPixels(new Image(1, 4, 4), new byte[17]));
  }

  @Test
  void npyHeaderIsWhatNumpyWrites() {
    // numpy.save of a (5, 28, 28, 1) uint8 array begins with these 128 bytes.
    String dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 28, 28, 1), }";
    byte[] expected =
        ("\u0093NUMPY\u0001\u0000v\u0000"
                + dictionary
                + " ".repeat(117 - dictionary.length())
                + "\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(128, expected.length);
    assertArrayEquals(expected, Npy.header(5, 28, 28, 1));
    assertEquals(0, Npy.header(1).length % 64);
  }

  private static Samples random(Image shape, int count) {
    byte[] pixels = new byte[count * shape.size()];
    new Random(1).nextBytes(pixels);
    return Samples.ofPixels(shape, pixels);
  }

  private static int rgb(Samples samples, int sample, int y, int x) {
    if (sample >= samples.count()) {
      return 0;
    }
    Image shape = samples.shape();
    int at = ((sample * shape.height() + y) * shape.width() + x) * shape.channels();
    int colour = shape.hasAlpha() ? samples.pixels()[at + 3] : 0;
    for (int channel = 0; channel < 3; channel++) {
      colour = colour << 8 | (samples.pixels()[at + channel % shape.channels()] & 255);
    }
    return colour;
  }

  /** Reads the stored values, without the colour conversion of BufferedImage.getRGB. */
  private static int raw(BufferedImage image, int x, int y) {
    int[] values = image.getRaster().getPixel(x, y, (int[]) null);
    return (values.length == 4 ? values[3] << 24 : 0)
        | values[0] << 16
        | values[values.length == 1 ? 0 : 1] << 8
        | values[values.length == 1 ? 0 : 2];
  }
}
