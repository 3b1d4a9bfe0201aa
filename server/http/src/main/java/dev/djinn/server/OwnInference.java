package dev.djinn.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.djinn.sampler.ModelTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An {@code infer} request that calls the tensors of a model that Djinn did not export by the
 * model's own names, as a client of Triton does that was made for this model: its own inputs go in
 * and its own outputs come back as they are.
 *
 * @param id the client's own name for it, echoed; null if it gave none
 * @param inputs as the model takes them
 * @param outputs as asked for; empty for all
 * @param binary whether outputs are bytes behind the JSON unless they say otherwise
 */
record OwnInference(
    String id, List<ModelTensor> inputs, List<InferMessage.Output> outputs, boolean binary) {

  private static final Map<DataType, String> TYPES =
      Map.of(
          DataType.FP32, "FLOAT",
          DataType.FP64, "DOUBLE",
          DataType.FP16, "FLOAT16",
          DataType.BF16, "BFLOAT16",
          DataType.INT64, "INT64",
          DataType.INT32, "INT32",
          DataType.INT16, "INT16",
          DataType.INT8, "INT8",
          DataType.UINT8, "UINT8",
          DataType.BOOL, "BOOL");

  /**
   * Reads a request.
   *
   * @return null if it is one of Djinn's own names, or of none that the model has
   * @throws RequestException that says what is wrong with it
   */
  static OwnInference read(Json json, Limits limits, ServedModel model, byte[] body, int jsonLength)
      throws RequestException {
    if (jsonLength == 0 || model.sampler().foreign().isEmpty()) {
      return null;
    }
    InferMessage message = InferMessage.read(json, body, jsonLength);
    return read(json, limits, model, message, body, jsonLength);
  }

  /**
   * Reads a request whose message has been read.
   *
   * @param from where its binary tensors begin
   * @return null if it is one of Djinn's own names, or of none that the model has
   * @throws RequestException that says what is wrong with it
   */
  static OwnInference read(
      Json json, Limits limits, ServedModel model, InferMessage message, byte[] body, int from)
      throws RequestException {
    if (model.sampler().foreign().isEmpty()) {
      return null;
    }
    Set<String> own = names(model.sampler().ownInputs());
    Set<String> ownOutputs = names(model.sampler().ownOutputs());
    List<String> inputs = message.inputs().stream().map(InferMessage.Input::name).toList();
    List<String> outputs = message.outputs().stream().map(InferMessage.Output::name).toList();
    boolean usual =
        specs(model.signature().inputs()).containsAll(inputs)
            && specs(model.signature().outputs()).containsAll(outputs);
    if (usual || !own.containsAll(inputs) || !ownOutputs.containsAll(outputs)) {
      return null;
    }
    List<ModelTensor> tensors = new ArrayList<>();
    int blob = from;
    for (InferMessage.Input input : message.inputs()) {
      ByteBuffer data =
          input.binarySize() < 0 ? numbers(json, input, body) : blob(input, body, blob);
      blob += input.binarySize() < 0 ? 0 : data.remaining();
      if (!input.shape().isEmpty() && input.shape().get(0) > limits.rows()) {
        throw RequestException.bad(
            "the request has " + input.shape().get(0) + " rows; the limit is " + limits.rows());
      }
      String type = TYPES.get(input.datatype());
      if (type == null) {
        throw RequestException.bad(
            "input '" + input.name() + "' is " + input.datatype() + ", which no model takes here");
      }
      tensors.add(new ModelTensor(input.name(), type, input.shape(), data));
    }
    if (blob != body.length) {
      throw RequestException.bad(
          "there are " + (body.length - blob) + " unexpected bytes after the last tensor");
    }
    return new OwnInference(message.id(), tensors, message.outputs(), message.binaryOutputs());
  }

  private static Set<String> names(List<ModelTensor> tensors) {
    Set<String> names = new HashSet<>();
    tensors.forEach(tensor -> names.add(tensor.name()));
    return names;
  }

  private static Set<String> specs(List<TensorSpec> specs) {
    Set<String> names = new HashSet<>();
    specs.forEach(spec -> names.add(spec.name()));
    return names;
  }

  private static ByteBuffer blob(InferMessage.Input input, byte[] body, int from)
      throws RequestException {
    if (input.binarySize() > body.length - from) {
      throw RequestException.bad(
          "input '"
              + input.name()
              + "' needs "
              + input.binarySize()
              + " bytes and the body has "
              + (body.length - from)
              + " left");
    }
    return ByteBuffer.wrap(body, from, (int) input.binarySize()).slice();
  }

  /** Reads the numbers of a JSON array, nested as its shape says or flat. */
  private static ByteBuffer numbers(Json json, InferMessage.Input input, byte[] text)
      throws RequestException {
    String where = "input '" + input.name() + "'";
    int length = input.dataEnd() - input.dataStart();
    long size = 1;
    for (long dimension : input.shape()) {
      size = dimension < 0 || size > length ? Long.MAX_VALUE >> 32 : size * dimension;
    }
    if (2 * size - 1 > length) { // A number takes a digit and a comma.
      throw RequestException.bad(where + " has fewer data than its shape says");
    }
    DataType type = input.datatype();
    ByteBuffer data = ByteBuffer.allocate((int) size * type.size()).order(ByteOrder.LITTLE_ENDIAN);
    try (JsonParser parser = json.parser(text, input.dataStart(), length)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
          continue;
        }
        if (data.remaining() < type.size() || type.size() == 0) {
          throw RequestException.bad(where + " has more data than its shape says");
        }
        put(parser, type, where, data);
      }
    } catch (IOException e) {
      throw Json.malformed(e);
    }
    if (data.hasRemaining()) {
      throw RequestException.bad(where + " has fewer data than its shape says");
    }
    return data.flip();
  }

  private static void put(JsonParser parser, DataType type, String where, ByteBuffer data)
      throws IOException, RequestException {
    switch (type) {
      case FP32 -> data.putFloat(Json.number(parser, where));
      case FP64 -> {
        Json.number(parser, where); // that it is one
        data.putDouble(parser.getDoubleValue());
      }
      case BOOL -> data.put((byte) (Json.bool(parser, where) ? 1 : 0));
      case INT64 -> data.putLong(Json.integer(parser, where));
      case INT32 -> data.putInt((int) within(parser, where, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT16 -> data.putShort((short) within(parser, where, Short.MIN_VALUE, Short.MAX_VALUE));
      case INT8 -> data.put((byte) within(parser, where, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT8 -> data.put((byte) within(parser, where, 0, 255));
      case UINT16, UINT32, UINT64, FP16, BF16, BYTES ->
          throw RequestException.bad(where + " is " + type + "; send it as binary data");
    }
  }

  private static long within(JsonParser parser, String where, long least, long most)
      throws IOException, RequestException {
    long value = Json.integer(parser, where);
    if (value < least || value > most) {
      throw RequestException.bad(
          where + " holds " + value + ", which is not between " + least + " and " + most);
    }
    return value;
  }

  /** {@return the names of the outputs asked for; empty for all} */
  List<String> wanted() {
    return outputs.stream().map(InferMessage.Output::name).toList();
  }

  /** {@return the most bytes that an answer of these outputs takes} */
  long size(List<ModelTensor> made) {
    long size = 1024;
    for (int i = 0; i < made.size(); i++) {
      long bytes = made.get(i).data().remaining();
      size += binary(i) ? bytes : bytes * InferReply.FLOAT_TEXT;
    }
    return size;
  }

  private boolean binary(int output) {
    Boolean said = outputs.isEmpty() ? null : outputs.get(output).binary();
    return said == null ? binary : said;
  }

  /** Makes the answer. */
  Reply write(Json json, ServedModel model, List<ModelTensor> made) throws RequestException {
    for (int i = 0; i < made.size(); i++) {
      boolean half = made.get(i).type().endsWith("16") && !made.get(i).type().equals("INT16");
      if (half && !binary(i)) {
        throw RequestException.bad(
            "output '" + made.get(i).name() + "' is half precision; ask for it as binary_data");
      }
    }
    byte[] text =
        json.write(
            out -> {
              out.writeStartObject();
              out.writeStringField("model_name", model.name());
              out.writeStringField("model_version", model.version());
              if (id != null) {
                out.writeStringField("id", id);
              }
              out.writeArrayFieldStart("outputs");
              for (int i = 0; i < made.size(); i++) {
                writeOutput(out, made.get(i), binary(i));
              }
              out.writeEndArray();
              out.writeEndObject();
            });
    List<byte[]> parts = new ArrayList<>();
    parts.add(text);
    for (int i = 0; i < made.size(); i++) {
      if (binary(i)) {
        byte[] bytes = new byte[made.get(i).data().remaining()];
        made.get(i).data().duplicate().get(bytes);
        parts.add(bytes);
      }
    }
    return parts.size() == 1
        ? Reply.json(text)
        : new Reply(
            200,
            Reply.BINARY,
            Map.of("Inference-Header-Content-Length", Integer.toString(text.length)),
            parts);
  }

  /** {@return what the protocol calls a tensor's type} */
  static DataType type(ModelTensor tensor) {
    return TYPES.entrySet().stream()
        .filter(one -> one.getValue().equals(tensor.type()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static void writeOutput(JsonGenerator out, ModelTensor tensor, boolean binary)
      throws IOException {
    DataType type = type(tensor);
    ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    out.writeStartObject();
    out.writeStringField("name", tensor.name());
    out.writeStringField("datatype", type.name());
    out.writeArrayFieldStart("shape");
    for (long size : tensor.shape()) {
      out.writeNumber(size);
    }
    out.writeEndArray();
    if (binary) {
      out.writeObjectFieldStart("parameters");
      out.writeNumberField("binary_data_size", data.remaining());
      out.writeEndObject();
    } else if (type == DataType.FP32) {
      out.writeFieldName("data");
      FloatText.writeArray(out, data.asFloatBuffer());
    } else {
      out.writeArrayFieldStart("data");
      while (data.hasRemaining()) {
        writeNumber(out, type, data);
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  private static void writeNumber(JsonGenerator out, DataType type, ByteBuffer data)
      throws IOException {
    switch (type) {
      case FP64 -> out.writeNumber(data.getDouble());
      case INT64 -> out.writeNumber(data.getLong());
      case INT32 -> out.writeNumber(data.getInt());
      case INT16 -> out.writeNumber(data.getShort());
      case INT8 -> out.writeNumber(data.get());
      case UINT8 -> out.writeNumber(Byte.toUnsignedInt(data.get()));
      case BOOL -> out.writeBoolean(data.get() != 0);
      case FP32, UINT16, UINT32, UINT64, FP16, BF16, BYTES ->
          throw new IllegalArgumentException(type + " is not written so");
    }
  }
}
