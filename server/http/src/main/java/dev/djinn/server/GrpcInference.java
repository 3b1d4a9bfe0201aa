package dev.djinn.server;

import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferResponse;
import dev.djinn.sampler.ModelTensor;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Urgency;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The way of an inference request over gRPC: read and check it, reserve memory for the answer, hand
 * it to the model's sampler, and write what comes back. It is that of {@link RequestPath}, with the
 * same readers and limits.
 */
final class GrpcInference {

  /** Bytes that are copied without another thread. */
  private static final int SMALL = 256 << 10;

  private final Json json;
  private final Limits limits;
  private final ModelRepository models;
  private final Workers workers;
  private final Budget budget;

  GrpcInference(ServerOptions options, ModelRepository models, Workers workers, Budget budget) {
    this.limits = options.limits();
    this.json = new Json(limits);
    this.models = models;
    this.workers = workers;
    this.budget = budget;
  }

  /** Takes the one outcome of a request. */
  interface Outcome {
    void made(ModelInferResponse response);

    void failed(Status status);
  }

  /** Makes an answer of what a sampler has made. */
  private interface Writing<T> {
    ModelInferResponse of(T made) throws RequestException;
  }

  /**
   * What has been read of a request.
   *
   * @param asking asks the sampler
   * @param size bytes of the answer; 0 if only the model knows
   * @param writing makes the answer
   */
  private record Asked<T>(Asking<T> asking, long size, Writing<T> writing) {}

  /** Asks a sampler. */
  private interface Asking<T> {
    CompletableFuture<T> of(Sampler sampler) throws RequestException;
  }

  /** One request. */
  void infer(ModelInferRequest request, ServerCallStreamObserver<ModelInferResponse> observer) {
    Held held = hold();
    // The answer needs its memory until it has gone, or nobody wants it.
    observer.setOnCloseHandler(held::release);
    observer.setOnCancelHandler(
        () -> {
          held.leave();
          held.release();
        });
    begin(
        request,
        held,
        new Outcome() {
          @Override
          public void made(ModelInferResponse response) {
            observer.onNext(response);
            observer.onCompleted();
          }

          @Override
          public void failed(Status status) {
            observer.onError(status.asRuntimeException());
          }
        });
  }

  /** {@return what a request holds before it has begun: nothing} */
  Held hold() {
    return new Held(budget, 0);
  }

  /** Begins with a request; its outcome comes later, or at once if it is refused. */
  void begin(ModelInferRequest request, Held held, Outcome outcome) {
    long arrived = System.nanoTime();
    // Who asks, and how long for, is known to this thread alone.
    Context context = Context.current();
    Runnable reading =
        context.wrap(
            () -> {
              try {
                read(request, held, outcome, arrived);
              } catch (Throwable e) {
                outcome.failed(status(request.getModelName(), e));
              }
            });
    try {
      long size = request.getSerializedSize();
      held.take(size);
      if (size <= SMALL) {
        reading.run();
      } else {
        workers.submit(true, reading);
      }
    } catch (RequestException e) {
      outcome.failed(status(request.getModelName(), e));
    }
  }

  private void read(ModelInferRequest request, Held held, Outcome outcome, long arrived)
      throws RequestException {
    String version = request.getModelVersion().isEmpty() ? null : request.getModelVersion();
    ServedModel model = models.find(request.getModelName(), version);
    Asked<?> asked;
    try {
      asked = asked(request, model, held, arrived);
    } catch (RequestException e) {
      model.statistics().fail.add(System.nanoTime() - arrived);
      throw e;
    }
    if (!ask(asked, model, version, held, outcome, arrived)) {
      // From the start: the one in its place may take other tensors.
      read(request, held, outcome, arrived);
    }
  }

  private Asked<?> asked(ModelInferRequest request, ServedModel model, Held held, long arrived)
      throws RequestException {
    InferMessage message = GrpcTensors.message(request);
    byte[] body = GrpcTensors.body(request, message);
    OwnInference own = OwnInference.read(json, limits, model, message, body, 0);
    if (own != null) {
      return new Asked<List<ModelTensor>>(
          sampler -> sampler.submit(own.inputs(), own.wanted()),
          0,
          outputs -> {
            reserve(held, own.size(outputs));
            return GrpcTensors.response(model, own.id(), outputs);
          });
    }
    InferRequest read =
        new InferRequestReader(json, limits, model.signature()).read(message, body, 0);
    long size = InferReply.size(read);
    reserve(held, size);
    InferReply reply = new InferReply(read);
    return new Asked<Void>(
        sampler -> sampler.submit(reply.rows(), read.schedule().hasten(urgency(arrived))),
        size,
        done -> GrpcTensors.response(model, read, reply));
  }

  /** Asks the model's sampler; says no if another model has come in its place meanwhile. */
  @SuppressWarnings("FutureReturnValueIgnored") // What fails is answered within.
  private <T> boolean ask(
      Asked<T> asked, ServedModel model, String version, Held held, Outcome outcome, long arrived)
      throws RequestException {
    CompletableFuture<T> made = asked.asking().of(model.sampler());
    if (made.isCompletedExceptionally() && !models.find(model.name(), version).shares(model)) {
      return false;
    }
    long asking = System.nanoTime();
    model.statistics().input.add(asking - arrived);
    held.make(made);
    made.whenComplete((value, failure) -> held.release()); // Until then it is written to.
    long left = limits.answerTime().toNanos() - (asking - arrived);
    made.copy()
        .orTimeout(Math.max(1, left), TimeUnit.NANOSECONDS)
        .whenComplete(
            (value, failure) -> {
              if (failure instanceof TimeoutException) {
                made.cancel(false);
              }
              Runnable write = () -> write(asked, model, value, failure, outcome, arrived);
              if (failure != null || asked.size() <= SMALL) {
                write.run();
              } else {
                workers.finish(true, write);
              }
            });
    return true;
  }

  private <T> void write(
      Asked<T> asked, ServedModel model, T made, Throwable failure, Outcome outcome, long arrived) {
    long start = System.nanoTime();
    ModelInferResponse response = null;
    Throwable problem = failure;
    if (problem == null) {
      try {
        response = asked.writing().of(made);
      } catch (Throwable e) {
        problem = e;
      }
    }
    long end = System.nanoTime();
    Statistics statistics = model.statistics();
    statistics.output.add(end - start);
    statistics.last.set(System.currentTimeMillis());
    (problem == null ? statistics.success : statistics.fail).add(end - arrived);
    if (problem == null) {
      outcome.made(response);
    } else {
      outcome.failed(status(model.name(), problem));
    }
  }

  private void reserve(Held held, long bytes) throws RequestException {
    if (bytes > limits.replyBytes()) {
      throw RequestException.bad(
          "the answer would take up to "
              + bytes
              + " bytes; the limit is "
              + limits.replyBytes()
              + ": ask for fewer rows or fewer outputs");
    }
    held.take(bytes);
  }

  /** As long as the server's limit says, or until the client's own deadline. */
  private Urgency urgency(long arrived) throws RequestException {
    long left = limits.requestTime().toNanos() - (System.nanoTime() - arrived);
    Deadline deadline = Context.current().getDeadline();
    if (deadline != null) {
      left = Math.min(left, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }
    return AskedReader.urgency(left, GrpcCalls.CLIENT.get());
  }

  /** {@return the status that says what an HTTP status would} */
  static Status status(String what, Throwable failure) {
    if (failure instanceof TimeoutException) {
      return Status.DEADLINE_EXCEEDED.withDescription("the model has not answered in time");
    }
    RequestException problem = Failures.problem("gRPC " + what, failure);
    Status status =
        switch (problem.status()) {
          case 400, 411, 415 -> Status.INVALID_ARGUMENT;
          case 401 -> Status.UNAUTHENTICATED;
          case 403 -> Status.PERMISSION_DENIED;
          case 404 -> Status.NOT_FOUND;
          case 413 -> Status.RESOURCE_EXHAUSTED;
          case 501 -> Status.UNIMPLEMENTED;
          case 503 -> Status.UNAVAILABLE;
          default -> Status.INTERNAL;
        };
    return status.withDescription(problem.getMessage());
  }
}
