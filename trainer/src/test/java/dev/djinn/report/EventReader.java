package dev.djinn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads event files by their specifications alone: TFRecord's frame with a checksum computed bit by
 * bit, and protocol buffers' wire format field by field.
 */
public final class EventReader {
  /** Castagnoli's polynomial, reversed (RFC 3720, B.4). */
  private static final int POLYNOMIAL = 0x82f63b78;

  private EventReader() {}

  /** The events of a file, each as its fields: a number, or bytes. */
  public static List<Map<Integer, List<Object>>> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Map<Integer, List<Object>>> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertEquals(masked(length), in.getInt(), "checksum of a length");
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(data);
      assertEquals(masked(data), in.getInt(), "checksum of data");
      events.add(fields(data));
    }
    return events;
  }

  private static int masked(byte[] data) {
    int crc = crc32c(data);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  static int crc32c(byte[] data) {
    int crc = -1;
    for (byte value : data) {
      crc ^= value & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
      }
    }
    return ~crc;
  }

  /** The fields of a message by number; fixed 32 bits as a float, 64 as a double. */
  public static Map<Integer, List<Object>> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, List<Object>> fields = new TreeMap<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 1 -> in.getDouble();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            case 5 -> in.getFloat();
            default -> throw new IllegalStateException("wire type " + (key & 7));
          };
      fields.computeIfAbsent((int) (key >>> 3), added -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  /** A field that is there once. */
  public static Object one(Map<Integer, List<Object>> message, int field) {
    assertEquals(1, message.getOrDefault(field, List.of()).size(), "field " + field);
    return message.get(field).get(0);
  }

  /** The same as text. */
  public static String text(Map<Integer, List<Object>> message, int field) {
    return new String((byte[]) one(message, field), StandardCharsets.UTF_8);
  }
}
