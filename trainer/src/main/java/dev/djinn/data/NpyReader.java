package dev.djinn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads numpy's files: NPY, one array, and NPZ, a zip of them. An NPY file is:
 *
 * <pre>
 * byte 0 to 5    0x93 'N' 'U' 'M' 'P' 'Y'
 * byte 6, 7      major and minor version; 1, 2 and 3 are read
 * 2 or 4 bytes   length of the header, little-endian; 4 from version 2
 * the header     {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }
 * the rest       the elements, the last size running fastest
 * </pre>
 *
 * Images are unsigned bytes, or floats from 0 to 1, of shape (n, rows, columns), (n, rows, columns,
 * channels) or (n, channels, rows, columns); labels are integers of shape (n) or (n, 1).
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
 *     specification</a>
 */
final class NpyReader {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;
  private static final int MOST_CLASSES = 100_000;
  private static final int CHUNK = 1 << 16;

  private static final Pattern DESCR = Pattern.compile("'descr': *'([<>|=])([a-zA-Z])(\\d{1,9})'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order': *(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([\\d, ]*)\\)");

  /**
   * Names under which archives keep the images to train on, and their labels; the first that is
   * there counts.
   */
  private static final List<String> IMAGES =
      List.of("images", "pixels", "x_train", "train_images", "x", "data", "arr_0");

  private static final List<String> LABELS =
      List.of("labels", "y_train", "train_labels", "y", "label", "arr_1");

  private final String file;
  private final InputStream in;
  private char kind;
  private int size;
  private ByteOrder order;
  private int[] shape;

  private NpyReader(String file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  static boolean isNpy(byte[] start) {
    return Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** Images without labels. */
  static ImageSet readFile(String name, Path file) {
    try (InputStream in = new PiecewiseInputStream(Files.newInputStream(file))) {
      return new NpyReader(file.toString(), in).images(name, new int[0]);
    } catch (IOException e) {
      throw DataException.reading(file.toString(), e);
    }
  }

  /** Images, and labels if the archive has any under a usual name. */
  static ImageSet readArchive(String name, Path file) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<String> arrays =
          zip.stream()
              .limit(Limits.MOST_ZIP_ENTRIES)
              .map(ZipEntry::getName)
              .filter(entry -> entry.endsWith(".npy"))
              .map(entry -> entry.substring(0, entry.length() - 4))
              .toList();
      String images =
          named(arrays, IMAGES)
              .or(() -> arrays.size() == 1 ? Optional.of(arrays.get(0)) : Optional.empty())
              .orElseThrow(
                  () ->
                      new DataException(
                          "%s: has arrays %s, but none is called %s"
                              .formatted(
                                  file, String.join(", ", arrays), String.join(", ", IMAGES))));
      Optional<String> labels = named(arrays, LABELS).filter(array -> !array.equals(images));
      int[] numbers =
          labels.isEmpty() ? new int[0] : array(file, zip, labels.get(), NpyReader::labels);
      return array(file, zip, images, reader -> reader.images(name, numbers));
    } catch (IOException e) {
      throw DataException.reading(file.toString(), e);
    }
  }

  private interface Use<T> {
    T of(NpyReader reader) throws IOException;
  }

  private static <T> T array(Path file, ZipFile zip, String name, Use<T> use) throws IOException {
    try (InputStream in = zip.getInputStream(zip.getEntry(name + ".npy"))) {
      return use.of(new NpyReader(file + ": " + name, in));
    }
  }

  private static Optional<String> named(List<String> arrays, List<String> names) {
    return names.stream()
        .flatMap(
            name -> arrays.stream().filter(array -> array.toLowerCase(Locale.ROOT).equals(name)))
        .findFirst();
  }

  private ImageSet images(String name, int[] labels) throws IOException {
    readHeader();
    int rank = shape.length;
    if (rank != 3 && rank != 4) {
      throw failure(
          "shape %s is not (n, rows, columns) with channels or without"
              .formatted(Arrays.toString(shape)));
    }
    // What djinn sample writes has its channels last, so that wins where both readings are
    // possible.
    boolean last = rank == 4 && (shape[3] == 1 || shape[3] == 3);
    if (rank == 4 && !last && shape[1] != 1 && shape[1] != 3) {
      throw failure("shape %s has neither 1 nor 3 channels".formatted(Arrays.toString(shape)));
    }
    int channels = rank == 3 ? 1 : shape[last ? 3 : 1];
    int height = shape[rank == 3 || last ? 1 : 2];
    int width = shape[rank == 3 || last ? 2 : 3];
    byte[] pixels = pixels();
    if (last && channels == 3) {
      channelsFirst(pixels, height * width);
    }
    List<String> classes = List.of();
    if (labels.length != 0) {
      if (labels.length != shape[0]) {
        throw failure("%d images, but %d labels".formatted(shape[0], labels.length));
      }
      int greatest = IntStream.of(labels).max().getAsInt();
      classes = IntStream.rangeClosed(0, greatest).mapToObj(Integer::toString).toList();
    }
    return new ImageSet(name, channels, height, width, pixels, labels, classes);
  }

  private byte[] pixels() throws IOException {
    boolean bytes = kind == 'u' && size == 1;
    if (!bytes && !(kind == 'f' && (size == 4 || size == 8))) {
      throw failure(
          "elements of type %c%d are neither unsigned bytes (u1) nor floats (f4, f8)"
              .formatted(kind, size));
    }
    byte[] pixels = new byte[elements()];
    if (bytes) {
      int got = in.readNBytes(pixels, 0, pixels.length);
      if (got < pixels.length) {
        throw failure(
            "truncated: shape %s promises %d bytes, %d follow"
                .formatted(Arrays.toString(shape), pixels.length, got));
      }
    } else {
      eachElement(pixels.length, (i, value) -> pixels[i] = pixel(value.doubleValue(), i));
    }
    checkEnd();
    return pixels;
  }

  private byte pixel(double value, int i) {
    if (!(value >= 0 && value <= 1)) {
      throw failure(
          "element %d is %s; floats must be from 0 (black) to 1 (white)".formatted(i, value));
    }
    return (byte) (int) Math.rint(value * 255);
  }

  private int[] labels() throws IOException {
    readHeader();
    boolean column = shape.length == 2 && shape[1] == 1;
    if (shape.length != 1 && !column) {
      throw failure("labels of shape %s are not (n)".formatted(Arrays.toString(shape)));
    }
    if (kind != 'u' && kind != 'i') {
      throw failure("labels of type %c%d are not integers".formatted(kind, size));
    }
    int[] labels = new int[elements()];
    eachElement(
        labels.length,
        (i, value) -> {
          long label = value.longValue();
          if (label < 0 || label >= MOST_CLASSES) {
            throw failure(
                "label %d of image %d is not in 0 to %d".formatted(label, i, MOST_CLASSES - 1));
          }
          labels[i] = (int) label;
        });
    checkEnd();
    return labels;
  }

  private void readHeader() throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !isNpy(start)) {
      throw failure("does not start as an NPY file does");
    }
    if (start[6] < 1 || start[6] > 3) {
      throw failure("byte 6: NPY version %d is not 1, 2 or 3".formatted(start[6]));
    }
    int width = start[6] == 1 ? 2 : 4;
    byte[] lengthBytes = Arrays.copyOf(in.readNBytes(width), 4);
    int length = ByteBuffer.wrap(lengthBytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (length < 0 || length > LONGEST_HEADER) {
      throw failure("byte 8: a header of %d bytes is too long".formatted(length));
    }
    String header = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    if (match(FORTRAN, header).group(1).equals("True")) {
      throw failure("is in Fortran order: save numpy.ascontiguousarray of it");
    }
    Matcher descr = match(DESCR, header);
    order = descr.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    kind = descr.group(2).charAt(0);
    size = Integer.parseInt(descr.group(3));
    List<Integer> sizes = new ArrayList<>();
    for (String number : match(SHAPE, header).group(1).split(",", -1)) {
      if (!number.isBlank()) {
        sizes.add(length(number.trim(), header));
      }
    }
    shape = sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  private int length(String number, String header) {
    try {
      return Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw failure("header %s: %s is no size of an array".formatted(header.trim(), number));
    }
  }

  private Matcher match(Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      // Each pattern begins with its key in quotes.
      String key = pattern.pattern().split("'", 3)[1];
      throw failure("header %s has no %s that can be read".formatted(header.trim(), key));
    }
    return matcher;
  }

  private int elements() {
    long elements = 1;
    for (int length : shape) {
      elements *= length;
      if (elements > Limits.GREATEST_ARRAY || elements == 0) {
        throw failure(
            "shape %s is empty or more than one set may hold".formatted(Arrays.toString(shape)));
      }
    }
    return (int) elements;
  }

  private interface Taker {
    void take(int i, Number value);
  }

  private void eachElement(int count, Taker taker) throws IOException {
    for (int from = 0; from < count; from += CHUNK) {
      int n = Math.min(CHUNK, count - from);
      byte[] bytes = in.readNBytes(n * size);
      if (bytes.length < n * size) {
        throw failure(
            "truncated: shape %s promises %d elements".formatted(Arrays.toString(shape), count));
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
      for (int i = 0; i < n; i++) {
        taker.take(from + i, element(buffer));
      }
    }
  }

  private Number element(ByteBuffer buffer) {
    boolean signed = kind == 'i';
    return switch (size) {
      case 1 -> signed ? buffer.get() : buffer.get() & 0xff;
      case 2 -> signed ? buffer.getShort() : buffer.getShort() & 0xffff;
      case 4 -> kind == 'f' ? (Number) buffer.getFloat() : (Number) buffer.getInt();
      case 8 -> kind == 'f' ? (Number) buffer.getDouble() : (Number) buffer.getLong();
      default -> throw failure("elements of type %c%d are not read".formatted(kind, size));
    };
  }

  private void checkEnd() throws IOException {
    if (in.read() != -1) {
      throw failure("goes on after what shape %s promises".formatted(Arrays.toString(shape)));
    }
  }

  /** In place, an image at a time: red, green, blue, red … becomes all red, all green, all blue. */
  private static void channelsFirst(byte[] pixels, int plane) {
    byte[] image = new byte[3 * plane];
    for (int start = 0; start < pixels.length; start += image.length) {
      System.arraycopy(pixels, start, image, 0, image.length);
      for (int i = 0; i < plane; i++) {
        for (int c = 0; c < 3; c++) {
          pixels[start + c * plane + i] = image[3 * i + c];
        }
      }
    }
  }

  private DataException failure(String what) {
    return new DataException("%s: %s".formatted(file, what));
  }
}
