package dev.djinn.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Latents;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.SamplerException;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which samples a client wants to see.
 *
 * @param count how many, at least 1
 * @param seed the seed; 0 if none is given, so that the same address is the same picture
 * @param first number of the first sample
 * @param label its number; -1 to draw labels by the seed
 * @param truncation how far drawn latents may lie from the prior's centre, 1 for as far as they do
 * @param origin where the latents come from
 * @param columns samples in a row of a grid; 0 for a nearly square one
 * @param format as the client names it; null if it does not
 */
record SampleQuery(
    int count,
    long seed,
    long first,
    int label,
    double truncation,
    Origin origin,
    int columns,
    String format) {

  private static final int COUNT = 16;
  private static final List<String> KEYS =
      List.of(
          "count",
          "seed",
          "first",
          "label",
          "truncation",
          "to",
          "manifold",
          "latent",
          "columns",
          "format");

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
    for (String name = Json.nextField(parser); name != null; name = Json.nextField(parser)) {
      JsonToken value = parser.currentToken();
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
            "there is no parameter '" + key + "'; there are " + String.join(", ", KEYS));
      }
    }
    Origin origin = origin(values, contract, limits);
    int count = count(values, origin, contract.latent().size(), limits);
    long seed = number(values, "seed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
    long first = number(values, "first", 0, 0, Long.MAX_VALUE - count);
    int usual = origin instanceof Origin.Manifold plane ? plane.side() : 0;
    int columns = (int) number(values, "columns", usual, 1, limits.rows());
    int label = label(values.get("label"), contract);
    double truncation = truncation(values.get("truncation"), origin);
    return new SampleQuery(
        count, seed, first, label, truncation, origin, columns, values.get("format"));
  }

  private static Origin origin(
      Map<String, String> values, GeneratorContract contract, Limits limits)
      throws RequestException {
    List<String> ways = List.of("to", "manifold", "latent");
    List<String> given = ways.stream().filter(values::containsKey).toList();
    if (given.size() > 1) {
      throw RequestException.bad(String.join(" and ", given) + " exclude each other");
    }
    return switch (given.isEmpty() ? "" : given.get(0)) {
      case "to" -> new Origin.Walk(number(values, "to", 0, Long.MIN_VALUE, Long.MAX_VALUE));
      case "manifold" -> {
        int most = (int) Math.sqrt(limits.rows());
        yield new Origin.Manifold((int) number(values, "manifold", 0, 2, most));
      }
      case "latent" -> new Origin.Given(latent(values.get("latent"), contract.latent().size()));
      default -> new Origin.Drawn();
    };
  }

  private static float[] latent(String text, int size) throws RequestException {
    String[] parts = text.split(",", -1);
    if (parts.length % size != 0) {
      throw RequestException.bad(
          "latent holds " + parts.length + " numbers; this model takes " + size + " a sample");
    }
    float[] latent = new float[parts.length];
    for (int i = 0; i < latent.length; i++) {
      String part = parts[i].trim();
      latent[i] = Float.parseFloat(decimal("latent", part));
      if (!Float.isFinite(latent[i])) {
        throw noNumber("latent", part);
      }
    }
    return latent;
  }

  private static double truncation(String text, Origin origin) throws RequestException {
    if (text == null) {
      return 1;
    }
    if (!(origin instanceof Origin.Drawn)) {
      throw RequestException.bad("truncation is for samples that a seed draws");
    }
    // As exact as from Java and the command line, or the pictures would not be the same.
    double truncation = Double.parseDouble(decimal("truncation", text));
    if (truncation < 0 || truncation > 1) {
      throw RequestException.bad("truncation is '" + text + "'; give a number from 0 to 1");
    }
    return truncation;
  }

  /** Refuses what is no number, but not whatever Java takes for one, such as 1f, 0x1p3 and NaN. */
  private static String decimal(String name, String text) throws RequestException {
    if (text.matches("[-+]?[0-9]{1,64}(\\.[0-9]{0,64})?([eE][-+]?[0-9]{1,3})?")) {
      return text;
    }
    throw noNumber(name, text);
  }

  private static RequestException noNumber(String name, String text) {
    return RequestException.bad(name + " holds '" + text + "', which is not a finite number");
  }

  /** Gives the number of samples, which a plane and given latents have already. */
  private static int count(Map<String, String> values, Origin origin, int size, Limits limits)
      throws RequestException {
    int fixed = 0;
    if (origin instanceof Origin.Manifold plane) {
      fixed = plane.side() * plane.side();
    } else if (origin instanceof Origin.Given latents) {
      fixed = latents.values().length / size;
    }
    int least = origin instanceof Origin.Walk ? 2 : 1;
    int count = (int) number(values, "count", fixed > 0 ? fixed : COUNT, least, limits.rows());
    if (fixed > 0 && count != fixed) {
      throw RequestException.bad("count is '" + count + "', but the latents make " + fixed);
    }
    if (count > limits.rows()) {
      throw RequestException.bad(
          "the latents make " + count + " samples; most are " + limits.rows());
    }
    return count;
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
    try {
      return contract.label(text);
    } catch (SamplerException e) {
      throw RequestException.bad(e.getMessage());
    }
  }

  SampleRequest request(GeneratorContract contract) {
    SampleRequest request =
        SampleRequest.of(count)
            .withSeed(seed)
            .withFirstIndex(first)
            .withTruncation(truncation)
            .withOutputs(Output.PIXELS);
    float[] latents = origin.latents(seed, first, count, contract);
    if (latents != null) {
      request = request.withLatents(latents);
    }
    int one = label;
    if (one < 0 && latents != null && contract.conditional()) {
      // One for all: who looks at how pictures change wants them to change by the latents alone.
      LongBuffer drawn = LongBuffer.allocate(1);
      Latents.fillLabels(seed, first, 1, drawn, contract.labels().size());
      one = (int) drawn.get(0);
    }
    return one < 0 ? request : request.withLabel(one);
  }

  int columnsOf(int samples) {
    return columns > 0 ? columns : (int) Math.ceil(Math.sqrt(samples));
  }

  /** {@return what the answer depends on besides model and form} */
  String key() {
    String what = count + "-" + seed + "-" + first + "-" + label + "-" + columns;
    what += truncation == 1 ? "" : "-t" + truncation;
    return origin instanceof Origin.Drawn ? what : what + "-" + origin.key();
  }
}
