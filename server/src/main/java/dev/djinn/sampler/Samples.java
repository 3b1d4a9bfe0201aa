package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Drawn samples. The arrays belong to the caller: nothing else holds them, and no native memory is
 * behind them.
 */
public final class Samples {
  private final int count;
  private final Image shape;
  private final float[] image;
  private final byte[] pixels;
  private final int[] labels;

  /** Takes the arrays over; {@code image}, {@code pixels} may be null if not asked for. */
  Samples(int count, Image shape, float[] image, byte[] pixels, int[] labels) {
    this.count = count;
    this.shape = shape;
    this.image = image;
    this.pixels = pixels;
    this.labels = labels;
  }

  /** {@return how many samples} */
  public int count() {
    return count;
  }

  /** {@return the shape of each} */
  public Image shape() {
    return shape;
  }

  /**
   * Gives the floats.
   *
   * @return (count, channels, height, width) in [0, 1]
   * @throws SamplerException if the request did not ask for {@link Output#IMAGE}
   */
  public float[] image() {
    return asked(image, Output.IMAGE);
  }

  /**
   * Gives the bytes.
   *
   * @return (count, height, width, channels), 0 to 255 unsigned
   * @throws SamplerException if the request did not ask for {@link Output#PIXELS}
   */
  public byte[] pixels() {
    return asked(pixels, Output.PIXELS);
  }

  /** {@return each sample's label; empty if the generator is unconditional} */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * Makes a picture of one sample.
   *
   * @param index from 0 to count − 1
   * @return grey for one channel, RGB for three
   * @throws SamplerException if there is no such sample, or it has another number of channels
   */
  public BufferedImage toImage(int index) {
    if (index < 0 || index >= count) {
      throw SamplerException.invalidRequest("no sample " + index + " among " + count);
    }
    BufferedImage picture = blank(shape.width(), shape.height());
    draw(index, picture, 0, 0);
    return picture;
  }

  /**
   * Makes a picture of each sample.
   *
   * @return grey for one channel, RGB for three
   * @throws SamplerException if there is another number of channels
   */
  public List<BufferedImage> toImages() {
    return IntStream.range(0, count).mapToObj(this::toImage).toList();
  }

  /**
   * Makes one picture of all samples, row by row from the upper left; what is left of the last row
   * stays black.
   *
   * @param columns samples in a row, at least 1
   * @return grey for one channel, RGB for three
   * @throws SamplerException if columns is less than 1, the picture would be too large, or the
   *     channels are neither
   */
  public BufferedImage toGrid(int columns) {
    if (columns < 1) {
      throw SamplerException.invalidRequest("a grid of " + columns + " columns is not possible");
    }
    int across = Math.min(columns, count);
    int down = (count + across - 1) / across;
    if ((double) across * down * shape.size() > Integer.MAX_VALUE) {
      throw SamplerException.invalidRequest(
          "a grid of "
              + across
              + " x "
              + down
              + " samples is too large for one picture: ask for fewer");
    }
    BufferedImage picture = blank(across * shape.width(), down * shape.height());
    for (int i = 0; i < count; i++) {
      draw(i, picture, i % across * shape.width(), i / across * shape.height());
    }
    return picture;
  }

  private BufferedImage blank(int width, int height) {
    int type =
        switch (shape.channels()) {
          case 1 -> BufferedImage.TYPE_BYTE_GRAY;
          case 3 -> BufferedImage.TYPE_3BYTE_BGR;
          default ->
              throw SamplerException.invalidRequest(
                  "samples of "
                      + shape.channels()
                      + " channels cannot be shown as a picture, only 1 and 3 can");
        };
    return new BufferedImage(width, height, type);
  }

  private void draw(int index, BufferedImage picture, int left, int top) {
    byte[] from = pixels();
    byte[] to = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
    int line = shape.width() * shape.channels();
    for (int y = 0; y < shape.height(); y++) {
      int source = index * shape.size() + y * line;
      int target = ((top + y) * picture.getWidth() + left) * shape.channels();
      if (shape.channels() == 1) {
        System.arraycopy(from, source, to, target, line);
        continue;
      }
      for (int x = 0; x < line; x += 3) { // RGB there, BGR here
        to[target + x] = from[source + x + 2];
        to[target + x + 1] = from[source + x + 1];
        to[target + x + 2] = from[source + x];
      }
    }
  }

  private static <T> T asked(T array, Output output) {
    if (array == null) {
      throw SamplerException.invalidRequest("the request did not ask for " + output);
    }
    return array;
  }

  /** {@return whether both hold the same samples} */
  @Override
  public boolean equals(Object other) {
    return other instanceof Samples that
        && count == that.count
        && shape.equals(that.shape)
        && Arrays.equals(image, that.image)
        && Arrays.equals(pixels, that.pixels)
        && Arrays.equals(labels, that.labels);
  }

  /** {@return a hash of the samples} */
  @Override
  public int hashCode() {
    return Objects.hash(
        count, shape, Arrays.hashCode(image), Arrays.hashCode(pixels), Arrays.hashCode(labels));
  }
}
