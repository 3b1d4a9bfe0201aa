package dev.djinn.server;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.djinn.sampler.BatchTimes;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.SamplerStatistics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the server says of itself and its models. */
final class Descriptions {

  private static final List<String> EXTENSIONS =
      List.of("binary_tensor_data", "model_configuration", "schedule_policy", "statistics");

  private static final int LONGEST_PROPERTY = 64 << 10;

  /** What a client of Triton may ask for at once; others may ask for as much as the limit says. */
  private static final int MOST_ROWS = 512;

  private final Json json;
  private final ModelRepository models;
  private final List<String> extensions;
  private final Duration stalledTime;
  private final int mostRows;

  Descriptions(Json json, ModelRepository models, ServerOptions options) {
    this.json = json;
    this.models = models;
    this.stalledTime = options.limits().stalledTime();
    this.mostRows = Math.min(MOST_ROWS, options.limits().rows());
    this.extensions = new ArrayList<>(EXTENSIONS);
    if (options.modelControl() == ModelControl.EXPLICIT) {
      extensions.add("model_repository");
    }
  }

  /** {@return the most rows that a model's configuration lets a request have} */
  int mostRows() {
    return mostRows;
  }

  /** {@return what the server can besides the protocol's core} */
  List<String> extensions() {
    return List.copyOf(extensions);
  }

  Reply live() {
    return object(out -> out.writeBooleanField("live", true));
  }

  Reply ready(boolean ready) {
    Reply reply =
        object(
            out -> {
              out.writeBooleanField("live", true);
              out.writeBooleanField("ready", ready);
            });
    return ready ? reply : unavailable(reply);
  }

  Reply server() {
    return object(
        out -> {
          out.writeStringField("name", "djinn");
          out.writeStringField("version", Release.version());
          strings(out, "extensions", extensions);
        });
  }

  Reply models() {
    return object(out -> strings(out, "models", models.names()));
  }

  Reply model(ServedModel model) {
    GeneratorContract contract = model.signature().contract();
    return object(
        out -> {
          out.writeStringField("name", model.name());
          strings(out, "versions", models.readyVersions(model.name()));
          out.writeStringField("platform", "onnx_onnxv1");
          tensors(out, "inputs", model.signature().inputs());
          tensors(out, "outputs", model.signature().outputs());
          out.writeObjectFieldStart("properties");
          out.writeStringField("provider", model.sampler().provider());
          out.writeStringField("sha256", model.hash());
          for (Map.Entry<String, String> entry : contract.toMetadata().entrySet()) {
            out.writeStringField(entry.getKey(), bounded(entry, contract));
          }
          out.writeEndObject();
        });
  }

  /**
   * A model may say anything of itself, at any length, and each client can ask for it. Of labels
   * that are too long there is their number, of the rest that it is in the file.
   */
  private static String bounded(Map.Entry<String, String> said, GeneratorContract contract) {
    if (said.getValue().length() <= LONGEST_PROPERTY) {
      return said.getValue();
    }
    return said.getKey().equals("djinn.labels")
        ? Integer.toString(contract.labels().size())
        : "{\"omitted\":\"" + said.getValue().length() + " characters; they are in the file\"}";
  }

  /**
   * Whether a model can be used.
   *
   * @param trusted whether to tell what else there is and what is wrong, which those without the
   *     server's token need not know
   */
  Reply modelReady(String name, String version, boolean trusted) throws RequestException {
    String reason = "";
    try {
      ServedModel found = models.find(name, version);
      if (!found.answers(stalledTime)) {
        long seconds = found.sampler().stalled().toSeconds();
        reason = "all its workers are busy with what they run for " + seconds + " s";
      }
    } catch (RequestException e) {
      if (e.status() == 404) {
        throw trusted ? e : new RequestException(404, "there is no such model");
      }
      reason = trusted ? e.getMessage() : "the model cannot be used";
    }
    String why = reason;
    Reply reply =
        object(
            out -> {
              out.writeStringField("name", name);
              out.writeBooleanField("ready", why.isEmpty());
              if (!why.isEmpty()) {
                out.writeStringField("reason", why);
              }
            });
    return why.isEmpty() ? reply : unavailable(reply);
  }

  /**
   * In the words of Triton's model configuration, which clients of that server look for: what the
   * {@code config.pbtxt} says that Djinn writes beside a model.
   */
  Reply config(ServedModel model) {
    return object(
        out -> {
          out.writeStringField("name", model.name());
          out.writeStringField("platform", "onnxruntime_onnx");
          out.writeStringField("backend", "onnxruntime");
          out.writeNumberField("max_batch_size", mostRows);
          configTensors(out, "input", model.signature().inputs());
          configTensors(out, "output", model.signature().outputs());
          out.writeObjectFieldStart("dynamic_batching");
          out.writeEndObject();
        });
  }

  /**
   * Every version of every model.
   *
   * @param readyOnly whether to leave out those that cannot be used
   */
  Reply index(boolean readyOnly) {
    return Reply.json(
        json.write(
            out -> {
              out.writeStartArray();
              for (ServedModel model : models.all()) {
                if (readyOnly && !model.ready()) {
                  continue;
                }
                out.writeStartObject();
                out.writeStringField("name", model.name());
                out.writeStringField("version", model.version());
                out.writeStringField("state", model.ready() ? "READY" : "UNAVAILABLE");
                out.writeStringField("reason", model.reason());
                out.writeEndObject();
              }
              for (String name : readyOnly ? List.<String>of() : models.unloaded()) {
                out.writeStartObject();
                out.writeStringField("name", name);
                out.writeStringField("state", "UNAVAILABLE");
                out.writeStringField("reason", "unloaded");
                out.writeEndObject();
              }
              out.writeEndArray();
            }));
  }

  /** Of one version, of the versions of one model, or of all models. */
  Reply statistics(String name, String version) throws RequestException {
    List<ServedModel> described = models.ready(name, version);
    return object(
        out -> {
          out.writeArrayFieldStart("model_stats");
          for (ServedModel model : described) {
            writeStatistics(out, model);
          }
          out.writeEndArray();
        });
  }

  private static void writeStatistics(JsonGenerator out, ServedModel model) throws IOException {
    Statistics statistics = model.statistics();
    SamplerStatistics runs = model.sampler().statistics();
    out.writeStartObject();
    out.writeStringField("name", model.name());
    out.writeStringField("version", model.version());
    out.writeNumberField("last_inference", statistics.last.get());
    out.writeNumberField("inference_count", runs.rows());
    out.writeNumberField("execution_count", runs.runs().count());
    out.writeObjectFieldStart("inference_stats");
    duration(out, "success", statistics.success.count(), statistics.success.nanos());
    duration(out, "fail", statistics.fail.count(), statistics.fail.nanos());
    duration(out, "queue", runs.waits().count(), runs.waits().nanos());
    duration(out, "compute_input", statistics.input.count(), statistics.input.nanos());
    duration(out, "compute_infer", runs.runs().count(), runs.runs().nanos());
    duration(out, "compute_output", statistics.output.count(), statistics.output.nanos());
    // There is no cache of answers, so nothing was ever found or missed in it.
    duration(out, "cache_hit", 0, 0);
    duration(out, "cache_miss", 0, 0);
    out.writeEndObject();
    out.writeArrayFieldStart("batch_stats");
    for (Map.Entry<Integer, BatchTimes> batch : runs.batchSizes().entrySet()) {
      BatchTimes times = batch.getValue();
      out.writeStartObject();
      out.writeNumberField("batch_size", batch.getKey());
      duration(out, "compute_input", times.count(), times.input());
      duration(out, "compute_infer", times.count(), times.run());
      duration(out, "compute_output", times.count(), times.output());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void duration(JsonGenerator out, String name, long count, long nanos)
      throws IOException {
    out.writeObjectFieldStart(name);
    out.writeNumberField("count", count);
    out.writeNumberField("ns", nanos);
    out.writeEndObject();
  }

  private static void tensors(JsonGenerator out, String field, List<TensorSpec> specs)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (TensorSpec spec : specs) {
      out.writeStartObject();
      out.writeStringField("name", spec.name());
      out.writeStringField("datatype", spec.type().name());
      numbers(out, "shape", spec.shape());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void configTensors(JsonGenerator out, String field, List<TensorSpec> specs)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (TensorSpec spec : specs) {
      out.writeStartObject();
      out.writeStringField("name", spec.name());
      out.writeStringField("data_type", "TYPE_" + spec.type().name());
      // The batch is not part of a configuration's shape, and none may be empty: a number a row is
      // a column that is handed on as the batch alone.
      List<Long> shape = spec.shape().subList(1, spec.shape().size());
      numbers(out, "dims", shape.isEmpty() ? List.of(1L) : shape);
      if (shape.isEmpty()) {
        out.writeObjectFieldStart("reshape");
        numbers(out, "shape", shape);
        out.writeEndObject();
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void numbers(JsonGenerator out, String field, List<Long> values)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (long value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private static void strings(JsonGenerator out, String field, List<String> values)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  private Reply object(Json.Writing fields) {
    return Reply.json(
        json.write(
            out -> {
              out.writeStartObject();
              fields.to(out);
              out.writeEndObject();
            }));
  }

  private static Reply unavailable(Reply reply) {
    return new Reply(503, reply.type(), Map.of("Retry-After", "1"), reply.body());
  }
}
