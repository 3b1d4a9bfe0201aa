package dev.djinn.picture;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The whole numbers in the first directory of a TIFF file or of Exif, by tag: bytes, shorts, longs
 * and undefined bytes; other types are passed over. Both TIFF and BigTIFF are read.
 *
 * @see <a href="https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf">TIFF 6.0, section
 *     2</a>
 */
final class TiffTags {
  private static final int LITTLE_ENDIAN = 0x4949;
  private static final int BIG_ENDIAN = 0x4d4d;
  private static final int CLASSIC = 42;
  private static final int BIG = 43;
  private static final int MOST_ENTRIES = 4096;

  private record Entry(int type, long count, int offset) {}

  private final ByteBuffer file;
  private final Map<Integer, Entry> entries = new HashMap<>();

  private TiffTags(ByteBuffer file) {
    this.file = file;
  }

  /**
   * Reads the first directory.
   *
   * @throws UnusablePicture if there is none
   */
  static TiffTags read(ByteBuffer file) throws UnusablePicture {
    TiffTags tags = new TiffTags(file);
    try {
      tags.read();
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new UnusablePicture("damaged: its directory lies outside the file");
    }
    return tags;
  }

  private void read() throws UnusablePicture {
    int order = file.getShort(0) & 0xffff;
    if (order != LITTLE_ENDIAN && order != BIG_ENDIAN) {
      throw new UnusablePicture("damaged: no TIFF header");
    }
    file.order(order == LITTLE_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int version = file.getShort(2);
    if (version != CLASSIC && version != BIG) {
      throw new UnusablePicture("damaged: TIFF version %d".formatted(version));
    }
    boolean big = version == BIG;
    int at = Math.toIntExact(big ? file.getLong(8) : file.getInt(4) & 0xffff_ffffL);
    long count = big ? file.getLong(at) : file.getShort(at) & 0xffff;
    if (count < 1 || count > MOST_ENTRIES) {
      throw new UnusablePicture("damaged: a directory of %d entries".formatted(count));
    }
    at += big ? 8 : 2;
    for (int i = 0; i < count; i++) {
      entry(at, big);
      at += big ? 20 : 12;
    }
  }

  private void entry(int at, boolean big) {
    int type = file.getShort(at + 2) & 0xffff;
    long count = big ? file.getLong(at + 4) : file.getInt(at + 4) & 0xffff_ffffL;
    int width =
        switch (type) {
          case 1, 7 -> 1;
          case 3 -> 2;
          case 4 -> 4;
          case 16 -> 8;
          default -> 0;
        };
    int value = at + (big ? 12 : 8);
    if (width == 0 || count < 1 || count > file.limit()) {
      return;
    }
    if (count * width > (big ? 8 : 4)) {
      long offset = big ? file.getLong(value) : file.getInt(value) & 0xffff_ffffL;
      if (offset < 0 || offset + count * width > file.limit()) {
        return;
      }
      value = (int) offset;
    }
    entries.putIfAbsent(file.getShort(at) & 0xffff, new Entry(type, count, value));
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /** How many numbers a tag has; 0 if it is not there. */
  int count(int tag) {
    return has(tag) ? (int) entries.get(tag).count() : 0;
  }

  /** A tag's first number. */
  long value(int tag, long otherwise) {
    return has(tag) ? value(tag, 0, otherwise) : otherwise;
  }

  /** A tag's number at an index. */
  long value(int tag, int index, long otherwise) {
    Entry entry = entries.get(tag);
    if (entry == null || index >= entry.count()) {
      return otherwise;
    }
    return switch (entry.type()) {
      case 1, 7 -> file.get(entry.offset() + index) & 0xff;
      case 3 -> file.getShort(entry.offset() + 2 * index) & 0xffff;
      case 4 -> file.getInt(entry.offset() + 4 * index) & 0xffff_ffffL;
      default -> file.getLong(entry.offset() + 8 * index);
    };
  }

  /** A tag of bytes, or an empty array. */
  byte[] bytes(int tag) {
    byte[] bytes = new byte[count(tag)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) value(tag, i, 0);
    }
    return bytes;
  }
}
