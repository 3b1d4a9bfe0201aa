package dev.djinn.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The JSON part of an inference request, as sent. Where an input carries its numbers in the JSON,
 * only their place in the text is noted: they are read once their shape is known to be right, so
 * that nothing is allocated for a request that will be refused.
 *
 * @param id null if absent
 * @param binaryOutputs the default for all outputs
 * @param schedule how urgent it is
 * @param inputs as sent
 * @param outputs as sent; empty for all
 */
record InferMessage(
    String id,
    boolean binaryOutputs,
    SchedulePolicy schedule,
    List<Input> inputs,
    List<Output> outputs) {

  /** No client names more tensors than this, and no generator has them. */
  private static final int MOST_TENSORS = 64;

  private static final int MOST_DIMENSIONS = 8;

  /**
   * An input as sent.
   *
   * @param name its name
   * @param datatype its element type's name
   * @param shape its dimensions, none negative
   * @param dataStart where its JSON array begins in the text; -1 without one
   * @param dataEnd where that array ends
   * @param binarySize bytes behind the JSON; -1 if it has none there
   */
  record Input(
      String name,
      DataType datatype,
      List<Long> shape,
      int dataStart,
      int dataEnd,
      long binarySize) {}

  /**
   * An output as asked for.
   *
   * @param name its name
   * @param binary null if the default applies
   */
  record Output(String name, Boolean binary) {}

  static InferMessage read(Json json, byte[] text, int length) throws RequestException {
    try (JsonParser parser = json.parser(text, 0, length)) {
      Json.expect(parser.nextToken(), JsonToken.START_OBJECT, "the request");
      String id = null;
      Parameters parameters = Parameters.NONE;
      List<Input> inputs = null;
      List<Output> outputs = List.of();
      for (String field = Json.nextField(parser); field != null; field = Json.nextField(parser)) {
        switch (field) {
          case "id" -> id = Json.string(parser, "id");
          case "parameters" -> parameters = readParameters(parser);
          case "inputs" -> inputs = readInputs(parser);
          case "outputs" -> outputs = readOutputs(parser);
          default -> parser.skipChildren();
        }
      }
      Json.expectEnd(parser);
      if (inputs == null) {
        throw RequestException.bad("the request has no inputs");
      }
      boolean binary = Boolean.TRUE.equals(parameters.binaryOutput());
      return new InferMessage(id, binary, parameters.schedule(), inputs, outputs);
    } catch (IOException e) {
      throw Json.malformed(e);
    }
  }

  private static List<Input> readInputs(JsonParser parser) throws IOException, RequestException {
    Json.expect(parser.currentToken(), JsonToken.START_ARRAY, "inputs");
    List<Input> inputs = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      checkCount(inputs.size(), "inputs");
      inputs.add(readInput(parser, "inputs[" + inputs.size() + "]"));
    }
    return inputs;
  }

  private static Input readInput(JsonParser parser, String where)
      throws IOException, RequestException {
    Json.expect(parser.currentToken(), JsonToken.START_OBJECT, where);
    String name = null;
    DataType datatype = null;
    List<Long> shape = null;
    int dataStart = -1;
    int dataEnd = -1;
    long binarySize = -1;
    for (String field = Json.nextField(parser); field != null; field = Json.nextField(parser)) {
      JsonToken value = parser.currentToken();
      switch (field) {
        case "name" -> name = Json.string(parser, where + ".name");
        case "datatype" -> datatype = DataType.parse(Json.string(parser, where + ".datatype"));
        case "shape" -> shape = readShape(parser, where + ".shape");
        case "parameters" -> binarySize = readParameters(parser).binarySize();
        case "data" -> {
          Json.expect(value, JsonToken.START_ARRAY, where + ".data");
          dataStart = (int) parser.currentTokenLocation().getByteOffset();
          parser.skipChildren();
          dataEnd = (int) parser.currentLocation().getByteOffset();
        }
        default -> parser.skipChildren();
      }
    }
    require(name, where, "name");
    require(datatype, where, "datatype");
    require(shape, where, "shape");
    if (dataStart < 0 && binarySize < 0) {
      throw RequestException.bad(where + " has neither data nor the parameter binary_data_size");
    }
    if (dataStart >= 0 && binarySize >= 0) {
      throw RequestException.bad(where + " has both data and the parameter binary_data_size");
    }
    return new Input(name, datatype, shape, dataStart, dataEnd, binarySize);
  }

  private static List<Long> readShape(JsonParser parser, String where)
      throws IOException, RequestException {
    Json.expect(parser.currentToken(), JsonToken.START_ARRAY, where);
    List<Long> shape = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (shape.size() == MOST_DIMENSIONS) {
        throw RequestException.bad(where + " has more than " + MOST_DIMENSIONS + " dimensions");
      }
      shape.add(Json.integer(parser, where));
    }
    checkShape(shape, where);
    return shape;
  }

  static void checkShape(List<Long> shape, String where) throws RequestException {
    if (shape.size() > MOST_DIMENSIONS) {
      throw RequestException.bad(where + " has more than " + MOST_DIMENSIONS + " dimensions");
    }
    long product = 1;
    for (long size : shape) {
      if (size < 0) {
        throw RequestException.bad(where + " has the negative dimension " + size);
      }
      try {
        product = Math.multiplyExact(product, Math.max(1, size));
      } catch (ArithmeticException e) {
        throw RequestException.bad(where + " has more elements than fit into 63 bits");
      }
    }
  }

  private static List<Output> readOutputs(JsonParser parser) throws IOException, RequestException {
    Json.expect(parser.currentToken(), JsonToken.START_ARRAY, "outputs");
    List<Output> outputs = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      checkCount(outputs.size(), "outputs");
      String where = "outputs[" + outputs.size() + "]";
      Json.expect(parser.currentToken(), JsonToken.START_OBJECT, where);
      String name = null;
      Boolean binary = null;
      for (String field = Json.nextField(parser); field != null; field = Json.nextField(parser)) {
        switch (field) {
          case "name" -> name = Json.string(parser, where + ".name");
          case "parameters" -> binary = readParameters(parser).binary();
          default -> parser.skipChildren();
        }
      }
      require(name, where, "name");
      outputs.add(new Output(name, binary));
    }
    return outputs;
  }

  /** The parameters that mean something here, wherever they stand. */
  private record Parameters(
      Boolean binaryOutput, Boolean binary, long binarySize, SchedulePolicy schedule) {
    static final Parameters NONE = new Parameters(null, null, -1, SchedulePolicy.USUAL);
  }

  private static Parameters readParameters(JsonParser parser) throws IOException, RequestException {
    Json.expect(parser.currentToken(), JsonToken.START_OBJECT, "parameters");
    Boolean binaryOutput = null;
    Boolean binary = null;
    long binarySize = -1;
    long priority = 0;
    long timeout = 0;
    for (String field = Json.nextField(parser); field != null; field = Json.nextField(parser)) {
      JsonToken value = parser.currentToken();
      switch (field) {
        case "priority" -> priority = Json.integer(parser, field);
        case "timeout" -> timeout = Json.integer(parser, field);
        case "binary_data_output" -> binaryOutput = Json.bool(parser, field);
        case "binary_data" -> binary = Json.bool(parser, field);
        case "binary_data_size" -> {
          binarySize = Json.integer(parser, field);
          if (binarySize < 0) {
            throw RequestException.bad("binary_data_size is " + binarySize + "; give 0 or more");
          }
        }
        default -> {
          if (value.isStructStart()) {
            throw RequestException.bad(
                "parameter '" + field + "' is neither a string, a number nor true or false");
          }
        }
      }
    }
    try {
      return new Parameters(
          binaryOutput, binary, binarySize, new SchedulePolicy(priority, timeout));
    } catch (IllegalArgumentException e) {
      throw RequestException.bad(e.getMessage());
    }
  }

  private static void require(Object value, String where, String field) throws RequestException {
    if (value == null) {
      throw RequestException.bad(where + " has no " + field);
    }
  }

  /** Refuses one more tensor than this many, if they are as many as there may be. */
  static void checkCount(int count, String what) throws RequestException {
    if (count >= MOST_TENSORS) {
      throw RequestException.bad("more than " + MOST_TENSORS + " " + what);
    }
  }
}
