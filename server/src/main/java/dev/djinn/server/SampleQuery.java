package dev.djinn.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which samples a client wants to see.
 *
 * @param count how many, at least 1
 * @param seed the seed; 0 if none is given, so that the same address is the same picture
 * @param first number of the first sample
 * @param label its number; -1 to draw labels by the seed
 * @param columns samples in a row of a grid; 0 for a nearly square one
 * @param format as the client names it; null if it does not
 */
record SampleQuery(int count, long seed, long first, int label, int columns, String format) {

  private static final int COUNT = 16;
  private static final Set<String> KEYS =
      Set.of("count", "seed", "first", "label", "columns", "format");

  /** Reads a query's parameters. */
  static SampleQuery of(Map<String, List<String>> query, GeneratorContract contract, Limits limits)
      throws RequestException {
    Map<String, String> values = new HashMap<>();
    for (Map.Entry<String, List<String>> entry : query.entrySet()) {
      if (entry.getValue().size() != 1) {
        throw RequestException.bad("'" + entry.getKey() + "' is given more than once");
      }
      values.put(entry.getKey(), entry.getValue().get(0));
    }
    return ofValues(values, contract, limits);
  }

  /**
   * Reads a JSON object, with the parameters in it or, as other servers have it, in "parameters".
   */
  static SampleQuery read(Json json, byte[] body, GeneratorContract contract, Limits limits)
      throws RequestException {
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = json.parser(body, 0, body.length)) {
      Json.expect(parser.nextToken(), JsonToken.START_OBJECT, "the request");
      readValues(parser, values, true);
      Json.expectEnd(parser);
    } catch (IOException e) {
      throw Json.malformed(e);
    }
    return ofValues(values, contract, limits);
  }

  private static void readValues(JsonParser parser, Map<String, String> values, boolean outermost)
      throws IOException, RequestException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (outermost && name.equals("parameters") && value == JsonToken.START_OBJECT) {
        readValues(parser, values, false);
      } else if (!value.isScalarValue()) {
        throw RequestException.bad(name + " is neither a number nor a string");
      } else if (values.put(name, parser.getText()) != null) {
        throw RequestException.bad("'" + name + "' is given more than once");
      }
    }
  }

  /**
   * Reads values by key; unknown keys are refused, since a misspelt one would be a wrong picture.
   */
  static SampleQuery ofValues(Map<String, String> values, GeneratorContract contract, Limits limits)
      throws RequestException {
    for (String key : values.keySet()) {
      if (!KEYS.contains(key)) {
        throw RequestException.bad(
            "there is no parameter '"
                + key
                + "'; there are count, seed, first, label, columns, format");
      }
    }
    int count = (int) number(values, "count", COUNT, 1, limits.rows());
    long seed = number(values, "seed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
    long first = number(values, "first", 0, 0, Long.MAX_VALUE - count);
    int columns = (int) number(values, "columns", 0, 1, limits.rows());
    return new SampleQuery(
        count, seed, first, label(values.get("label"), contract), columns, values.get("format"));
  }

  private static long number(
      Map<String, String> values, String key, long usual, long low, long high)
      throws RequestException {
    String text = values.get(key);
    if (text == null) {
      return usual;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= low && value <= high) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as any other value that does not fit.
    }
    throw RequestException.bad(
        key + " is '" + text + "'; give an integer from " + low + " to " + high);
  }

  private static int label(String text, GeneratorContract contract) throws RequestException {
    if (text == null) {
      return -1;
    }
    if (!contract.conditional()) {
      throw RequestException.bad("label is '" + text + "', but this model has no labels");
    }
    OptionalInt label = contract.labelIndex(text);
    if (label.isEmpty()) {
      throw RequestException.bad(
          "label '" + text + "' is none of " + contract.labels() + " nor a number of one");
    }
    return label.getAsInt();
  }

  SampleRequest request() {
    SampleRequest request =
        SampleRequest.of(count).withSeed(seed).withFirstIndex(first).withOutputs(Output.PIXELS);
    return label < 0 ? request : request.withLabel(label);
  }

  int columnsOf(int samples) {
    return columns > 0 ? columns : (int) Math.ceil(Math.sqrt(samples));
  }

  /** {@return what the answer depends on besides model and form} */
  String key() {
    return count + "-" + seed + "-" + first + "-" + label + "-" + columns;
  }
}
