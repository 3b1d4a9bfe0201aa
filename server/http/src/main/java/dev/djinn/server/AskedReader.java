package dev.djinn.server;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.ModelTensor;
import dev.djinn.sampler.Samples;
import dev.djinn.sampler.Urgency;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads requests for images and checks them: by tensors ({@code infer}) or by seeds ({@code
 * samples}, {@code generate}). What the answer will take is reserved before it is begun.
 */
final class AskedReader {

  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,9}");

  private final Json json;
  private final Limits limits;

  AskedReader(Json json, Limits limits) {
    this.json = json;
    this.limits = limits;
  }

  Asked<?> infer(Call call, ServedModel model) throws RequestException {
    byte[] body = inflate(call);
    int jsonLength = jsonLength(call.header("Inference-Header-Content-Length"), body.length);
    OwnInference own = OwnInference.read(json, limits, model, body, jsonLength);
    if (own != null) {
      return ownTensors(call, model, own);
    }
    InferRequest request =
        new InferRequestReader(json, limits, model.signature()).read(body, jsonLength);
    long size = InferReply.size(request);
    reserve(call, size);
    InferReply reply = new InferReply(request);
    return new Asked<>(
        null,
        0,
        sampler -> sampler.submit(reply.rows(), request.schedule().hasten(urgency(call))),
        size,
        InferReply.textSize(request),
        done -> reply.write(json, model.name(), model.version()));
  }

  /** The model's own tensors in and out; how large the answer is, only the model knows. */
  private Asked<List<ModelTensor>> ownTensors(Call call, ServedModel model, OwnInference own) {
    return new Asked<>(
        null,
        0,
        sampler -> sampler.submit(own.inputs(), own.wanted()),
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        outputs -> {
          reserve(call, own.size(outputs));
          return own.write(json, model, outputs);
        });
  }

  Asked<Samples> samples(Call call, Route route, ServedModel model) throws RequestException {
    GeneratorContract contract = model.signature().contract();
    boolean get = route.endpoint() == Route.Endpoint.SAMPLES;
    SampleQuery query =
        get
            ? SampleQuery.of(route.query(), contract, limits)
            : SampleQuery.read(json, inflate(call), contract, limits);
    Pictures form =
        Pictures.choose(query.format(), call.header("Accept"), get ? Pictures.PNG : Pictures.JSON);
    long size = form.size(query.count(), contract.image());
    // A seed is an answer: what a client has seen once need not be made again.
    String tag = "W/\"" + model.tag() + "-" + query.key() + "-" + form + "\"";
    Map<String, String> caching =
        !get
            ? Map.of()
            : model.tag().isEmpty()
                ? Map.of("Cache-Control", "no-store")
                : Map.of(
                    "ETag", tag, "Cache-Control", "no-cache", "Vary", "Accept, Accept-Encoding");
    Reply known = null;
    if (get && !model.tag().isEmpty() && call.knows(tag.substring(2))) {
      known = new Reply(304, "", caching, List.of());
    } else {
      reserve(call, size);
    }
    return new Asked<>(
        known,
        (long) query.count() * contract.latent().size(),
        sampler -> sampler.sampleAsync(query.request(contract), urgency(call)),
        size,
        size,
        drawn -> form.write(json, model, query, drawn).withAll(caching));
  }

  byte[] inflate(Call call) throws RequestException {
    return Compression.inflate(
        call.header("Content-Encoding"), call.body(), limits.bodyBytes(), call::hold);
  }

  private void reserve(Call call, long bytes) throws RequestException {
    if (bytes > limits.replyBytes()) {
      throw RequestException.bad(
          "the answer would take up to "
              + bytes
              + " bytes; the limit is "
              + limits.replyBytes()
              + ": ask for fewer rows, fewer outputs or binary ones");
    }
    call.hold(bytes);
  }

  /** A request may wait as long as the server's limit says, or less if it says so itself. */
  private Urgency urgency(Call call) throws RequestException {
    long left = limits.requestTime().toNanos() - (System.nanoTime() - call.arrived());
    return urgency(left, call.client());
  }

  /**
   * As long as there is time left.
   *
   * @param nanos that a request may still wait
   * @param client whose turn it takes
   * @throws RequestException 503 if there are none
   */
  static Urgency urgency(long nanos, Object client) throws RequestException {
    if (nanos <= 0) {
      throw RequestException.busy("the request waited too long in the queue; try again later");
    }
    return Urgency.DEFAULT.withTimeout(Duration.ofNanos(nanos)).withClient(client);
  }

  private static int jsonLength(String header, int bodyLength) throws RequestException {
    if (header == null) {
      return bodyLength;
    }
    if (LENGTH.matcher(header.trim()).matches() && Integer.parseInt(header.trim()) <= bodyLength) {
      return Integer.parseInt(header.trim());
    }
    throw RequestException.bad(
        "Inference-Header-Content-Length is '"
            + header
            + "'; give an integer from 0 to the body's "
            + bodyLength
            + " bytes");
  }
}
