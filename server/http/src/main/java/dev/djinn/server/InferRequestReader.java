package dev.djinn.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * From the body of an {@code infer} request to a validated {@link InferRequest}: JSON, binary
 * tensors behind JSON, or binary tensors alone. Shapes and sizes are checked before anything is
 * allocated for them.
 */
final class InferRequestReader {

  private final Json json;
  private final Limits limits;
  private final ModelSignature model;

  InferRequestReader(Json json, Limits limits, ModelSignature model) {
    this.json = json;
    this.limits = limits;
    this.model = model;
  }

  /**
   * Reads a request.
   *
   * @param body JSON, then one blob per binary tensor in the order of the inputs
   * @param jsonLength length of the JSON part, 0 to the body's length; 0 for a body of tensor bytes
   *     alone
   * @throws RequestException that says what is wrong with it
   */
  InferRequest read(byte[] body, int jsonLength) throws RequestException {
    if (jsonLength == 0 && body.length > 0) {
      return readRaw(body);
    }
    return read(InferMessage.read(json, body, jsonLength), body, jsonLength);
  }

  /**
   * Reads a request whose message has been read.
   *
   * @param body holds the binary tensors, in the order of the inputs
   * @param from where they begin
   * @throws RequestException that says what is wrong with it
   */
  InferRequest read(InferMessage message, byte[] body, int from) throws RequestException {
    Set<String> seen = new HashSet<>();
    FloatBuffer latents = null;
    LongBuffer labels = null;
    int latentRows = 0;
    int blob = from;
    for (InferMessage.Input input : message.inputs()) {
      TensorSpec spec = model.input(input.name());
      if (!seen.add(input.name())) {
        throw RequestException.bad("input '" + input.name() + "' is given twice");
      }
      int rows = checkShape(spec, input);
      ByteBuffer data;
      if (input.binarySize() < 0) {
        data = readNumbers(spec, input, body, rows);
      } else {
        data = readBlob(spec, input.binarySize(), body, blob, rows);
        blob += data.remaining();
      }
      if (spec.type() == DataType.FP32) {
        latents = data.asFloatBuffer();
        latentRows = rows;
      } else {
        labels = data.asLongBuffer();
      }
    }
    for (TensorSpec spec : model.inputs()) {
      if (!seen.contains(spec.name())) {
        throw RequestException.bad("the request lacks the input '" + spec.name() + "'");
      }
    }
    if (blob != body.length) {
      throw RequestException.bad(
          "there are " + (body.length - blob) + " unexpected bytes after the last tensor");
    }
    if (labels != null && labels.remaining() != latentRows) {
      throw RequestException.bad(
          "the inputs differ in batch: latent has "
              + latentRows
              + " rows and label "
              + labels.remaining());
    }
    return new InferRequest(
        message.id(), latentRows, latents, labels, message.schedule(), outputs(message));
  }

  /** The body is one latent after another; their number follows from its length. */
  private InferRequest readRaw(byte[] body) throws RequestException {
    if (model.inputs().size() != 1) {
      throw RequestException.bad(
          "a body without JSON needs a model of one input; '"
              + model.name()
              + "' has "
              + model.inputs().stream().map(TensorSpec::name).toList());
    }
    TensorSpec spec = model.inputs().get(0);
    int rowBytes = Math.toIntExact(spec.rowSize() * spec.type().size());
    if (body.length % rowBytes != 0) {
      throw RequestException.bad(
          "a body of "
              + body.length
              + " bytes is not a whole number of latents of "
              + rowBytes
              + " bytes");
    }
    int rows = checkRows(body.length / rowBytes);
    FloatBuffer latents = readBlob(spec, body.length, body, 0, rows).asFloatBuffer();
    List<InferRequest.Wanted> all =
        model.outputs().stream().map(output -> new InferRequest.Wanted(output, true)).toList();
    return new InferRequest(null, rows, latents, null, SchedulePolicy.USUAL, all);
  }

  private List<InferRequest.Wanted> outputs(InferMessage message) throws RequestException {
    List<InferRequest.Wanted> wanted = new ArrayList<>();
    if (message.outputs().isEmpty()) {
      for (TensorSpec spec : model.outputs()) {
        wanted.add(new InferRequest.Wanted(spec, message.binaryOutputs()));
      }
      return wanted;
    }
    Set<String> seen = new HashSet<>();
    for (InferMessage.Output output : message.outputs()) {
      TensorSpec spec = model.output(output.name());
      if (!seen.add(output.name())) {
        throw RequestException.bad("output '" + output.name() + "' is asked for twice");
      }
      boolean binary = output.binary() == null ? message.binaryOutputs() : output.binary();
      wanted.add(new InferRequest.Wanted(spec, binary));
    }
    return wanted;
  }

  /** Returns the batch. */
  private int checkShape(TensorSpec spec, InferMessage.Input input) throws RequestException {
    if (input.datatype() != spec.type()) {
      throw RequestException.bad(
          "input '"
              + spec.name()
              + "' is "
              + input.datatype()
              + "; the model takes "
              + spec.type());
    }
    List<Long> shape = input.shape();
    // A label a row may also come as a column, which is how clients that batch everything send it.
    boolean column = spec.shape().size() == 1 && shape.size() == 2 && shape.get(1) == 1;
    boolean fits = column || shape.size() == spec.shape().size();
    for (int i = 1; fits && !column && i < shape.size(); i++) {
      fits = shape.get(i).equals(spec.shape().get(i));
    }
    if (!fits) {
      throw RequestException.bad(
          "input '"
              + spec.name()
              + "' has the shape "
              + shape
              + "; the model takes "
              + spec.shape());
    }
    return checkRows(shape.get(0));
  }

  private int checkRows(long rows) throws RequestException {
    if (rows < 1) {
      throw RequestException.bad("the request has no rows; ask for at least 1");
    }
    if (rows > limits.rows()) {
      throw RequestException.bad(
          "the request has " + rows + " rows; the limit is " + limits.rows());
    }
    if ((double) rows * model.contract().latent().size() * Float.BYTES > limits.bodyBytes()) {
      throw RequestException.bad(
          rows + " latents are more than the limit of " + limits.bodyBytes() + " bytes");
    }
    return (int) rows;
  }

  /** Gives the tensor that starts at a byte of the body; nothing is copied. */
  private static ByteBuffer readBlob(TensorSpec spec, long size, byte[] body, int from, int rows)
      throws RequestException {
    long wanted = rows * spec.rowSize() * spec.type().size();
    if (size != wanted) {
      throw RequestException.bad(
          "input '"
              + spec.name()
              + "' says binary_data_size "
              + size
              + "; its shape makes "
              + wanted
              + " bytes");
    }
    if (size > body.length - from) {
      throw RequestException.bad(
          "input '"
              + spec.name()
              + "' needs "
              + size
              + " bytes and the body has "
              + (body.length - from)
              + " left");
    }
    return ByteBuffer.wrap(body, from, (int) size).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads the numbers of an input's JSON array, nested as its shape says or flat. */
  private ByteBuffer readNumbers(TensorSpec spec, InferMessage.Input input, byte[] text, int rows)
      throws RequestException {
    ByteBuffer data =
        ByteBuffer.allocate(Math.toIntExact(rows * spec.rowSize() * spec.type().size()))
            .order(ByteOrder.LITTLE_ENDIAN);
    int length = input.dataEnd() - input.dataStart();
    try (JsonParser parser = json.parser(text, input.dataStart(), length)) {
      parser.nextToken();
      boolean nested = parser.nextToken() == JsonToken.START_ARRAY;
      List<Long> shape = nested ? input.shape() : List.of(rows * spec.rowSize());
      readLevel(parser, spec, shape, 0, data);
    } catch (IOException e) {
      throw Json.malformed(e);
    }
    return data.flip();
  }

  /** Reads one array, on whose first element, or end, the parser stands. */
  private static void readLevel(
      JsonParser parser, TensorSpec spec, List<Long> shape, int level, ByteBuffer data)
      throws IOException, RequestException {
    String where = "input '" + spec.name() + "'";
    long count = 0;
    for (; parser.currentToken() != JsonToken.END_ARRAY; parser.nextToken(), count++) {
      if (count == shape.get(level)) {
        throw RequestException.bad(
            where
                + " has more data than its shape says: over "
                + count
                + " elements in an array of "
                + count);
      }
      boolean array = parser.currentToken() == JsonToken.START_ARRAY;
      if (array != (level + 1 < shape.size())) {
        throw RequestException.bad(where + " is nested otherwise than its shape says");
      }
      if (array) {
        parser.nextToken();
        readLevel(parser, spec, shape, level + 1, data);
      } else if (spec.type() == DataType.FP32) {
        data.putFloat(Json.number(parser, where));
      } else {
        data.putLong(Json.integer(parser, where));
      }
    }
    if (count != shape.get(level)) {
      throw RequestException.bad(
          where
              + " has fewer data than its shape says: "
              + count
              + " elements in an array of "
              + shape.get(level));
    }
  }
}
