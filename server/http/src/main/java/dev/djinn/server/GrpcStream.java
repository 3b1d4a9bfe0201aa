package dev.djinn.server;

import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferResponse;
import dev.djinn.oip.grpc.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A stream of inference requests over gRPC. Its observer is used under its lock, as gRPC wants it.
 */
final class GrpcStream implements StreamObserver<ModelInferRequest> {
  /** Requests that are answered at the same time; further ones are not read yet. */
  private static final int WIDTH = 32;

  private final GrpcInference inference;
  private final ServerCallStreamObserver<ModelStreamInferResponse> observer;
  private final Set<GrpcStream> streams;
  private final Set<Held> underWay = ConcurrentHashMap.newKeySet();
  private int asked;
  private int open;
  private boolean ended;
  private boolean draining;
  private boolean closed;

  private GrpcStream(
      GrpcInference inference,
      ServerCallStreamObserver<ModelStreamInferResponse> observer,
      Set<GrpcStream> streams) {
    this.inference = inference;
    this.observer = observer;
    this.streams = streams;
  }

  /**
   * Begins to answer many requests over one call, in the order in which they are ready.
   *
   * @param streams which this one is among as long as it goes on
   */
  static GrpcStream open(
      GrpcInference inference,
      ServerCallStreamObserver<ModelStreamInferResponse> observer,
      Set<GrpcStream> streams) {
    GrpcStream stream = new GrpcStream(inference, observer, streams);
    streams.add(stream);
    observer.disableAutoRequest();
    observer.setOnReadyHandler(stream::more);
    observer.setOnCancelHandler(stream::cancel);
    return stream;
  }

  /** Answers what has arrived, and then tells the client that the server is closing. */
  synchronized void drain() {
    draining = true;
    finish();
  }

  /** Asks for further requests as long as answers are taken. */
  private synchronized void more() {
    int wanted = WIDTH - asked - open;
    if (wanted > 0 && !ended && !draining && !closed && observer.isReady()) {
      asked += wanted;
      observer.request(wanted);
    }
  }

  @Override
  public void onNext(ModelInferRequest request) {
    synchronized (this) {
      asked--;
      if (closed) {
        return;
      }
      open++;
    }
    Held held = inference.hold();
    underWay.add(held);
    inference.begin(
        request,
        held,
        new GrpcInference.Outcome() {
          @Override
          public void made(ModelInferResponse response) {
            done(ModelStreamInferResponse.newBuilder().setInferResponse(response).build());
          }

          @Override
          public void failed(Status status) {
            done(
                ModelStreamInferResponse.newBuilder()
                    .setErrorMessage(String.valueOf(status.getDescription()))
                    .setInferResponse(
                        ModelInferResponse.newBuilder()
                            .setModelName(request.getModelName())
                            .setModelVersion(request.getModelVersion())
                            .setId(request.getId()))
                    .build());
          }

          private void done(ModelStreamInferResponse response) {
            underWay.remove(held);
            answer(response);
            held.release();
          }
        });
  }

  private synchronized void answer(ModelStreamInferResponse response) {
    open--;
    if (!closed) {
      observer.onNext(response);
    }
    finish();
    more();
  }

  private void finish() {
    if (open > 0 || closed || !(ended || draining)) {
      return;
    }
    closed = true;
    streams.remove(this);
    if (ended) {
      observer.onCompleted();
    } else {
      observer.onError(GrpcCalls.CLOSING.asRuntimeException());
    }
  }

  @Override
  public void onError(Throwable failure) {
    cancel();
  }

  @Override
  public synchronized void onCompleted() {
    ended = true;
    finish();
  }

  private void cancel() {
    synchronized (this) {
      closed = true;
      streams.remove(this);
    }
    underWay.forEach(Held::leave);
  }
}
