package dev.djinn.server;

import io.netty.handler.codec.http.HttpRequest;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The way of a request: find its route; answer at once what is cheap; read and check the rest, hand
 * it to the model's sampler, which merges it with others into batches, and write what comes back.
 * Every request gets exactly one answer, whatever happens.
 *
 * <p>Small requests are read on the event loop and small answers written on the sampler's thread,
 * since handing them over would take longer; what is large goes to the {@link Workers}.
 */
final class RequestPath implements Connection.Handler {

  /** Bytes of a body that is read, or of a text that is written, without another thread. */
  private static final int SMALL = 32 << 10;

  /** Bytes of a text that is written on the threads for what is quick. */
  private static final int LARGE = 256 << 10;

  /** Bytes that are copied and looked at in the time that one of text takes. */
  private static final int BLOB_PER_TEXT = 8;

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
  private final Failures failures;
  private final AskedReader reader;
  private final StoredDocument page = Page.document();
  private final StoredDocument interfaceDescription = StoredDocument.openApi();
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
    this.reader = new AskedReader(json, limits);
    this.failures = new Failures(json);
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
            case OPENAPI -> call.answer(interfaceDescription.reply(call));
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
      case PAGE, OPENAPI, MODEL_READY, INDEX, LOAD, UNLOAD, INFER, GENERATE, SAMPLES ->
          throw new IllegalArgumentException(route.endpoint() + " is not a description");
    };
  }

  /** Images are asked for in one way or the other: read, reserve, ask the sampler, write. */
  private void make(Call call, Route route) throws RequestException {
    long start = System.nanoTime();
    ServedModel model = models.find(route.model(), route.version());
    Asked<?> asked;
    try {
      asked =
          route.endpoint() == Route.Endpoint.INFER
              ? reader.infer(call, model)
              : reader.samples(call, route, model);
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
    byte[] body = reader.inflate(call);
    call.answer(descriptions.index(body.length > 0 && json.flag(body, "ready")));
  }

  /** Queues a change of the models. It has a thread of its own, since loading takes long. */
  void change(Runnable change) throws RequestException {
    try {
      changes.execute(change);
    } catch (RejectedExecutionException e) {
      throw RequestException.busy("the server is closing");
    }
  }

  private void control(Call call, Route route) throws RequestException {
    control.checkExplicit();
    boolean load = route.endpoint() == Route.Endpoint.LOAD;
    byte[] body = reader.inflate(call);
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
      Asked.Writing<T> writing) {
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
      Call call, T made, Throwable failure, Compression compression, Asked.Writing<T> writing) {
    if (failure != null || call.left()) {
      return failures.answer(call, failure == null ? new CancellationException() : failure);
    }
    try {
      return Compression.apply(compression, writing.of(made));
    } catch (Throwable e) {
      return failures.answer(call, e);
    }
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
      call.answer(failures.answer(call, e));
    }
  }

  @Override
  public Reply failed(String what, Throwable failure) {
    return failures.unforeseen(what, failure);
  }

  @Override
  public Reply givenUp(Call call, String why) {
    return failures.givenUp(call, why);
  }

  @Override
  public Reply complete(Reply reply) {
    return gate.open(reply);
  }

  @Override
  public Reply refuse(HttpRequest head, RequestException problem) {
    Reply reply = json.refusal(problem);
    metrics.count(null, reply.status());
    accessLog.refused(head, reply, problem);
    String trace = TraceParent.of(Call.header(head.headers(), TraceParent.HEADER));
    return trace == null ? reply : reply.with(TraceParent.HEADER, trace);
  }

  @Override
  public void answered(Call call, Reply reply) {
    long nanos = System.nanoTime() - call.arrived();
    metrics.answered(call.endpoint(), reply.status(), nanos);
    accessLog.answered(call, reply, nanos);
  }
}
