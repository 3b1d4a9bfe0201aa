package dev.djinn.data;

/** Brings a set to the size and colour that the options ask for. */
final class Fit {
  private Fit() {}

  /** The set itself if it fits already. */
  static ImageSet to(ImageSet set, DataOptions options) {
    int height = options.imageSize().orElse(set.height());
    int width = options.imageSize().orElse(set.width());
    int channels =
        switch (options.colour()) {
          case AS_FOUND -> set.channels();
          case GREY -> 1;
          case RGB -> 3;
        };
    if (height == set.height() && width == set.width() && channels == set.channels()) {
      return set;
    }
    if (set.channels() != 1 && set.channels() != 3 && channels != set.channels()) {
      throw new DataException(
          "%s: %d channels are neither grey nor RGB".formatted(set.name(), set.channels()));
    }
    byte[] pixels = array(set.name(), set.count(), channels, height, width);
    int image = set.channels() * set.height() * set.width();
    byte[] recoloured = new byte[channels * set.height() * set.width()];
    boolean sameSize = height == set.height() && width == set.width();
    Resampler resampler = new Resampler(set.height(), set.width(), height);
    for (int i = 0; i < set.count(); i++) {
      recolour(set.pixels(), i * image, set.channels(), recoloured, channels);
      for (int c = 0; c < channels; c++) {
        int from = c * set.height() * set.width();
        int to = (i * channels + c) * height * width;
        if (sameSize) {
          System.arraycopy(recoloured, from, pixels, to, height * width);
        } else {
          resampler.resample(recoloured, from, pixels, to);
        }
      }
    }
    return new ImageSet(set.name(), channels, height, width, pixels, set.labels(), set.classes());
  }

  /** Room for a whole set. */
  static byte[] array(String name, int count, int channels, int height, int width) {
    checkLength(name, count, channels, height, width);
    return new byte[count * channels * height * width];
  }

  /** Refuses a set that is more than one array. */
  static void checkLength(String name, int count, int channels, int height, int width) {
    long length = (long) count * channels * height * width;
    if (length > DataLimits.GREATEST_ARRAY) {
      throw new DataException(
          "%s: %d images of %dx%dx%d are %d bytes, more than the %d that one set may hold: choose a smaller image size"
              .formatted(name, count, width, height, channels, length, DataLimits.GREATEST_ARRAY));
    }
  }

  private static void recolour(byte[] source, int start, int from, byte[] target, int to) {
    int plane = target.length / to;
    for (int c = 0; c < to; c++) {
      if (from == to) {
        System.arraycopy(source, start + c * plane, target, c * plane, plane);
      } else if (from == 1) {
        System.arraycopy(source, start, target, c * plane, plane);
      } else {
        for (int i = 0; i < plane; i++) {
          target[i] =
              luma(
                  source[start + i] & 0xff,
                  source[start + plane + i] & 0xff,
                  source[start + 2 * plane + i] & 0xff);
        }
      }
    }
  }

  /** The luma of three planes. */
  static byte[] luma(byte[] planes) {
    byte[] luma = new byte[planes.length / 3];
    recolour(planes, 0, 3, luma, 1);
    return luma;
  }

  /** Rec. 601's luma, what JPEG and most programs call grey. */
  static byte luma(int red, int green, int blue) {
    return (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
  }
}
