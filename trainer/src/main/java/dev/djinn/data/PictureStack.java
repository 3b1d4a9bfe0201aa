package dev.djinn.data;

import dev.djinn.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures of any size brought to one, a square each: the size that is asked for, else their own as
 * long as all agree, else a usual one. What was done to them is counted.
 */
final class PictureStack {
  private final String name;
  private final DataOptions options;

  /** Of each picture one plane if it is grey, else three. */
  private final List<byte[]> images = new ArrayList<>();

  private final List<Integer> squares = new ArrayList<>();
  private int side;
  private boolean agreed;
  private long bytes;
  private int cropped;
  private int transparent;
  private Size smallest;
  private Size greatest;

  private record Size(int width, int height) {
    long area() {
      return (long) width * height;
    }

    @Override
    public String toString() {
      return width + "x" + height;
    }
  }

  PictureStack(String name, DataOptions options) {
    this.name = name;
    this.options = options;
    this.side = options.imageSize().orElse(0);
  }

  void add(Picture picture) {
    int square = Math.min(picture.height(), picture.width());
    if (side == 0) {
      agreed = DataOptions.isImageSize(square);
      side = agreed ? square : DataOptions.DEFAULT_IMAGE_SIZE;
    } else if (agreed && square != side) {
      disagree();
    }
    count(picture);
    squares.add(square);
    images.add(image(picture));
    bytes += images.get(images.size() - 1).length;
    if (bytes > DataLimits.GREATEST_ARRAY) {
      throw new DataException(
          "%s: the first %d pictures at %dx%d are more than the %d bytes that one set may hold: choose a smaller image size"
              .formatted(name, images.size(), side, side, DataLimits.GREATEST_ARRAY));
    }
  }

  private void count(Picture picture) {
    Size size = new Size(picture.width(), picture.height());
    cropped += size.width() == size.height() ? 0 : 1;
    transparent += isTransparent(picture) ? 1 : 0;
    smallest = smallest == null || size.area() < smallest.area() ? size : smallest;
    greatest = greatest == null || size.area() > greatest.area() ? size : greatest;
  }

  private static boolean isTransparent(Picture picture) {
    if (picture.alpha().isEmpty()) {
      return false;
    }
    for (byte value : picture.alpha().get()) {
      if (value != -1) {
        return true;
      }
    }
    return false;
  }

  /** What was kept at the pictures' own size is brought to the usual one. */
  private void disagree() {
    agreed = false;
    int own = side;
    side = DataOptions.DEFAULT_IMAGE_SIZE;
    Resampler resampler = new Resampler(own, own, side);
    bytes = 0;
    for (int i = 0; i < images.size(); i++) {
      byte[] before = images.get(i);
      byte[] after = new byte[before.length / (own * own) * side * side];
      for (int c = 0; c < before.length / (own * own); c++) {
        resampler.resample(before, c * own * own, after, c * side * side);
      }
      images.set(i, withoutEqualPlanes(after));
      bytes += images.get(i).length;
    }
  }

  private byte[] image(Picture picture) {
    byte[] shown = picture.onWhite();
    boolean grey = options.colour() == DataOptions.Colour.GREY;
    if (grey) {
      shown = Fit.luma(shown);
    }
    int planes = grey ? 1 : 3;
    byte[] image = new byte[planes * side * side];
    Resampler resampler = new Resampler(picture.height(), picture.width(), side);
    for (int c = 0; c < planes; c++) {
      resampler.resample(shown, c * picture.height() * picture.width(), image, c * side * side);
    }
    return withoutEqualPlanes(image);
  }

  private byte[] withoutEqualPlanes(byte[] image) {
    int plane = side * side;
    boolean equal =
        image.length == 3 * plane
            && options.colour() == DataOptions.Colour.AS_FOUND
            && Arrays.equals(image, 0, plane, image, plane, 2 * plane)
            && Arrays.equals(image, 0, plane, image, 2 * plane, 3 * plane);
    return equal ? Arrays.copyOf(image, plane) : image;
  }

  int count() {
    return images.size();
  }

  /** All pictures, in the order in which they came; the stack is empty then. */
  ImageSet toSet(Labels labels) {
    int plane = side * side;
    boolean grey = images.stream().allMatch(image -> image.length == plane);
    int channels = grey ? 1 : 3;
    byte[] pixels = Fit.array(name, images.size(), channels, side, side);
    for (int i = 0; i < images.size(); i++) {
      byte[] image = images.get(i);
      for (int c = 0; c < channels; c++) {
        int from = image.length == plane ? 0 : c * plane;
        System.arraycopy(image, from, pixels, (i * channels + c) * plane, plane);
      }
      images.set(i, null);
    }
    images.clear();
    return new ImageSet(name, channels, side, side, pixels, labels.numbers(), labels.classes());
  }

  /** What was done, in one line. */
  String told() {
    long reduced = squares.stream().filter(square -> square > side).count();
    long enlarged = squares.stream().filter(square -> square < side).count();
    StringBuilder line =
        new StringBuilder(
            "%s: %,d pictures of %s%s"
                .formatted(
                    name,
                    squares.size(),
                    smallest,
                    smallest.equals(greatest) ? "" : " to " + greatest));
    if (cropped > 0) {
      line.append("; of %,d the largest centred square".formatted(cropped));
    }
    if (reduced + enlarged == 0) {
      line.append(cropped > 0 ? ", at its own size" : ", as they are");
    }
    if (reduced > 0) {
      line.append("; %,d reduced".formatted(reduced));
    }
    if (enlarged > 0) {
      line.append(reduced > 0 ? " and " : "; ").append("%,d enlarged".formatted(enlarged));
    }
    if (reduced + enlarged > 0) {
      line.append(" to %dx%d".formatted(side, side));
    }
    if (transparent > 0) {
      line.append("; %,d partly transparent, shown on white".formatted(transparent));
    }
    return line.toString();
  }
}
