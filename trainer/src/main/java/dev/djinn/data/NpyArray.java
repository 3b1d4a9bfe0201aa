package dev.djinn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads NPY, numpy's file of one array:
 *
 * <pre>
 * byte 0 to 5    0x93 'N' 'U' 'M' 'P' 'Y'
 * byte 6, 7      major and minor version; 1, 2 and 3 are read
 * 2 or 4 bytes   length of the header, little-endian; 4 from version 2
 * the header     {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }
 * the rest       the elements, the last size running fastest
 * </pre>
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
 *     specification</a>
 */
final class NpyArray implements AutoCloseable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;
  private static final int CHUNK = 1 << 16;

  private static final Pattern DESCR = Pattern.compile("'descr': *'([<>|=])([a-zA-Z])(\\d{0,9})'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order': *(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([\\d, ]*)\\)");

  private final DataFile file;
  private final InputStream in;
  private long offset;
  private char kind;
  private int size;
  private ByteOrder order;
  private int[] shape;

  /**
   * Opens a file and reads its header.
   *
   * @throws DataException if it is none, or promises more than follows
   */
  NpyArray(DataFile file) throws IOException {
    this.file = file;
    in = file.open();
    try {
      readHeader();
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  static boolean isNpy(byte[] start) {
    return Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
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
    offset = 8 + width + (long) length;
    if (header.contains("'|O'")) {
      throw failure("holds Python objects: save numbers, or text as numpy.str_");
    }
    if (match(FORTRAN, header).group(1).equals("True")) {
      throw failure("is in Fortran order: save numpy.ascontiguousarray of it");
    }
    Matcher descr = match(DESCR, header);
    order = descr.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    kind = descr.group(2).charAt(0);
    // Text is counted in characters of four bytes.
    size = Integer.parseInt("0" + descr.group(3)) * (kind == 'U' ? 4 : 1);
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

  int[] shape() {
    return shape;
  }

  /** The type as numpy writes it, such as {@code f4}. */
  String type() {
    return kind + Integer.toString(kind == 'U' ? size / 4 : size);
  }

  boolean isText() {
    return kind == 'U' || kind == 'S';
  }

  boolean isWhole() {
    return (kind == 'u' || kind == 'i' || kind == 'b')
        && (size == 1 || size == 2 || size == 4 || size == 8);
  }

  boolean isFloat() {
    return kind == 'f' && (size == 4 || size == 8);
  }

  /** How many elements there are, all of which follow. */
  int elements() {
    long elements = 1;
    for (int length : shape) {
      elements *= length;
      if (elements > DataLimits.GREATEST_ARRAY || elements == 0) {
        throw failure(
            "shape %s is empty or more than one set may hold".formatted(Arrays.toString(shape)));
      }
    }
    // Before an array of that size is made.
    long follow = Math.max(0, file.length() - offset);
    if (elements * size > follow) {
      throw failure(
          "truncated: shape %s promises %d bytes, %d follow"
              .formatted(Arrays.toString(shape), elements * size, follow));
    }
    return (int) elements;
  }

  /** All elements, if they are bytes. */
  byte[] bytes() throws IOException {
    byte[] bytes = new byte[elements()];
    int got = in.readNBytes(bytes, 0, bytes.length);
    if (got < bytes.length) {
      throw failure(
          "truncated: shape %s promises %d bytes, %d follow"
              .formatted(Arrays.toString(shape), bytes.length, got));
    }
    checkEnd();
    return bytes;
  }

  interface Taker {
    void take(int i, Number value);
  }

  /** Each element in turn, if they are numbers. */
  void eachNumber(Taker taker) throws IOException {
    each((i, buffer) -> taker.take(i, number(buffer)));
  }

  /** All elements, if they are text. */
  List<String> texts() throws IOException {
    List<String> texts = new ArrayList<>();
    each(
        (i, buffer) -> {
          StringBuilder text = new StringBuilder();
          for (int k = 0; k < size; k += kind == 'U' ? 4 : 1) {
            int character = kind == 'U' ? buffer.getInt() : buffer.get() & 0xff;
            if (character > 0 && Character.isValidCodePoint(character)) {
              text.appendCodePoint(character);
            }
          }
          texts.add(text.toString());
        });
    return texts;
  }

  private interface Bytes {
    void take(int i, ByteBuffer buffer);
  }

  private void each(Bytes taker) throws IOException {
    int count = elements();
    if (size == 0) {
      throw failure("elements of type %s hold nothing".formatted(type()));
    }
    int chunk = Math.max(1, CHUNK / size);
    for (int from = 0; from < count; from += chunk) {
      int n = Math.min(chunk, count - from);
      byte[] bytes = in.readNBytes(n * size);
      if (bytes.length < n * size) {
        throw failure(
            "truncated: shape %s promises %d elements".formatted(Arrays.toString(shape), count));
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
      for (int i = 0; i < n; i++) {
        taker.take(from + i, buffer);
      }
    }
    checkEnd();
  }

  private Number number(ByteBuffer buffer) {
    boolean signed = kind == 'i';
    return switch (size) {
      case 1 -> signed ? buffer.get() : buffer.get() & 0xff;
      case 2 -> signed ? buffer.getShort() : buffer.getShort() & 0xffff;
      case 4 ->
          kind == 'f'
              ? (Number) buffer.getFloat()
              : signed ? (Number) buffer.getInt() : (Number) (buffer.getInt() & 0xffff_ffffL);
      case 8 -> kind == 'f' ? (Number) buffer.getDouble() : (Number) buffer.getLong();
      default -> throw failure("elements of type %s are not read".formatted(type()));
    };
  }

  private void checkEnd() throws IOException {
    if (in.read() != -1) {
      throw failure("goes on after what shape %s promises".formatted(Arrays.toString(shape)));
    }
  }

  DataException failure(String what) {
    return new DataException("%s: %s".formatted(file.name(), what));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
