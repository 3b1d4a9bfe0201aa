package dev.djinn.server.cli;

import dev.djinn.sampler.Samples;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * An animated PNG without end, exact in every colour and alpha: each picture's own PNG, its chunks
 * taken apart and numbered.
 *
 * @see <a href="https://www.w3.org/TR/png-3/#apng-frame-based-animation">PNG, third edition</a>
 */
final class PngFilm implements FilmFrames {
  private static final int SIGNATURE = 8;

  private final DataOutputStream out;
  private final short rate;
  private final int count;
  private int sequence;

  PngFilm(Path file, int rate, int count) throws IOException {
    this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    this.rate = (short) rate;
    this.count = count;
  }

  @Override
  public void add(Samples part, int index) throws IOException {
    byte[] png = part.toPng(index);
    boolean first = sequence == 0;
    ByteBuffer chunks = ByteBuffer.wrap(png, SIGNATURE, png.length - SIGNATURE);
    if (first) {
      out.write(png, 0, SIGNATURE);
    }
    while (chunks.hasRemaining()) {
      byte[] data = new byte[chunks.getInt()];
      byte[] name = new byte[4];
      chunks.get(name).get(data).getInt();
      switch (new String(name, StandardCharsets.US_ASCII)) {
        case "IHDR" -> {
          if (first) {
            chunk("IHDR", data);
            chunk("acTL", ByteBuffer.allocate(8).putInt(count).putInt(0).array()); // 0: for ever
          }
          chunk("fcTL", control(Arrays.copyOf(data, 8)));
        }
        case "IDAT" -> {
          if (first) {
            chunk("IDAT", data);
          } else {
            ByteBuffer numbered = ByteBuffer.allocate(4 + data.length);
            chunk("fdAT", numbered.putInt(sequence++).put(data).array());
          }
        }
        default -> {} // IEND, which comes once
      }
    }
  }

  /** The whole picture, shown 1 / rate seconds, in place of the one before (0, 0). */
  private byte[] control(byte[] size) {
    ByteBuffer control = ByteBuffer.allocate(26).putInt(sequence++).put(size);
    return control.putInt(0).putInt(0).putShort((short) 1).putShort(rate).array();
  }

  @Override
  public void finish() throws IOException {
    chunk("IEND", new byte[0]);
  }

  private void chunk(String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(name);
    check.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) check.getValue());
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
