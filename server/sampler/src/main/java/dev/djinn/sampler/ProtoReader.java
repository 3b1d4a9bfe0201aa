package dev.djinn.sampler;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Walks the fields of one message in protobuf's wire format, so that Djinn can look into a model
 * file without a protobuf library. Every read is checked against the message's end.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteBuffer buffer;
  private int field;
  private int wireType;
  private boolean pending;

  ProtoReader(ByteBuffer message) {
    buffer = message;
  }

  /**
   * Moves on to the next field, over the last one if it was not read.
   *
   * @return its number, or 0 at the end
   * @throws SamplerException if there is no such field as the bytes say
   */
  int next() {
    if (pending) {
      skip();
    }
    if (!buffer.hasRemaining()) {
      return 0;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 3 < 1 || tag >>> 3 > 0x1FFFFFFF) {
      throw malformed("field number " + (tag >>> 3));
    }
    pending = true;
    return field;
  }

  long number() {
    expect(VARINT);
    return varint();
  }

  String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  ProtoReader message() {
    return new ProtoReader(bytes());
  }

  /**
   * Gives the product of a repeated integer that is written as one field each or packed into one.
   */
  long product(long before) {
    if (wireType == VARINT) {
      return before * number();
    }
    ProtoReader packed = message();
    long product = before;
    while (packed.buffer.hasRemaining()) {
      product *= packed.varint();
    }
    return product;
  }

  private ByteBuffer bytes() {
    expect(BYTES);
    return take(varint());
  }

  private ByteBuffer take(long length) {
    if (length < 0 || length > buffer.remaining()) {
      throw malformed("field " + field + " of " + length + " bytes");
    }
    ByteBuffer taken = buffer.slice(buffer.position(), (int) length);
    buffer.position(buffer.position() + (int) length);
    return taken;
  }

  private void expect(int type) {
    if (wireType != type) {
      throw malformed("field " + field + " with wire type " + wireType);
    }
    pending = false;
  }

  private void skip() {
    pending = false;
    switch (wireType) {
      case VARINT -> varint();
      case FIXED_64 -> take(8);
      case BYTES -> take(varint());
      case FIXED_32 -> take(4);
      default -> throw malformed("field " + field + " with wire type " + wireType);
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (!buffer.hasRemaining()) {
        throw malformed("a number that is cut off");
      }
      byte part = buffer.get();
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than ten bytes");
  }

  private static SamplerException malformed(String what) {
    return SamplerException.invalidModel("not an ONNX file: " + what);
  }
}
