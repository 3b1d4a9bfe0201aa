package dev.djinn.data;

import dev.djinn.data.DataOptions.Colour;
import dev.djinn.data.DataOptions.Fit;
import dev.djinn.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures of any size brought to one: the size that is asked for, else their own as long as all
 * agree, else that of their largest squares as long as those agree, else a usual one.
 */
final class PictureStack {
  private static final ImageSize USUAL =
      new ImageSize(DataOptions.DEFAULT_IMAGE_SIZE, DataOptions.DEFAULT_IMAGE_SIZE);

  private final String name;
  private final DataOptions.Form form;

  /** Of each picture one plane if it is grey, four with alpha, else three. */
  private final List<byte[]> images = new ArrayList<>();

  private final PictureTally tally = new PictureTally();

  /** Null before the first picture if none is asked for. */
  private ImageSize size;

  private boolean settled;
  private long bytes;

  PictureStack(String name, DataOptions options) {
    this.name = name;
    this.form = options.form();
    this.size = form.size().orElse(null);
    this.settled = form.size().isPresent();
  }

  void add(Picture picture) {
    ImageSize own = new ImageSize(picture.width(), picture.height());
    if (!settled) {
      agree(own);
    }
    tally.count(own, isTransparent(picture));
    images.add(image(picture, own));
    bytes += images.get(images.size() - 1).length;
    if (bytes > DataLimits.GREATEST_ARRAY) {
      throw new DataException(
          "%s: the first %d pictures at %s are more than the %d bytes that one set may hold: choose a smaller image size"
              .formatted(name, images.size(), size, DataLimits.GREATEST_ARRAY));
    }
  }

  private static boolean isTransparent(Picture picture) {
    return picture.alpha().filter(a -> !Transparency.isOpaque(a, 0, a.length)).isPresent();
  }

  /** What was kept in one size is brought to another that suits the next picture, too. */
  private void agree(ImageSize own) {
    ImageSize square = own.square();
    ImageSize next;
    if (own.equals(size) || (size == null && own.isUsual())) {
      next = own;
    } else if (form.fit() == Fit.CROP
        && square.isUsual()
        && (size == null || square.equals(size.square()))) {
      next = square;
    } else {
      next = USUAL;
      settled = true;
    }
    if (size != null && !next.equals(size)) {
      Resampler resampler = new Resampler(size, next, form.fit());
      ImageSize before = size;
      size = next;
      bytes = 0;
      for (int i = 0; i < images.size(); i++) {
        images.set(i, resampled(images.get(i), before, resampler));
        bytes += images.get(i).length;
      }
    }
    size = next;
  }

  private byte[] image(Picture picture, ImageSize own) {
    byte[] shown =
        switch (form.colour()) {
          case AS_FOUND, RGB -> picture.onWhite();
          case GREY -> Fitting.luma(picture.onWhite());
          case RGBA -> withAlpha(picture);
        };
    return resampled(shown, own, new Resampler(own, size, form.fit()));
  }

  private static byte[] withAlpha(Picture picture) {
    int plane = picture.height() * picture.width();
    byte[] image = Arrays.copyOf(picture.colours(), Transparency.CHANNELS * plane);
    if (picture.alpha().isPresent()) {
      System.arraycopy(picture.alpha().get(), 0, image, 3 * plane, plane);
    } else {
      Arrays.fill(image, 3 * plane, image.length, (byte) -1);
    }
    return image;
  }

  private byte[] resampled(byte[] image, ImageSize own, Resampler resampler) {
    int planes = image.length / own.pixels();
    byte[] made = new byte[planes * size.pixels()];
    resampler.resample(image, 0, planes, made, 0);
    return withoutEqualPlanes(made);
  }

  private byte[] withoutEqualPlanes(byte[] image) {
    int plane = size.pixels();
    boolean equal =
        image.length == 3 * plane
            && form.colour() == Colour.AS_FOUND
            && Arrays.equals(image, 0, plane, image, plane, 2 * plane)
            && Arrays.equals(image, 0, plane, image, 2 * plane, 3 * plane);
    return equal ? Arrays.copyOf(image, plane) : image;
  }

  int count() {
    return images.size();
  }

  /**
   * All pictures, in the order in which they came; the stack is empty then.
   *
   * @throws DataException if alpha is to be kept, and there is none
   */
  ImageSet toSet(Labels labels) {
    if (form.colour() == Colour.RGBA && tally.transparent() == 0) {
      throw Transparency.missing(name);
    }
    int plane = size.pixels();
    int channels = images.stream().mapToInt(image -> image.length / plane).max().orElse(1);
    byte[] pixels = Fitting.array(name, images.size(), channels, size);
    for (int i = 0; i < images.size(); i++) {
      byte[] image = images.get(i);
      for (int c = 0; c < channels; c++) {
        int from = image.length == plane ? 0 : c * plane;
        System.arraycopy(image, from, pixels, (i * channels + c) * plane, plane);
      }
      images.set(i, null);
    }
    images.clear();
    return new ImageSet(
        name, channels, size.height(), size.width(), pixels, labels.numbers(), labels.classes());
  }

  /** What was done, in one line. */
  String told() {
    return name + ": " + tally.told(form, size);
  }
}
