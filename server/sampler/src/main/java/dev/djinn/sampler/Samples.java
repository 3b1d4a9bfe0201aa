package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Image;
import java.awt.image.BufferedImage;
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

  /**
   * Wraps pixels that were drawn elsewhere or put together from several calls.
   *
   * @param shape the shape of each
   * @param pixels (count, height, width, channels), one sample at least; not copied
   * @return samples without floats and labels
   * @throws SamplerException if the pixels are not whole samples
   */
  public static Samples ofPixels(Image shape, byte[] pixels) {
    if (pixels.length == 0 || pixels.length % shape.size() != 0) {
      throw SamplerException.invalidRequest(
          pixels.length + " bytes are not samples of " + shape.size() + " bytes");
    }
    return new Samples(pixels.length / shape.size(), shape, null, pixels, new int[0]);
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
   * @return grey for one channel, RGB for three, with alpha for four
   * @throws SamplerException if there is no such sample, or it has another number of channels
   */
  public BufferedImage toImage(int index) {
    return one(index).toImage();
  }

  /**
   * Makes a picture of each sample.
   *
   * @return grey for one channel, RGB for three, with alpha for four
   * @throws SamplerException if there is another number of channels
   */
  public List<BufferedImage> toImages() {
    return IntStream.range(0, count).mapToObj(this::toImage).toList();
  }

  /**
   * Makes one picture of all samples, row by row from the upper left; what is left of the last row
   * stays black, or clear.
   *
   * @param columns samples in a row, at least 1
   * @return grey for one channel, RGB for three, with alpha for four
   * @throws SamplerException if columns is less than 1, the picture would be too large, or the
   *     channels are neither
   */
  public BufferedImage toGrid(int columns) {
    return Raster.grid(shape, pixels(), 0, count, columns).toImage();
  }

  /**
   * Makes a PNG file of one sample, without starting AWT.
   *
   * @param index from 0 to count − 1
   * @return the file's bytes
   * @throws SamplerException if there is no such sample, or it has 2 channels or more than 4
   */
  public byte[] toPng(int index) {
    return Png.encode(one(index));
  }

  /**
   * Makes a PNG file of all samples, laid out as in {@link #toGrid}, without starting AWT.
   *
   * @param columns samples in a row, at least 1
   * @return the file's bytes
   * @throws SamplerException if columns is less than 1, the picture would be too large, or the
   *     channels are neither
   */
  public byte[] toGridPng(int columns) {
    return Png.encode(Raster.grid(shape, pixels(), 0, count, columns));
  }

  private Raster one(int index) {
    if (index < 0 || index >= count) {
      throw SamplerException.invalidRequest("no sample " + index + " among " + count);
    }
    return Raster.grid(shape, pixels(), index, 1, 1);
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
