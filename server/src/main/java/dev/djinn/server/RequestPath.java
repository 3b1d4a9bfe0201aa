package dev.djinn.server;

import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.Samples;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request: find its route, answer at once what is cheap, queue the rest; a worker then
 * inflates, reads and checks it, has the sampler run, and writes the answer. Every request gets
 * exactly one answer, whatever happens.
 */
final class RequestPath implements Connection.Handler {

  private static final Logger LOG = LoggerFactory.getLogger(RequestPath.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("dev.djinn.server.access");

  private final Json json;
  private final Limits limits;
  private final ModelRepository models;
  private final Workers workers;
  private final Descriptions descriptions;
  private final boolean accessLog;
  private volatile boolean draining;

  RequestPath(ServerOptions options, ModelRepository models, Workers workers) {
    this.limits = options.limits();
    this.json = new Json(limits);
    this.models = models;
    this.workers = workers;
    this.descriptions = new Descriptions(json, models);
    this.accessLog = options.accessLog();
  }

  /** From now on the server is not ready. */
  void drain() {
    draining = true;
  }

  @Override
  public void handle(Call call) {
    try {
      Route route = Route.find(call.method(), call.target());
      if (route.endpoint().isWork()) {
        workers.submit(() -> call.answer(guarded(call, () -> work(call, route))));
      } else {
        call.answer(guarded(call, () -> describe(route)));
      }
    } catch (RequestException e) {
      call.answer(e.reply(json));
    }
  }

  /** What can be told without a worker, so that it can be told while all of them are busy. */
  private Reply describe(Route route) throws RequestException {
    return switch (route.endpoint()) {
      case LIVE -> descriptions.live();
      case READY -> descriptions.ready(models.ready() && !draining);
      case SERVER -> descriptions.server();
      case MODELS -> descriptions.models();
      case MODEL -> descriptions.model(models.find(route.model(), route.version()));
      case MODEL_READY -> descriptions.modelReady(route.model(), route.version());
      case CONFIG -> descriptions.config(models.find(route.model(), route.version()));
      case STATS -> descriptions.statistics(route.model(), route.version());
      case INDEX -> descriptions.index();
      case METRICS, LOAD, UNLOAD, INFER, GENERATE, SAMPLES ->
          throw new IllegalStateException(route.endpoint() + " is work");
    };
  }

  private Reply work(Call call, Route route) throws Exception {
    long start = System.nanoTime();
    if (start - call.arrived() > limits.requestTime().toNanos()) {
      throw RequestException.busy("the request waited too long in the queue; try again later");
    }
    ServedModel model = models.find(route.model(), route.version());
    Statistics statistics = model.statistics();
    statistics.queue.add(start - call.arrived());
    try {
      Reply reply =
          switch (route.endpoint()) {
            case INFER -> infer(call, model);
            case SAMPLES -> samples(call, route, model);
            default -> throw new IllegalStateException(route.endpoint() + " is not work");
          };
      reply = Compression.apply(Compression.choose(call.header("Accept-Encoding")), reply);
      statistics.success.add(System.nanoTime() - call.arrived());
      return reply;
    } catch (RequestException | SamplerException e) {
      statistics.fail.add(System.nanoTime() - call.arrived());
      throw e;
    }
  }

  private Reply infer(Call call, ServedModel model) throws RequestException {
    long start = System.nanoTime();
    byte[] body =
        Compression.inflate(call.header("Content-Encoding"), call.body(), limits.bodyBytes());
    int jsonLength = jsonLength(call.header("Inference-Header-Content-Length"), body.length);
    InferRequest request =
        new InferRequestReader(json, limits, model.signature()).read(body, jsonLength);
    reserve(call, InferReply.size(request));
    InferReply reply = new InferReply(request);

    long read = System.nanoTime();
    model.sampler().run(reply.rows());
    long ran = System.nanoTime();

    Reply written = reply.write(json, model.name(), model.version());
    model.statistics().input.add(read - start);
    model.statistics().ran(request.rows(), ran - read);
    model.statistics().output.add(System.nanoTime() - ran);
    return written;
  }

  private Reply samples(Call call, Route route, ServedModel model) throws Exception {
    SampleQuery query = SampleQuery.of(route.query(), model.signature().contract(), limits);
    Pictures form = Pictures.choose(query.format(), call.header("Accept"), Pictures.PNG);
    reserve(call, form.size(query.count(), model.signature().contract().image()));
    // A seed is an answer: what a client has seen once need not be made again.
    String tag = "\"" + model.hash().substring(0, 16) + "-" + query.key() + "-" + form + "\"";
    Map<String, String> caching =
        Map.of("ETag", tag, "Cache-Control", "no-cache", "Vary", "Accept, Accept-Encoding");
    if (tag.equals(call.header("If-None-Match"))) {
      return new Reply(304, "", caching, List.of());
    }
    long start = System.nanoTime();
    Samples samples = model.sampler().sample(query.request());
    long ran = System.nanoTime();
    Reply written = form.write(json, model, query, samples).withAll(caching);
    model.statistics().ran(query.count(), ran - start);
    model.statistics().output.add(System.nanoTime() - ran);
    return written;
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

  private static int jsonLength(String header, int bodyLength) throws RequestException {
    if (header == null) {
      return bodyLength;
    }
    if (header.trim().matches("[0-9]{1,9}") && Integer.parseInt(header.trim()) <= bodyLength) {
      return Integer.parseInt(header.trim());
    }
    throw RequestException.bad(
        "Inference-Header-Content-Length is '"
            + header
            + "'; give an integer from 0 to the body's "
            + bodyLength
            + " bytes");
  }

  /** Something that answers or fails. */
  private interface Answer {
    Reply make() throws Exception;
  }

  private Reply guarded(Call call, Answer answer) {
    try {
      return answer.make();
    } catch (RequestException e) {
      return e.reply(json);
    } catch (SamplerException e) {
      RequestException problem =
          status(e) == 503
              ? RequestException.busy(e.getMessage())
              : new RequestException(status(e), e.getMessage());
      return problem.reply(json);
    } catch (Exception | OutOfMemoryError | StackOverflowError e) {
      LOG.error("{} {} failed", call.method(), call.target(), e);
      return new RequestException(500, "the server failed on this request; its log says why")
          .reply(json);
    }
  }

  private static int status(SamplerException e) {
    return switch (e.reason()) {
      case INVALID_REQUEST -> 400;
      case NOT_FOUND -> 404;
      case OVERLOADED, TIMED_OUT, CLOSED -> 503;
      case INVALID_MODEL, UNAVAILABLE_DEVICE, FAILED -> 500;
    };
  }

  @Override
  public Reply refuse(RequestException problem) {
    return problem.reply(json);
  }

  @Override
  public void answered(String method, String target, Reply reply, long nanos) {
    if (accessLog) {
      ACCESS.info(
          "{} {} {} {} {} us",
          method,
          printable(target),
          reply.status(),
          reply.length(),
          nanos / 1000);
    }
  }

  /** A log line must stay one line, whatever a stranger puts into a target. */
  private static String printable(String target) {
    String shortened = target.length() <= 500 ? target : target.substring(0, 500) + "…";
    return shortened.replaceAll("[^\\x21-\\x7e]", "?");
  }
}
