package dev.djinn.data;

import dev.djinn.data.DataOptions.Colour;
import dev.djinn.picture.Picture;
import java.util.Arrays;

/** Brings a set to the size and colour that the options ask for. */
final class Fitting {
  private Fitting() {}

  /** The set itself if it fits already. */
  static ImageSet to(ImageSet set, DataOptions options) {
    ImageSet coloured = coloured(set, options);
    ImageSize from = new ImageSize(set.width(), set.height());
    ImageSize size = options.form().size().orElse(from);
    if (size.equals(from)) {
      return coloured;
    }
    int channels = coloured.channels();
    byte[] pixels = array(set.name(), set.count(), channels, size);
    Resampler resampler = new Resampler(from, size, options.form().fit());
    for (int i = 0; i < set.count(); i++) {
      resampler.resample(
          coloured.pixels(),
          i * channels * from.pixels(),
          channels,
          pixels,
          i * channels * size.pixels());
    }
    String done =
        from.hasShapeOf(size)
            ? (from.pixels() > size.pixels() ? "reduced to " : "enlarged to ")
            : said(options.form(), size) + ", brought to ";
    options.log().accept("%s: images of %s, %s%s".formatted(set.name(), from, done, size));
    return with(set, channels, size, pixels);
  }

  /** What is done to images of another shape. */
  static String said(DataOptions.Form form, ImageSize size) {
    return switch (form.fit()) {
      case CROP ->
          size.width() == size.height()
              ? "the largest centred square"
              : "the largest centred part of the shape of " + size;
      case PAD -> "whole, " + (form.colour() == Colour.RGBA ? "clear" : "white") + " around them";
      case STRETCH -> "stretched";
    };
  }

  private static ImageSet coloured(ImageSet set, DataOptions options) {
    boolean alpha = set.channels() == Transparency.CHANNELS;
    int channels =
        switch (options.form().colour()) {
          case AS_FOUND -> alpha ? 3 : set.channels();
          case GREY -> 1;
          case RGB -> 3;
          case RGBA -> Transparency.CHANNELS;
        };
    if (options.form().colour() == Colour.RGBA) {
      return transparent(set);
    }
    if (channels == set.channels()) {
      return set;
    }
    if (set.channels() != 1 && set.channels() != 3 && !alpha) {
      throw new DataException(
          "%s: %d channels are neither grey nor RGB".formatted(set.name(), set.channels()));
    }
    ImageSize size = new ImageSize(set.width(), set.height());
    int image = set.channels() * size.pixels();
    byte[] pixels = array(set.name(), set.count(), channels, size);
    byte[] one = new byte[image];
    for (int i = 0; i < set.count(); i++) {
      System.arraycopy(set.pixels(), i * image, one, 0, image);
      byte[] opaque = alpha ? onWhite(one) : one;
      byte[] made = recoloured(opaque, opaque.length / size.pixels(), channels);
      System.arraycopy(made, 0, pixels, i * made.length, made.length);
    }
    if (alpha) {
      options
          .log()
          .accept(set.name() + ": transparent images, shown on white; --colour rgba keeps it");
    }
    return with(set, channels, size, pixels);
  }

  private static byte[] onWhite(byte[] image) {
    int plane = image.length / Transparency.CHANNELS;
    return Picture.onWhite(
        Arrays.copyOf(image, 3 * plane), Arrays.copyOfRange(image, 3 * plane, 4 * plane));
  }

  /** Refuses what has no alpha, or alpha that says nothing. */
  private static ImageSet transparent(ImageSet set) {
    if (set.channels() != Transparency.CHANNELS) {
      throw Transparency.missing(set.name());
    }
    byte[] pixels = set.pixels().clone();
    int plane = set.height() * set.width();
    boolean clear = false;
    for (int start = 0; start < pixels.length; start += Transparency.CHANNELS * plane) {
      Transparency.blacken(pixels, start, plane);
      clear |= !Transparency.isOpaque(pixels, start + 3 * plane, plane);
    }
    if (!clear) {
      throw Transparency.missing(set.name());
    }
    return with(set, set.channels(), new ImageSize(set.width(), set.height()), pixels);
  }

  private static ImageSet with(ImageSet set, int channels, ImageSize size, byte[] pixels) {
    return new ImageSet(
        set.name(), channels, size.height(), size.width(), pixels, set.labels(), set.classes());
  }

  /** Room for a whole set. */
  static byte[] array(String name, int count, int channels, ImageSize size) {
    checkLength(name, count, channels, size);
    return new byte[count * channels * size.pixels()];
  }

  /** Refuses a set that is more than one array. */
  static void checkLength(String name, int count, int channels, ImageSize size) {
    long length = (long) count * channels * size.pixels();
    if (length > DataLimits.GREATEST_ARRAY) {
      throw new DataException(
          "%s: %d images of %sx%d are %d bytes, more than the %d that one set may hold: choose a smaller image size"
              .formatted(name, count, size, channels, length, DataLimits.GREATEST_ARRAY));
    }
  }

  private static byte[] recoloured(byte[] image, int from, int to) {
    if (from == to) {
      return image;
    }
    if (to == 1) {
      return luma(image);
    }
    byte[] repeated = new byte[3 * image.length];
    for (int c = 0; c < 3; c++) {
      System.arraycopy(image, 0, repeated, c * image.length, image.length);
    }
    return repeated;
  }

  /** The luma of three planes. */
  static byte[] luma(byte[] planes) {
    byte[] luma = new byte[planes.length / 3];
    for (int i = 0; i < luma.length; i++) {
      luma[i] =
          luma(
              planes[i] & 0xff, planes[luma.length + i] & 0xff, planes[2 * luma.length + i] & 0xff);
    }
    return luma;
  }

  /** Rec. 601's luma, what JPEG and most programs call grey. */
  static byte luma(int red, int green, int blue) {
    return (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
  }
}
