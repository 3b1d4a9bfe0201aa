package dev.djinn.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Reads IDX, the format of MNIST, plain or gzip-compressed. A file is:
 *
 * <pre>
 * byte 0, 1      0
 * byte 2         type of the elements: 0x08 unsigned byte, the only one read here
 * byte 3         rank: 3 for images (count, rows, columns), 1 for labels (count)
 * 4 per size     each size, a big-endian 32-bit integer
 * the rest       the elements, the last size running fastest
 * </pre>
 *
 * Images are 0 for background to 255 for ink.
 *
 * @see <a href="https://web.archive.org/web/2020/http://yann.lecun.com/exdb/mnist/">The
 *     specification, at the end of the MNIST page</a>
 */
final class IdxReader implements AutoCloseable {
  static final int UNSIGNED_BYTE = 0x08;
  private static final Map<Integer, String> TYPES =
      Map.of(
          0x09, "signed bytes",
          0x0b, "16-bit integers",
          0x0c, "32-bit integers",
          0x0d, "floats",
          0x0e, "doubles");
  static final int IMAGES_RANK = 3;
  static final int LABELS_RANK = 1;

  // Deflate cannot shrink further than this (258 bytes in 2 bits), so a header that promises more
  // is a lie.
  private static final long GREATEST_DEFLATE_RATIO = 1032;

  private final DataFile source;
  private final boolean packed;
  private final InputStream in;
  private long offset;

  private IdxReader(DataFile source) throws IOException {
    this.source = source;
    BufferedInputStream raw = new BufferedInputStream(source.open(), 1 << 16);
    try {
      raw.mark(2);
      packed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      in = packed ? new GZIPInputStream(raw, 1 << 16) : raw;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /**
   * Reads images and, if given, their labels.
   *
   * @param classes the names of the classes; if empty, labels are named by their number
   * @throws DataException if a file is unreadable, malformed, truncated or too long, or the two do
   *     not fit
   */
  static ImageSet read(
      String name, DataFile images, Optional<DataFile> labels, List<String> classes) {
    int height;
    int width;
    byte[] pixels;
    try (IdxReader reader = new IdxReader(images)) {
      int[] sizes = reader.header(IMAGES_RANK);
      height = sizes[1];
      width = sizes[2];
      pixels = reader.elements(sizes);
    } catch (IOException e) {
      throw DataException.reading(images.name(), e);
    }
    if (labels.isEmpty()) {
      return new ImageSet(name, 1, height, width, pixels, new int[0], List.of());
    }
    int[] numbers =
        labels(labels.get(), pixels.length / (height * width), images.name(), classes.size());
    if (!classes.isEmpty()) {
      return new ImageSet(name, 1, height, width, pixels, numbers, classes);
    }
    Labels found = Labels.numbered(Arrays.stream(numbers).asLongStream().toArray());
    return new ImageSet(name, 1, height, width, pixels, found.numbers(), found.classes());
  }

  private static int[] labels(DataFile source, int images, String imagesName, int classes) {
    byte[] bytes;
    long start;
    try (IdxReader reader = new IdxReader(source)) {
      int[] sizes = reader.header(LABELS_RANK);
      if (sizes[0] != images) {
        throw reader.failure(
            4, "%d labels, but %s holds %d images".formatted(sizes[0], imagesName, images));
      }
      start = reader.offset;
      bytes = reader.elements(sizes);
    } catch (IOException e) {
      throw DataException.reading(source.name(), e);
    }
    int[] labels = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      labels[i] = bytes[i] & 0xff;
      if (classes != 0 && labels[i] >= classes) {
        throw new DataException(
            "%s: byte %d: label %d is not in 0 to %d"
                .formatted(source.name(), start + i, labels[i], classes - 1));
      }
    }
    return labels;
  }

  private int[] header(int rank) throws IOException {
    int magic = int32("the magic number");
    int expected = (UNSIGNED_BYTE << 8) | rank;
    if (rank == IMAGES_RANK && magic == (UNSIGNED_BYTE << 8 | LABELS_RANK)) {
      throw failure(
          0, "holds labels: give the file with the images, such as train-images-idx3-ubyte");
    }
    if (magic >> 16 == 0 && magic != expected && TYPES.containsKey(magic >> 8)) {
      throw failure(
          2,
          "elements are %s: save them as unsigned bytes (numpy.uint8)"
              .formatted(TYPES.get(magic >> 8)));
    }
    if (magic != expected) {
      throw failure(
          0,
          "magic number is 0x%08x, but an IDX file of %s starts with 0x%08x"
              .formatted(magic, rank == LABELS_RANK ? "labels" : "images", expected));
    }
    int[] sizes = new int[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = int32("size " + (i + 1) + " of " + rank);
      if (sizes[i] < 1) {
        throw failure(offset - 4, "size %d of %d is %d".formatted(i + 1, rank, sizes[i]));
      }
    }
    return sizes;
  }

  private byte[] elements(int[] sizes) throws IOException {
    long length = 1;
    for (int size : sizes) {
      // Three sizes of 31 bits overflow a long, so stop as soon as an array could not hold them.
      length *= size;
      if (length > DataLimits.GREATEST_ARRAY) {
        throw failure(
            4,
            "sizes promise over %d bytes, more than one set may hold"
                .formatted(DataLimits.GREATEST_ARRAY));
      }
    }
    long most = packed ? source.length() * GREATEST_DEFLATE_RATIO : source.length() - offset;
    if (length > most) {
      throw failure(
          offset,
          "truncated: the header promises %d bytes, at most %d follow".formatted(length, most));
    }
    byte[] elements = new byte[(int) length];
    int got = readFully(elements);
    if (got < length) {
      throw failure(
          offset, "truncated: the header promises %d bytes, %d follow".formatted(length, got));
    }
    if (in.read() != -1) {
      throw failure(
          offset, "the file goes on after the %d bytes that its header promises".formatted(length));
    }
    return elements;
  }

  private int int32(String what) throws IOException {
    byte[] bytes = new byte[4];
    if (readFully(bytes) < 4) {
      throw failure(offset, "truncated: the file ends in " + what);
    }
    return ByteBuffer.wrap(bytes).getInt();
  }

  private int readFully(byte[] bytes) throws IOException {
    int got = 0;
    try {
      while (got < bytes.length) {
        int n = in.read(bytes, got, bytes.length - got);
        if (n < 0) {
          break;
        }
        got += n;
      }
    } catch (EOFException e) {
      // gzip's way of saying that the compressed stream ends early
    }
    offset += got;
    return got;
  }

  private DataException failure(long at, String what) {
    return new DataException(
        "%s: byte %d%s: %s".formatted(source.name(), at, packed ? " (unpacked)" : "", what));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
