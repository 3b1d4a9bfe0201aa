package dev.djinn.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.djinn.sampler.ContractReader;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Latents;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model on a server, as a client sees it by the Open Inference Protocol. */
final class ServedTarget {
  private static final String PROPERTIES = "/properties/";
  private static final String LABELS = "djinn.labels";

  private final URI model;
  private final String token;
  private final GeneratorContract contract;

  /**
   * Asks what the model is.
   *
   * @param address of a model, or of a server with one model
   * @param token null without one
   */
  ServedTarget(URI address, String token) throws IOException {
    this.token = token;
    if (address.getHost() == null) {
      throw new SamplerException(Reason.INVALID_REQUEST, "'" + address + "' names no host");
    }
    String path = address.getPath().replaceAll("/+$", "");
    model = path.contains("/v2/models/") ? address.resolve(path) : onlyModel(address, path);
    Map<String, String> said = get(model, "");
    Map<String, String> properties = new HashMap<>();
    said.forEach(
        (key, value) -> {
          if (key.startsWith(PROPERTIES)) {
            properties.put(key.substring(PROPERTIES.length()), value);
          }
        });
    // Where there are too many names to send, the server gives their number.
    properties.computeIfPresent(
        LABELS, (key, labels) -> labels.startsWith("[") ? labels : numbered(labels));
    contract = ContractReader.read(properties);
  }

  private static String numbered(String count) {
    return IntStream.range(0, Integer.parseInt(count))
        .mapToObj(label -> "\"" + label + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private URI onlyModel(URI server, String path) throws IOException {
    Map<String, String> said = get(server.resolve(path + "/v2/models"), "");
    if (said.size() != 1) {
      throw new SamplerException(
          Reason.INVALID_REQUEST,
          "the server has " + said.size() + " models; give one as " + server + "/v2/models/NAME");
    }
    return server.resolve(path + "/v2/models/" + said.values().iterator().next());
  }

  URI model() {
    return model;
  }

  /** Opens a connection that asks for the same number of images again and again. */
  Load.Caller caller(int rows, int number) throws IOException {
    BenchConnection connection = new BenchConnection(model, token);
    byte[] request = connection.post("/infer", header(rows, number), latents(rows, number));
    return new Load.Caller() {
      @Override
      public void call() throws IOException {
        connection.exchange(request);
      }

      @Override
      public void close() throws IOException {
        connection.close();
      }
    };
  }

  private byte[] header(int rows, int number) {
    int size = contract.latent().size();
    String label = "";
    if (contract.conditional()) {
      LongBuffer labels = LongBuffer.allocate(rows);
      Latents.fillLabels(number, 0, rows, labels, contract.labels().size());
      label =
          String.format(
              Locale.ROOT,
              ",{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[%d],\"data\":%s}",
              rows,
              Arrays.toString(labels.array()));
    }
    String text =
        String.format(
            Locale.ROOT,
            "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[%d,%d],"
                + "\"parameters\":{\"binary_data_size\":%d}}%s],"
                + "\"outputs\":[{\"name\":\"pixels\",\"parameters\":{\"binary_data\":true}}]}",
            rows,
            size,
            4L * rows * size,
            label);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] latents(int rows, int number) {
    float[] drawn = new float[rows * contract.latent().size()];
    Latents.fill(number, 0, rows, drawn, contract.latent());
    ByteBuffer bytes = ByteBuffer.allocate(4 * drawn.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(drawn);
    return bytes.array();
  }

  /** {@return the model's statistics by JSON pointer, the version's that answers} */
  Map<String, String> statistics() throws IOException {
    return get(model, "/stats");
  }

  /** Gives what a server did between two looks at its statistics. */
  static Measurement.ServerSide between(Map<String, String> before, Map<String, String> after) {
    long requests = difference(before, after, "/inference_stats/success/count");
    long waits = difference(before, after, "/inference_stats/queue/count");
    long batches = difference(before, after, "/execution_count");
    return new Measurement.ServerSide(
        difference(before, after, "/inference_count"),
        batches,
        requests,
        each(difference(before, after, "/inference_stats/success/ns"), requests),
        each(difference(before, after, "/inference_stats/queue/ns"), waits),
        each(difference(before, after, "/inference_stats/compute_infer/ns"), batches));
  }

  private static double each(long nanos, long count) {
    return count == 0 ? 0 : nanos / 1e3 / count;
  }

  /** Sums over versions, since the address may leave the version to the server. */
  private static long difference(
      Map<String, String> before, Map<String, String> after, String field) {
    return sum(after, field) - sum(before, field);
  }

  private static long sum(Map<String, String> statistics, String field) {
    return statistics.entrySet().stream()
        .filter(entry -> entry.getKey().matches("/model_stats/[0-9]+" + field))
        .mapToLong(entry -> Long.parseLong(entry.getValue()))
        .sum();
  }

  private Map<String, String> get(URI address, String path) throws IOException {
    try (BenchConnection connection = new BenchConnection(address, token)) {
      return flatten(connection.exchange(connection.get(path)));
    }
  }

  /** {@return the scalars of a JSON text by JSON pointer} */
  private static Map<String, String> flatten(byte[] json) throws IOException {
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken().isScalarValue()) {
          values.put(parser.getParsingContext().pathAsPointer().toString(), parser.getText());
        }
      }
    }
    return values;
  }
}
