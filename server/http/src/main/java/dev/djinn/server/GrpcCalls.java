package dev.djinn.server;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What every call over gRPC passes, whatever it asks for: a place among the connections, the token,
 * a time within which its message must have arrived; and what is counted and logged of it.
 */
final class GrpcCalls extends ServerTransportFilter implements ServerInterceptor {

  /** Who the client is to the queues: a connection, as over HTTP. */
  static final Context.Key<Object> CLIENT = Context.key("client");

  private static final Attributes.Key<Object> CONNECTION = Attributes.Key.create("connection");

  private static final Metadata.Key<String> TRACE =
      Metadata.Key.of(TraceParent.HEADER, Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("Authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Health is open, since probes have no token. */
  private static final Set<String> OPEN =
      Set.of(
          "inference.GRPCInferenceService/ServerLive",
          "inference.GRPCInferenceService/ServerReady",
          "inference.GRPCInferenceService/ModelReady",
          "grpc.health.v1.Health/Check",
          "grpc.health.v1.Health/List",
          "grpc.health.v1.Health/Watch");

  private static final String OURS = "inference.GRPCInferenceService";

  /** What those are told whom a stopping server leaves. */
  static final Status CLOSING = Status.UNAVAILABLE.withDescription("the server is closing");

  /** A connection. */
  private record Place(boolean free) {}

  private final Limits limits;
  private final Gate gate;
  private final Metrics metrics;
  private final AccessLog accessLog;
  private final ScheduledExecutorService timer;
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder refused = new LongAdder();

  /** Calls of other services that go on until somebody ends them. */
  private final Set<Observed<?, ?>> watching = ConcurrentHashMap.newKeySet();

  GrpcCalls(
      ServerOptions options, Metrics metrics, AccessLog accessLog, ScheduledExecutorService timer) {
    this.limits = options.limits();
    this.gate = new Gate(options);
    this.metrics = metrics;
    this.accessLog = accessLog;
    this.timer = timer;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    boolean free = connections.incrementAndGet() <= limits.connections();
    if (!free) {
      refused.increment();
    }
    return attributes.toBuilder().set(CONNECTION, new Place(free)).build();
  }

  @Override
  public void transportTerminated(Attributes attributes) {
    if (attributes != null && attributes.get(CONNECTION) != null) {
      connections.decrementAndGet();
    }
  }

  int connections() {
    return connections.get();
  }

  /** {@return how many were one too many} */
  long refused() {
    return refused.sum();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Observed<Q, R> observed = new Observed<>(call, trace(headers));
    Status refusal = refusal(call, headers);
    if (refusal != null) {
      observed.close(refusal, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    Object client = call.getAttributes().get(CONNECTION);
    ServerCall.Listener<Q> listener =
        Contexts.interceptCall(
            Context.current().withValue(CLIENT, client), observed, headers, next);
    if (call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY) {
      return inTime(observed, listener);
    }
    return OURS.equals(call.getMethodDescriptor().getServiceName())
        ? listener
        : watched(observed, listener);
  }

  /** Keeps a call to be ended at the server's end, as long as it goes on. */
  private <Q, R> ServerCall.Listener<Q> watched(
      Observed<Q, R> call, ServerCall.Listener<Q> listener) {
    watching.add(call);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        watching.remove(call);
        super.onCancel();
      }
    };
  }

  private Status refusal(ServerCall<?, ?> call, Metadata headers) {
    Object place = call.getAttributes().get(CONNECTION);
    if (place instanceof Place connection && !connection.free()) {
      return Status.UNAVAILABLE.withDescription("too many connections; try again later");
    }
    String given = headers.get(AUTHORIZATION);
    if (!OPEN.contains(call.getMethodDescriptor().getFullMethodName()) && !gate.knows(given)) {
      return Status.UNAUTHENTICATED.withDescription(
          given == null ? "this server needs a token: Authorization: Bearer …" : "wrong token");
    }
    return null;
  }

  private static String trace(Metadata headers) {
    Iterable<String> given = headers.getAll(TRACE);
    return given == null ? null : TraceParent.of(String.join(",", given));
  }

  /**
   * Ends the calls that would go on for ever and of which nothing is under way: who watches health
   * has been told that it is over.
   */
  void drain() {
    watching.forEach(call -> call.close(CLOSING, new Metadata()));
  }

  /** Counts and logs a call when it is closed, and tells the client its trace. */
  private final class Observed<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private final long arrived = System.nanoTime();
    private final String trace;
    private boolean closed;

    Observed(ServerCall<Q, R> call, String trace) {
      super(call);
      this.trace = trace;
    }

    /** What watches may be closed from another thread. */
    @Override
    public synchronized void sendMessage(R message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (closed) {
        return;
      }
      closed = true;
      watching.remove(this);
      long nanos = System.nanoTime() - arrived;
      String method = getMethodDescriptor().getFullMethodName();
      metrics.answered(method, status.getCode(), nanos);
      accessLog.answered(method, status, nanos, trace);
      if (trace != null) {
        trailers.put(TRACE, trace);
      }
      super.close(status, trailers);
    }
  }

  /** Closes a call whose one message does not arrive, as a body over HTTP must. */
  @SuppressWarnings("FutureReturnValueIgnored") // what was too late for the timer has been answered
  private <Q, R> ServerCall.Listener<Q> inTime(
      ServerCall<Q, R> call, ServerCall.Listener<Q> listener) {
    long millis = limits.requestTime().toMillis();
    Context context = Context.current();
    Future<?> late =
        timer.schedule(
            context.wrap(
                () ->
                    call.close(
                        Status.DEADLINE_EXCEEDED.withDescription(
                            "the request did not arrive within " + millis + " ms"),
                        new Metadata())),
            millis,
            TimeUnit.MILLISECONDS);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onHalfClose() {
        if (late.cancel(false)) {
          super.onHalfClose();
        }
      }

      @Override
      public void onCancel() {
        late.cancel(false);
        super.onCancel();
      }
    };
  }
}
