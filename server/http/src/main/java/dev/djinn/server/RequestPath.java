package dev.djinn.server;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.ModelTensor;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.Samples;
import dev.djinn.sampler.Urgency;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request: find its route; answer at once what is cheap; read and check the rest, hand
 * it to the model's sampler, which merges it with others into batches, and write what comes back.
 * Every request gets exactly one answer, whatever happens.
 *
 * <p>Small requests are read on the event loop and small answers written on the sampler's thread,
 * since handing them over would take longer; what is large goes to the {@link Workers}.
 */
final class RequestPath implements Connection.Handler {

  private static final Logger LOG = LoggerFactory.getLogger(RequestPath.class);

  /** Bytes of a body that is read, or of a text that is written, without another thread. */
  private static final int SMALL = 32 << 10;

  /** Bytes of a text that is written on the threads for what is quick. */
  private static final int LARGE = 256 << 10;

  /** Bytes that are copied and looked at in the time that one of text takes. */
  private static final int BLOB_PER_TEXT = 8;

  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,9}");

  private final Json json;
  private final Limits limits;
  private final ModelRepository models;
  private final Workers workers;
  private final Executor changes;
  private final Descriptions descriptions;
  private final Metrics metrics;
  private final AccessLog accessLog;
  private final ModelControl control;
  private final Gate gate;
  private final Page page = new Page();
  private volatile boolean draining;

  /**
   * Makes the way.
   *
   * @param changes takes what loads and drops models, one after the other
   */
  RequestPath(
      ServerOptions options,
      ModelRepository models,
      Workers workers,
      Executor changes,
      Metrics metrics) {
    this.limits = options.limits();
    this.json = new Json(limits);
    this.models = models;
    this.workers = workers;
    this.changes = changes;
    this.metrics = metrics;
    this.descriptions = new Descriptions(json, models, options);
    this.accessLog = new AccessLog(options.accessLog());
    this.control = options.modelControl();
    this.gate = new Gate(options);
  }

  /** {@return whether every model can be used and the server is not closing} */
  boolean ready() {
    return models.ready(limits.stalledTime()) && !draining;
  }

  /** {@return what the server says of itself} */
  Descriptions descriptions() {
    return descriptions;
  }

  /** From now on the server is not ready. */
  void drain() {
    draining = true;
  }

  @Override
  public void admit(Authority authority) throws RequestException {
    gate.checkHost(authority);
  }

  /** Who has no token is told so before a body of theirs is held. */
  @Override
  public void admit(HttpRequest head) throws RequestException {
    String given = Call.header(head.headers(), "Authorization");
    if (!gate.knows(given)) {
      gate.check(given, Route.find(head.method().name(), head.uri()).endpoint());
    }
  }

  @Override
  public void handle(Call call) {
    guard(
        call,
        () -> {
          if (gate.isPreflight(call)) {
            call.answer(gate.preflight());
            return;
          }
          Route route = Route.find(call.method(), call.target());
          call.setEndpoint(route.endpoint());
          gate.check(call.header("Authorization"), route.endpoint());
          boolean plain = call.header("Content-Encoding") == null;
          boolean small = call.body().length <= SMALL && plain;
          switch (route.endpoint()) {
            case INFER -> {
              if (small) {
                make(call, route);
              } else {
                workers.submit(true, () -> guard(call, () -> make(call, route)));
              }
            }
            case SAMPLES, GENERATE ->
                workers.submit(!small, () -> guard(call, () -> make(call, route)));
            case PAGE -> call.answer(page.reply(call));
            case INDEX -> workers.submit(!small, () -> guard(call, () -> index(call)));
            case LOAD, UNLOAD -> {
              gate.checkOrigin(call);
              change(() -> guard(call, () -> control(call, route)));
            }
            case MODEL_READY -> {
              boolean trusted = gate.knows(call.header("Authorization"));
              call.answer(descriptions.modelReady(route.model(), route.version(), trusted));
            }
            default -> call.answer(describe(route));
          }
        });
  }

  /** What can be told without waiting, so that it can be told while all threads are busy. */
  private Reply describe(Route route) throws RequestException {
    return switch (route.endpoint()) {
      case LIVE -> descriptions.live();
      case READY -> descriptions.ready(ready());
      case SERVER -> descriptions.server();
      case MODELS -> descriptions.models();
      case MODEL -> descriptions.model(models.find(route.model(), route.version()));
      case CONFIG -> descriptions.config(models.find(route.model(), route.version()));
      case STATS -> descriptions.statistics(route.model(), route.version());
      case METRICS -> metrics.reply();
      case PAGE, MODEL_READY, INDEX, LOAD, UNLOAD, INFER, GENERATE, SAMPLES ->
          throw new IllegalArgumentException(route.endpoint() + " is not a description");
    };
  }

  /**
   * What has been read of a request for images.
   *
   * @param known the answer, where none need be made; else null
   * @param cost floats to draw before the sampler is asked
   * @param asking asks the sampler
   * @param size bytes of the answer, at most
   * @param text bytes of those that are text or compressed, at most
   * @param writing makes the answer of what the sampler has made
   */
  private record Asked<T>(
      Reply known, long cost, Asking<T> asking, long size, long text, Writing<T> writing) {}

  /** Asks a sampler. */
  private interface Asking<T> {
    CompletableFuture<T> of(Sampler sampler) throws RequestException;
  }

  /** Makes an answer of what a sampler has made. */
  private interface Writing<T> {
    Reply of(T made) throws Exception;
  }

  /** Images are asked for in one way or the other: read, reserve, ask the sampler, write. */
  private void make(Call call, Route route) throws RequestException {
    long start = System.nanoTime();
    ServedModel model = models.find(route.model(), route.version());
    Asked<?> asked;
    try {
      asked =
          route.endpoint() == Route.Endpoint.INFER
              ? readInfer(call, model)
              : readSamples(call, route, model);
    } catch (RequestException e) {
      model.statistics().fail.add(System.nanoTime() - call.arrived());
      throw e;
    }
    if (asked.known() != null) {
      call.answer(asked.known());
    } else if (asked.cost() <= SMALL) {
      ask(call, route, model, asked, start);
    } else {
      workers.finish(true, () -> guard(call, () -> ask(call, route, model, asked, start)));
    }
  }

  private <T> void ask(Call call, Route route, ServedModel model, Asked<T> asked, long start)
      throws RequestException {
    CompletableFuture<T> making = asked.asking().of(model.sampler());
    if (replaced(model, route, making)) {
      make(call, route); // From the start: the one in its place may take other tensors.
      return;
    }
    model.statistics().input.add(System.nanoTime() - start);
    finish(call, model, making, asked);
  }

  private Asked<?> readInfer(Call call, ServedModel model) throws RequestException {
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

  private Asked<Samples> readSamples(Call call, Route route, ServedModel model)
      throws RequestException {
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

  /**
   * Whether a model did not take a request because another had come in its place since it was
   * found. The other one takes it then.
   */
  private boolean replaced(ServedModel model, Route route, CompletableFuture<?> made)
      throws RequestException {
    return made.isCompletedExceptionally()
        && !models.find(route.model(), route.version()).shares(model);
  }

  private void index(Call call) throws RequestException {
    byte[] body = inflate(call);
    call.answer(descriptions.index(body.length > 0 && json.flag(body, "ready")));
  }

  /** Queues a change of the models. It has a thread of its own, since loading takes long. */
  private void change(Runnable change) throws RequestException {
    try {
      changes.execute(change);
    } catch (RejectedExecutionException e) {
      throw RequestException.busy("the server is closing");
    }
  }

  private void control(Call call, Route route) throws RequestException {
    if (control != ModelControl.EXPLICIT) {
      throw new RequestException(
          403, "models are not loaded by request here; start with --model-control explicit");
    }
    boolean load = route.endpoint() == Route.Endpoint.LOAD;
    byte[] body = inflate(call);
    if (body.length > 0) {
      // What Triton lets a client send along, such as a configuration, is refused, not ignored.
      json.checkParameters(body, load ? Set.of() : Set.of("unload_dependents"));
    }
    if (load) {
      models.load(route.model());
    } else {
      models.unload(route.model());
    }
    call.answer(Reply.json(json.write(out -> out.writeRaw("{}"))));
  }

  /**
   * Writes the answer when the sampler is done, on its thread if that takes no longer than to wake
   * another.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // What fails is answered within.
  private <T> void finish(
      Call call, ServedModel model, CompletableFuture<T> making, Asked<T> asked) {
    Compression compression = Compression.choose(call.header("Accept-Encoding"));
    long toFormat = compression == Compression.IDENTITY ? asked.text() : asked.size();
    long work = toFormat + (asked.size() - toFormat) / BLOB_PER_TEXT;
    call.make(making);
    making.whenComplete(
        (made, failure) -> {
          Runnable write =
              () -> {
                try {
                  write(call, model, made, failure, compression, asked.writing());
                } finally {
                  call.made();
                }
              };
          if (work <= SMALL || failure != null || call.left()) {
            write.run();
          } else {
            workers.finish(work > LARGE, write);
          }
        });
  }

  private <T> void write(
      Call call,
      ServedModel model,
      T made,
      Throwable failure,
      Compression compression,
      Writing<T> writing) {
    long start = System.nanoTime();
    Reply reply = written(call, made, failure, compression, writing);
    long end = System.nanoTime();
    Statistics statistics = model.statistics();
    statistics.output.add(end - start);
    statistics.last.set(System.currentTimeMillis());
    boolean failed = reply.status() >= 400;
    (failed ? statistics.fail : statistics.success).add(end - call.arrived());
    call.answer(reply);
  }

  private <T> Reply written(
      Call call, T made, Throwable failure, Compression compression, Writing<T> writing) {
    if (failure != null || call.left()) {
      return refusal(call, failure == null ? new CancellationException() : failure);
    }
    try {
      return Compression.apply(compression, writing.of(made));
    } catch (Throwable e) {
      return refusal(call, e);
    }
  }

  private byte[] inflate(Call call) throws RequestException {
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
    if (left <= 0) {
      throw RequestException.busy("the request waited too long in the queue; try again later");
    }
    return Urgency.DEFAULT.withTimeout(Duration.ofNanos(left)).withClient(call.client());
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

  /** A part of the way that may fail. */
  private interface Step {
    void take() throws RequestException;
  }

  /** Takes a step; if it fails, by whatever, the call is answered with why. */
  private void guard(Call call, Step step) {
    try {
      if (call.left()) {
        throw new CancellationException();
      }
      step.take();
    } catch (Throwable e) {
      call.answer(refusal(call, e));
    }
  }

  /** Makes the answer to what has failed; one that needs next to nothing if that fails too. */
  private Reply refusal(Call call, Throwable failure) {
    try {
      return problem(call, failure).reply(json);
    } catch (Throwable e) {
      return Reply.FAILED;
    }
  }

  @Override
  public Reply failed(String what, Throwable failure) {
    LOG.error("{} failed", AccessLog.printable(what), failure);
    return Reply.FAILED;
  }

  @Override
  public Reply expired(Call call) {
    long seconds = limits.answerTime().toSeconds();
    LOG.warn(
        "{} {} had no answer after {} s and is given up",
        AccessLog.printable(call.method()),
        AccessLog.printable(call.target()),
        seconds);
    return RequestException.busy("there is no answer after " + seconds + " s; try again later")
        .reply(json);
  }

  private static RequestException problem(Call call, Throwable failure) {
    return problem(call.method() + " " + call.target(), failure);
  }

  /**
   * Says what a failure is to a client, and logs what is the server's own.
   *
   * @param what has failed
   */
  static RequestException problem(String what, Throwable failure) {
    Throwable e = failure instanceof CompletionException ? failure.getCause() : failure;
    if (e instanceof RequestException problem) {
      return problem;
    }
    if (e instanceof CancellationException) {
      return RequestException.busy("the request was given up");
    }
    if (e instanceof SamplerException problem) {
      switch (problem.reason()) {
        case INVALID_REQUEST -> {
          return RequestException.bad(problem.getMessage());
        }
        case NOT_FOUND -> {
          return new RequestException(404, problem.getMessage());
        }
        case OVERLOADED, TIMED_OUT, CLOSED -> {
          return RequestException.busy(problem.getMessage());
        }
        case INVALID_MODEL, UNAVAILABLE_DEVICE, FAILED ->
            // One line: a model that does so does it at each request, and all is in its message.
            LOG.error("{} failed: {}", AccessLog.printable(what), e.getMessage());
      }
      return new RequestException(500, problem.getMessage());
    }
    LOG.error("{} failed", AccessLog.printable(what), e);
    return new RequestException(500, "the server failed on this request; its log says why");
  }

  @Override
  public Reply complete(Reply reply) {
    return gate.open(reply);
  }

  @Override
  public Reply refuse(HttpRequest head, RequestException problem) {
    Reply reply = problem.reply(json);
    metrics.count(null, reply.status());
    accessLog.refused(head, reply, problem);
    return reply;
  }

  @Override
  public void answered(Call call, Reply reply) {
    long nanos = System.nanoTime() - call.arrived();
    metrics.answered(call.endpoint(), reply.status(), nanos);
    accessLog.answered(call, reply, nanos);
  }
}
