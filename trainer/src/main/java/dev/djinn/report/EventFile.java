package dev.djinn.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of TensorBoard's events, each whole as soon as it is written: records framed as in
 * TFRecord files (length, its checksum, data, their checksum), whose data are {@code
 * tensorflow.Event} messages.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">event.proto</a>
 */
public final class EventFile implements AutoCloseable {
  private static final int MASK_DELTA = 0xa282ead8;

  // Fields of Event.
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  // Of Summary, and of each Value in it.
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int IMAGE = 4;

  // Of Image.
  private static final int HEIGHT = 1;
  private static final int WIDTH = 2;
  private static final int COLOURS = 3;
  private static final int ENCODED = 4;

  private static final int STATUS = 1;
  private static final int START = 1;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final FileChannel channel;

  private EventFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Makes a new file.
   *
   * @param file must not exist; TensorBoard wants {@code tfevents} in its name
   * @throws IOException if it cannot be made
   */
  public static EventFile create(Path file) throws IOException {
    EventFile events =
        new EventFile(
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    try {
      events.write(0, FILE_VERSION, "brain.Event:2".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      events.close();
      throw e;
    }
    return events;
  }

  /**
   * Says that what other files of the folder have from a step on is void: it comes anew.
   *
   * @param step the first that comes anew
   * @throws IOException if it cannot be written
   */
  public void restart(long step) throws IOException {
    Message log = new Message();
    log.number(STATUS, START);
    write(step, SESSION_LOG, log.bytes());
  }

  /**
   * Writes numbers.
   *
   * @param step finished steps
   * @param values by name; {@code /} groups
   * @throws IOException if they cannot be written
   */
  public void scalars(long step, Map<String, Double> values) throws IOException {
    Message summary = new Message();
    values.forEach(
        (name, value) -> {
          Message one = new Message();
          one.bytes(TAG, name.getBytes(StandardCharsets.UTF_8));
          one.real(SIMPLE_VALUE, (float) (double) value);
          summary.bytes(VALUE, one.bytes());
        });
    write(step, SUMMARY, summary.bytes());
  }

  /**
   * Writes a picture.
   *
   * @param step finished steps
   * @param name its name
   * @param png an encoded PNG
   * @param width columns
   * @param height rows
   * @param channels 1, 3 or 4
   * @throws IOException if it cannot be written
   */
  public void picture(long step, String name, byte[] png, int width, int height, int channels)
      throws IOException {
    Message image = new Message();
    image.number(HEIGHT, height);
    image.number(WIDTH, width);
    image.number(COLOURS, channels);
    image.bytes(ENCODED, png);
    Message one = new Message();
    one.bytes(TAG, name.getBytes(StandardCharsets.UTF_8));
    one.bytes(IMAGE, image.bytes());
    Message summary = new Message();
    summary.bytes(VALUE, one.bytes());
    write(step, SUMMARY, summary.bytes());
  }

  private void write(long step, int field, byte[] content) throws IOException {
    Message event = new Message();
    Instant now = Instant.now();
    event.real(WALL_TIME, now.getEpochSecond() + now.getNano() / 1e9);
    event.number(STEP, step);
    event.bytes(field, content);
    byte[] data = event.bytes();
    ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(masked(record.array(), 8));
    record.put(data);
    record.putInt(masked(data, data.length));
    record.flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** A checksum of data that may hold checksums. */
  private static int masked(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  /** A protocol buffer, field by field. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void number(int field, long value) {
      varint((long) field << 3 | VARINT);
      varint(value);
    }

    void real(int field, double value) {
      varint((long) field << 3 | FIXED64);
      out.writeBytes(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
    }

    void real(int field, float value) {
      varint((long) field << 3 | FIXED32);
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    }

    void bytes(int field, byte[] value) {
      varint((long) field << 3 | BYTES);
      varint(value.length);
      out.writeBytes(value);
    }

    private void varint(long value) {
      long left = value;
      while ((left & ~0x7fL) != 0) {
        out.write((int) ((left & 0x7f) | 0x80));
        left >>>= 7;
      }
      out.write((int) left);
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
