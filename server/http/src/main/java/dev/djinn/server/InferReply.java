package dev.djinn.server;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Rows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The answer to an inference request: memory for the outputs first, then its text and blobs. */
final class InferReply {

  private static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  /** Characters of one number in JSON, its comma included, at most: -1.17549435E-38 and 255. */
  static final int FLOAT_TEXT = 16;

  private static final int BYTE_TEXT = 4;

  private final InferRequest request;
  private final byte[][] outputs;

  /** Allocates the outputs. */
  InferReply(InferRequest request) {
    this.request = request;
    this.outputs = new byte[request.outputs().size()][];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new byte[Math.toIntExact(request.outputs().get(i).bytes(request.rows()))];
    }
  }

  /** {@return the most bytes that the answer to a request takes, its outputs included} */
  static long size(InferRequest request) {
    long size = textSize(request);
    for (InferRequest.Wanted wanted : request.outputs()) {
      size += wanted.bytes(request.rows());
    }
    return size;
  }

  /** {@return the most bytes of the answer's numbers that are written as text} */
  static long textSize(InferRequest request) {
    long size = 0;
    for (InferRequest.Wanted wanted : request.outputs()) {
      if (!wanted.binary()) {
        int text = wanted.spec().type() == DataType.FP32 ? FLOAT_TEXT : BYTE_TEXT;
        size += request.rows() * wanted.spec().rowSize() * text;
      }
    }
    return size;
  }

  /** {@return what the sampler reads and fills} */
  Rows rows() {
    Rows rows = Rows.of(request.rows(), request.latents());
    if (request.labels() != null) {
      rows = rows.withLabels(request.labels());
    }
    for (int i = 0; i < outputs.length; i++) {
      if (request.outputs().get(i).spec().name().equals(GeneratorContract.IMAGE)) {
        rows = rows.toImage(floats(outputs[i]));
      } else {
        rows = rows.toPixels(ByteBuffer.wrap(outputs[i]));
      }
    }
    return rows;
  }

  /**
   * {@return the outputs' bytes, once they are filled, in the order in which they were asked for}
   */
  List<byte[]> blobs() throws RequestException {
    checkFinite();
    return List.of(outputs);
  }

  /** Makes the answer, once the outputs are filled. */
  Reply write(Json json, String model, String version) throws RequestException {
    checkFinite();
    byte[] text =
        json.write(
            out -> {
              out.writeStartObject();
              out.writeStringField("model_name", model);
              out.writeStringField("model_version", version);
              if (request.id() != null) {
                out.writeStringField("id", request.id());
              }
              out.writeArrayFieldStart("outputs");
              for (int i = 0; i < outputs.length; i++) {
                writeOutput(out, request.outputs().get(i), outputs[i]);
              }
              out.writeEndArray();
              out.writeEndObject();
            });
    List<byte[]> parts = new ArrayList<>();
    parts.add(text);
    for (int i = 0; i < outputs.length; i++) {
      if (request.outputs().get(i).binary()) {
        parts.add(outputs[i]);
      }
    }
    if (parts.size() == 1) {
      return Reply.json(text);
    }
    return new Reply(
        200, Reply.BINARY, Map.of(HEADER_LENGTH, Integer.toString(text.length)), parts);
  }

  private void writeOutput(JsonGenerator out, InferRequest.Wanted wanted, byte[] data)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", wanted.spec().name());
    out.writeStringField("datatype", wanted.spec().type().name());
    out.writeArrayFieldStart("shape");
    out.writeNumber(request.rows());
    for (long size : wanted.spec().shape().subList(1, wanted.spec().shape().size())) {
      out.writeNumber(size);
    }
    out.writeEndArray();
    if (wanted.binary()) {
      out.writeObjectFieldStart("parameters");
      out.writeNumberField("binary_data_size", data.length);
      out.writeEndObject();
    } else {
      out.writeFieldName("data");
      if (wanted.spec().type() == DataType.FP32) {
        FloatText.writeArray(out, floats(data));
      } else {
        out.writeStartArray();
        for (byte pixel : data) {
          out.writeNumber(Byte.toUnsignedInt(pixel));
        }
        out.writeEndArray();
      }
    }
    out.writeEndObject();
  }

  /**
   * JSON has no NaN, and a picture of NaN is no picture: a broken model is an error, not an answer.
   */
  private void checkFinite() throws RequestException {
    for (int i = 0; i < outputs.length; i++) {
      if (request.outputs().get(i).spec().type() == DataType.FP32) {
        checkFinite(outputs[i]);
      }
    }
  }

  /** By the bits and without a branch in the inner loop, which is then vectorised. */
  private static void checkFinite(byte[] floats) throws RequestException {
    IntBuffer bits = ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[] part = new int[Math.min(1024, bits.remaining())];
    while (bits.hasRemaining()) {
      int count = Math.min(part.length, bits.remaining());
      bits.get(part, 0, count);
      int carries = 0;
      for (int i = 0; i < count; i++) {
        // Carries into the sign where all bits of the exponent are ones.
        carries |= (part[i] & 0x7f800000) + 0x00800000;
      }
      if (carries < 0) {
        throw new RequestException(500, "the model made numbers that are not finite");
      }
    }
  }

  private static FloatBuffer floats(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
