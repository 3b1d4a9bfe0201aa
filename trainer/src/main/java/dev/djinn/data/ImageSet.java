package dev.djinn.data;

import dev.djinn.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Images of one shape, held as bytes, and their labels if they have any. Immutable by agreement:
 * {@link #pixels()} and {@link #labels()} hand out the arrays themselves, since a copy would double
 * the memory of a large set.
 */
public final class ImageSet {
  private final String name;
  private final int count;
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] pixels;
  private final int[] labels;
  private final List<String> classes;
  private volatile String checksum;

  /**
   * Takes the arrays as they are; the caller must not change them afterwards.
   *
   * @param name what the set is called in logs and run folders
   * @param channels 1 for grey, 3 for red, green and blue, 4 for these and alpha, by which they are
   *     not multiplied
   * @param height rows of an image
   * @param width columns of an image
   * @param pixels unsigned bytes, shape (count, channels, height, width), 0 is black
   * @param labels a number from 0 to {@code classes.size() - 1} for each image, or empty
   * @param classes the names of the classes; empty if and only if there are no labels
   * @throws DataException if there are no images, or the parts do not fit together
   */
  public ImageSet(
      String name,
      int channels,
      int height,
      int width,
      byte[] pixels,
      int[] labels,
      List<String> classes) {
    long image = (long) channels * height * width;
    if (channels < 1 || height < 1 || width < 1) {
      throw new DataException(
          "%s: an image of %d channels, %d rows and %d columns is empty"
              .formatted(name, channels, height, width));
    }
    if (pixels.length == 0) {
      throw new DataException("%s: holds no images".formatted(name));
    }
    if (pixels.length % image != 0) {
      throw new DataException(
          "%s: %d bytes are not whole images of %d".formatted(name, pixels.length, image));
    }
    this.name = name;
    this.count = (int) (pixels.length / image);
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = pixels;
    this.labels = labels;
    this.classes = List.copyOf(classes);
    checkLabels();
  }

  private void checkLabels() {
    if (labels.length != 0 && labels.length != count) {
      throw new DataException("%s: %d labels for %d images".formatted(name, labels.length, count));
    }
    if ((labels.length == 0) != classes.isEmpty()) {
      throw new DataException(
          "%s: %d labels but %d class names".formatted(name, labels.length, classes.size()));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes.size()) {
        throw new DataException(
            "%s: label %d of image %d is not in 0 to %d"
                .formatted(name, labels[i], i, classes.size() - 1));
      }
    }
  }

  /** What the set is called in logs and run folders. */
  public String name() {
    return name;
  }

  /**
   * SHA-256, in lower-case hex, of shape, pixels and labels; names do not count, so equal content
   * is equal.
   */
  public String checksum() {
    // Only when asked for: most sets that are drawn or picked from others never are.
    String known = checksum;
    if (known == null) {
      known = digest();
      checksum = known;
    }
    return known;
  }

  /** How many images are equal, pixel for pixel, to another before them. */
  public int copies() {
    int size = channels * height * width;
    int copies = 0;
    // The first of each sum; sums only choose what is compared.
    Map<Long, Integer> seen = new HashMap<>();
    CRC32 one = new CRC32();
    CRC32C other = new CRC32C();
    for (int i = 0; i < count; i++) {
      one.reset();
      other.reset();
      one.update(pixels, i * size, size);
      other.update(pixels, i * size, size);
      Integer first = seen.putIfAbsent(one.getValue() << 32 | other.getValue(), i);
      if (first != null
          && Arrays.equals(
              pixels, first * size, (first + 1) * size, pixels, i * size, (i + 1) * size)) {
        copies++;
      }
    }
    return copies;
  }

  /**
   * Some of the images, with their labels.
   *
   * @param indices which, in the order wished for; at least one
   * @return a set of the same name and classes
   */
  public ImageSet pick(int... indices) {
    int size = channels * height * width;
    byte[] picked = new byte[Math.multiplyExact(indices.length, size)];
    int[] kinds = new int[labelled() ? indices.length : 0];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(pixels, indices[i] * size, picked, i * size, size);
      if (labelled()) {
        kinds[i] = labels[indices[i]];
      }
    }
    return new ImageSet(name, channels, height, width, picked, kinds, classes);
  }

  /** How many images there are, at least 1. */
  public int count() {
    return count;
  }

  /** 1 for grey, 3 for red, green and blue, 4 for these and alpha. */
  public int channels() {
    return channels;
  }

  /** Rows of an image. */
  public int height() {
    return height;
  }

  /** Columns of an image. */
  public int width() {
    return width;
  }

  /**
   * Unsigned bytes, shape (count, channels, height, width), 0 is black. The array itself: do not
   * write to it.
   */
  public byte[] pixels() {
    return pixels;
  }

  /** The class of each image, or empty. The array itself: do not write to it. */
  public int[] labels() {
    return labels;
  }

  /** Whether each image has a label. */
  public boolean labelled() {
    return labels.length != 0;
  }

  /** The names of the classes, in the order of their numbers; empty if there are no labels. */
  public List<String> classes() {
    return classes;
  }

  /** How many images each class has, in the order of the classes. */
  public int[] classCounts() {
    int[] counts = new int[classes.size()];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /** One line: name, count, shape, classes. */
  @Override
  public String toString() {
    String kinds =
        labelled() ? ", " + classes.size() + (classes.size() == 1 ? " class" : " classes") : "";
    return "%s: %d images of %dx%dx%d%s".formatted(name, count, width, height, channels, kinds);
  }

  private String digest() {
    MessageDigest sha = Sha256.digest();
    sha.update("djinn images 1\n".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer shape = ByteBuffer.allocate(20);
    sha.update(
        shape
            .putInt(count)
            .putInt(channels)
            .putInt(height)
            .putInt(width)
            .putInt(labels.length)
            .array());
    sha.update(pixels);
    ByteBuffer bytes = ByteBuffer.allocate(4 * labels.length);
    bytes.asIntBuffer().put(labels);
    sha.update(bytes);
    return Sha256.hex(sha);
  }
}
