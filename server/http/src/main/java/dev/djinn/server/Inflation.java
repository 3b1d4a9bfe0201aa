package dev.djinn.server;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates one body, once, into an array that grows with what comes out. Members of gzip (RFC 1952)
 * follow one another in a loop: the JDK's reader takes each within the one before, and a body of
 * empty ones ends its stack.
 */
final class Inflation {

  /** Where memory is asked for. */
  interface Room {
    void take(long bytes) throws RequestException;
  }

  /** What a body may inflate to for each byte of it, beyond {@link #FREE}. */
  static final int RATIO = 100;

  /** What any body may inflate to, so that small ones may be as regular as they like. */
  static final int FREE = 1 << 20;

  /** A file of 64 MiB that is compressed in blocks of 64 KiB has a quarter of them. */
  private static final int MOST_MEMBERS = 4096;

  private static final int FIXED_HEADER = 10;
  private static final int TRAILER = 8;

  private final byte[] body;
  private final int limit;
  private final Room room;
  private byte[] out = {};
  private int length;

  /**
   * Prepares.
   *
   * @param limit most bytes the body may inflate to
   * @param room is asked for as many bytes as the array grows by, before it does
   */
  Inflation(byte[] body, int limit, Room room) {
    this.body = body;
    this.limit = limit;
    this.room = room;
  }

  /**
   * Inflates the body.
   *
   * @throws RequestException 413 if it makes more than it may
   * @throws DataFormatException if it is not what it should be
   */
  byte[] run(boolean gzip) throws RequestException, DataFormatException {
    if (body.length == 0) {
      throw new DataFormatException("it is empty");
    }
    Inflater inflater = new Inflater(gzip);
    try {
      if (gzip) {
        members(inflater);
      } else {
        inflate(inflater, 0);
      }
    } finally {
      inflater.end();
    }
    return length == out.length ? out : Arrays.copyOf(out, length);
  }

  private void members(Inflater inflater) throws RequestException, DataFormatException {
    CRC32 crc = new CRC32();
    int at = 0;
    // What follows the last member and does not begin as one is padding.
    for (int members = 0; members == 0 || isMember(at); members++) {
      if (members == MOST_MEMBERS) {
        throw new DataFormatException("it has more than " + MOST_MEMBERS + " members");
      }
      int start = length;
      inflater.reset();
      at = inflate(inflater, header(at));
      if (body.length - at < TRAILER) {
        throw cut();
      }
      crc.reset();
      crc.update(out, start, length - start);
      if (little(at) != (int) crc.getValue() || little(at + 4) != length - start) {
        throw new DataFormatException("its checksum does not fit");
      }
      at += TRAILER;
    }
  }

  private boolean isMember(int at) {
    return body.length - at >= 2 && (body[at] & 0xff) == 0x1f && (body[at + 1] & 0xff) == 0x8b;
  }

  /** Gives where a member's data begin. */
  private int header(int start) throws DataFormatException {
    if (!isMember(start)) {
      throw new DataFormatException("it does not begin as gzip does");
    }
    if (body.length - start < FIXED_HEADER) {
      throw cut();
    }
    if (body[start + 2] != 8) {
      throw new DataFormatException("its method " + body[start + 2] + " is not deflate");
    }
    int flags = body[start + 3];
    int at = start + FIXED_HEADER;
    if ((flags & 4) != 0) { // further fields
      if (body.length - at < 2) {
        throw cut();
      }
      at += 2 + (body[at] & 0xff) + ((body[at + 1] & 0xff) << 8);
    }
    for (int text = 8; text <= 16; text += 8) { // a file's name, a comment
      if ((flags & text) != 0) {
        while (at < body.length && body[at] != 0) {
          at++;
        }
        at++;
      }
    }
    at += (flags & 2) != 0 ? 2 : 0; // the header's own checksum
    if (at > body.length) {
      throw cut();
    }
    return at;
  }

  /** Inflates one stream and gives where it ends. */
  private int inflate(Inflater inflater, int from) throws RequestException, DataFormatException {
    inflater.setInput(body, from, body.length - from);
    while (!inflater.finished()) {
      if (length == out.length) {
        grow();
      }
      int more = inflater.inflate(out, length, out.length - length);
      length += more;
      if (more == 0 && !inflater.finished()) {
        if (inflater.needsDictionary()) {
          throw new DataFormatException("it needs a dictionary");
        }
        if (length < out.length) {
          throw cut();
        }
      }
    }
    // A stream may end with the very byte that was one too many.
    check();
    return body.length - inflater.getRemaining();
  }

  private void check() throws RequestException {
    if (length > limit) {
      throw new RequestException(
          413, "the body inflates to more than the limit of " + limit + " bytes");
    }
    if (length > most()) {
      throw new RequestException(
          413,
          "the body inflates to more than " + RATIO + " times its size; send it less compressed");
    }
  }

  private long most() {
    return Math.max(FREE, (long) RATIO * body.length);
  }

  private void grow() throws RequestException {
    check();
    // One beyond what is allowed, to see that there is more.
    long ceiling = Math.min(limit, most()) + 1;
    int size = (int) Math.min(ceiling, Math.max(4096, Math.max(2L * length, 2L * body.length)));
    room.take(size - out.length);
    out = Arrays.copyOf(out, size);
  }

  private int little(int at) {
    return (body[at] & 0xff)
        | (body[at + 1] & 0xff) << 8
        | (body[at + 2] & 0xff) << 16
        | (body[at + 3] & 0xff) << 24;
  }

  private static DataFormatException cut() {
    return new DataFormatException("it is cut short");
  }
}
