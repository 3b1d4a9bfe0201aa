package dev.djinn.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * What numpy's arrays mean: images are unsigned bytes, truth values, or floats from 0 to 1, of
 * shape (n, rows, columns), (n, rows, columns, channels), (n, channels, rows, columns) or, square
 * ones, (n, pixels), the fourth of four channels being alpha; labels are whole numbers or text of
 * shape (n) or (n, 1), or one-hot rows.
 */
final class NumpyImages {
  private NumpyImages() {}

  /** Images without labels. */
  static ImageSet images(String name, DataFile file, DataOptions options) throws IOException {
    try (NpyArray array = new NpyArray(file)) {
      int[] shape = array.shape();
      int rank = shape.length;
      int square = rank == 2 ? (int) Math.round(Math.sqrt(shape[1])) : 0;
      boolean flat = rank == 2 && square > 1 && square * square == shape[1];
      if (!flat && rank != 3 && rank != 4) {
        throw array.failure(
            "shape %s is not (n, rows, columns) with channels or without"
                .formatted(Arrays.toString(shape)));
      }
      // What djinn sample writes has its channels last, so that wins where both readings are
      // possible.
      boolean last = rank == 4 && channelsLast(shape);
      if (rank == 4 && !last && shape[1] != 1 && shape[1] != 3 && shape[1] != 4) {
        throw array.failure(
            "shape %s has neither 1 nor 3 nor 4 channels".formatted(Arrays.toString(shape)));
      }
      int channels = rank < 4 ? 1 : shape[last ? 3 : 1];
      int height = flat ? square : shape[rank == 3 || last ? 1 : 2];
      int width = flat ? square : shape[rank == 3 || last ? 2 : 3];
      byte[] pixels = pixels(array);
      if (last && channels > 1) {
        channelsFirst(pixels, channels, height * width);
      }
      warnOfBlack(name, array, pixels, options);
      return new ImageSet(name, channels, height, width, pixels, new int[0], List.of());
    }
  }

  /** One and three channels are commoner than four, and than pictures that are four wide. */
  private static boolean channelsLast(int[] shape) {
    boolean first = shape[1] == 1 || shape[1] == 3;
    return shape[3] == 1 || shape[3] == 3 || (shape[3] == 4 && !first);
  }

  /**
   * Bytes of 0 and 1 alone are a mask or were divided by 255 and cut: nearly black all the same.
   */
  private static void warnOfBlack(String name, NpyArray array, byte[] pixels, DataOptions options) {
    if (array.type().equals("u1")) {
      int greatest = 0;
      for (byte pixel : pixels) {
        greatest = Math.max(greatest, pixel & 0xff);
      }
      if (greatest == 1) {
        options
            .log()
            .accept(
                "%s: no pixel is over 1 of 255, so all images are black; multiply by 255 if 1 is white"
                    .formatted(name));
      }
    }
  }

  private static byte[] pixels(NpyArray array) throws IOException {
    if (array.type().equals("u1")) {
      return array.bytes();
    }
    boolean truth = array.type().equals("b1");
    if (!truth && !array.isFloat()) {
      throw array.failure(
          "elements of type %s are neither unsigned bytes (u1) nor floats (f4, f8)"
              .formatted(array.type()));
    }
    byte[] pixels = new byte[array.elements()];
    array.eachNumber(
        (i, value) -> {
          double light = value.doubleValue();
          if (!(light >= 0 && light <= 1)) {
            throw array.failure(
                "element %d is %s; floats must be from 0 (black) to 1 (white)".formatted(i, light));
          }
          pixels[i] = (byte) (int) Math.rint(light * 255);
        });
    return pixels;
  }

  static Labels labels(DataFile file) throws IOException {
    try (NpyArray array = new NpyArray(file)) {
      int[] shape = array.shape();
      boolean single = shape.length == 1 || (shape.length == 2 && shape[1] == 1);
      if (single && array.isText()) {
        return Labels.named(array.texts());
      }
      if (shape.length != 1 && shape.length != 2) {
        throw array.failure("labels of shape %s are not (n)".formatted(Arrays.toString(shape)));
      }
      if (!array.isWhole() && !array.isFloat()) {
        throw array.failure("labels of type %s are no whole numbers".formatted(array.type()));
      }
      return Labels.numbered(single ? numbers(array) : oneHot(array));
    }
  }

  private static long[] numbers(NpyArray array) throws IOException {
    long[] labels = new long[array.elements()];
    array.eachNumber(
        (i, value) -> {
          labels[i] = value.longValue();
          if (labels[i] != value.doubleValue()) {
            throw array.failure("label %s of image %d is no whole number".formatted(value, i));
          }
        });
    return labels;
  }

  private static long[] oneHot(NpyArray array) throws IOException {
    int columns = array.shape()[1];
    long[] labels = new long[array.elements() / columns];
    Arrays.fill(labels, -1);
    array.eachNumber(
        (i, value) -> {
          double part = value.doubleValue();
          int row = i / columns;
          if (part != 0) {
            if (part != 1 || labels[row] >= 0) {
              throw notOneHot(array, "row %d has not exactly one 1".formatted(row));
            }
            labels[row] = i % columns;
          }
        });
    boolean[] occurs = new boolean[columns];
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] < 0) {
        throw notOneHot(array, "row %d has not exactly one 1".formatted(row));
      }
      occurs[(int) labels[row]] = true;
    }
    for (int column = 0; column < columns; column++) {
      // Several findings an image, of which these have one each by chance, look the same.
      if (!occurs[column]) {
        throw notOneHot(array, "column %d has no 1".formatted(column));
      }
    }
    return labels;
  }

  private static DataException notOneHot(NpyArray array, String since) {
    return array.failure(
        "labels of shape %s are not one class an image, since %s; leave them unread with --unconditional"
            .formatted(Arrays.toString(array.shape()), since));
  }

  /** In place, an image at a time: red, green, blue, red … becomes all red, all green, all blue. */
  private static void channelsFirst(byte[] pixels, int channels, int plane) {
    byte[] image = new byte[channels * plane];
    for (int start = 0; start < pixels.length; start += image.length) {
      System.arraycopy(pixels, start, image, 0, image.length);
      for (int i = 0; i < plane; i++) {
        for (int c = 0; c < channels; c++) {
          pixels[start + c * plane + i] = image[channels * i + c];
        }
      }
    }
  }
}
