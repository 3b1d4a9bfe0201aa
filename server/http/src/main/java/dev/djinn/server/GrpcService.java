package dev.djinn.server;

import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import dev.djinn.oip.grpc.ModelConfigRequest;
import dev.djinn.oip.grpc.ModelConfigResponse;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferResponse;
import dev.djinn.oip.grpc.ModelMetadataRequest;
import dev.djinn.oip.grpc.ModelMetadataResponse;
import dev.djinn.oip.grpc.ModelReadyRequest;
import dev.djinn.oip.grpc.ModelReadyResponse;
import dev.djinn.oip.grpc.ModelStatisticsRequest;
import dev.djinn.oip.grpc.ModelStatisticsResponse;
import dev.djinn.oip.grpc.ModelStreamInferResponse;
import dev.djinn.oip.grpc.RepositoryIndexRequest;
import dev.djinn.oip.grpc.RepositoryIndexResponse;
import dev.djinn.oip.grpc.RepositoryModelLoadRequest;
import dev.djinn.oip.grpc.RepositoryModelLoadResponse;
import dev.djinn.oip.grpc.RepositoryModelUnloadRequest;
import dev.djinn.oip.grpc.RepositoryModelUnloadResponse;
import dev.djinn.oip.grpc.ServerLiveRequest;
import dev.djinn.oip.grpc.ServerLiveResponse;
import dev.djinn.oip.grpc.ServerMetadataRequest;
import dev.djinn.oip.grpc.ServerMetadataResponse;
import dev.djinn.oip.grpc.ServerReadyRequest;
import dev.djinn.oip.grpc.ServerReadyResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * The Open Inference Protocol over gRPC. What is cheap is answered at once; inference goes the way
 * of {@link GrpcInference}.
 */
final class GrpcService extends GRPCInferenceServiceImplBase {

  private final ModelRepository models;
  private final Descriptions descriptions;
  private final GrpcInference inference;
  private final Workers workers;
  private final Elsewhere changes;
  private final ServerOptions options;
  private final BooleanSupplier ready;
  private final Set<GrpcStream> streams = ConcurrentHashMap.newKeySet();

  /**
   * Makes the service.
   *
   * @param changes takes what loads and drops models, one after the other
   * @param ready whether the server is
   */
  GrpcService(
      ServerOptions options,
      ModelRepository models,
      Descriptions descriptions,
      GrpcInference inference,
      Workers workers,
      Elsewhere changes,
      BooleanSupplier ready) {
    this.options = options;
    this.models = models;
    this.descriptions = descriptions;
    this.inference = inference;
    this.workers = workers;
    this.changes = changes;
    this.ready = ready;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
    answer(observer, () -> ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(
      ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
    answer(observer, () -> ServerReadyResponse.newBuilder().setReady(ready.getAsBoolean()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
    answer(
        observer,
        () -> {
          boolean answers;
          try {
            answers =
                find(request.getName(), request.getVersion())
                    .answers(options.limits().stalledTime());
          } catch (RequestException e) {
            if (e.status() == 404) {
              throw new RequestException(404, "there is no such model");
            }
            answers = false;
          }
          return ModelReadyResponse.newBuilder().setReady(answers).build();
        });
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
    answer(
        observer,
        () ->
            ServerMetadataResponse.newBuilder()
                .setName("djinn")
                .setVersion(Release.version())
                .addAllExtensions(descriptions.extensions())
                .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
    answer(
        observer,
        () -> {
          ServedModel model = find(request.getName(), request.getVersion());
          return GrpcDescriptions.metadata(model, models.readyVersions(model.name()));
        });
  }

  @Override
  public void modelConfig(
      ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
    answer(
        observer,
        () ->
            ModelConfigResponse.newBuilder()
                .setConfig(
                    GrpcDescriptions.config(
                        find(request.getName(), request.getVersion()), descriptions.mostRows()))
                .build());
  }

  @Override
  public void modelStatistics(
      ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
    answer(
        observer,
        () -> {
          ModelStatisticsResponse.Builder all = ModelStatisticsResponse.newBuilder();
          for (ServedModel model :
              models.ready(given(request.getName()), given(request.getVersion()))) {
            all.addModelStats(GrpcDescriptions.statistics(model));
          }
          return all.build();
        });
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
    later(
        observer,
        task -> workers.submit(false, task), // It looks into the folder.
        () -> GrpcDescriptions.index(models.all(), models.unloaded(), request.getReady()));
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
    later(
        observer,
        changes,
        () -> {
          checkControl(request.getParametersMap().keySet(), Set.of());
          models.load(request.getModelName());
          return RepositoryModelLoadResponse.getDefaultInstance();
        });
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request,
      StreamObserver<RepositoryModelUnloadResponse> observer) {
    later(
        observer,
        changes,
        () -> {
          checkControl(request.getParametersMap().keySet(), Set.of("unload_dependents"));
          models.unload(request.getModelName());
          return RepositoryModelUnloadResponse.getDefaultInstance();
        });
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    inference.infer(request, (ServerCallStreamObserver<ModelInferResponse>) observer);
  }

  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(
      StreamObserver<ModelStreamInferResponse> observer) {
    return GrpcStream.open(
        inference, (ServerCallStreamObserver<ModelStreamInferResponse>) observer, streams);
  }

  /** Ends the streams once what has arrived in them is answered. */
  void drain() {
    streams.forEach(GrpcStream::drain);
  }

  private ServedModel find(String name, String version) throws RequestException {
    return models.find(name, given(version));
  }

  /** {@return null where the protocol's messages have nothing} */
  private static String given(String text) {
    return text.isEmpty() ? null : text;
  }

  private void checkControl(Set<String> given, Set<String> known) throws RequestException {
    options.modelControl().checkExplicit();
    for (String parameter : given) {
      if (!known.contains(parameter)) {
        throw RequestException.bad("parameter '" + parameter + "' is not known here");
      }
    }
  }

  /** Makes an answer. */
  private interface Making<T> {
    T make() throws RequestException;
  }

  /** Has something done on another thread. */
  interface Elsewhere {
    void run(Runnable task) throws RequestException;
  }

  private static <T> void answer(StreamObserver<T> observer, Making<T> making) {
    T made;
    try {
      made = making.make();
    } catch (Throwable e) {
      observer.onError(GrpcInference.status("a call", e).asRuntimeException());
      return;
    }
    observer.onNext(made);
    observer.onCompleted();
  }

  private static <T> void later(StreamObserver<T> observer, Elsewhere elsewhere, Making<T> making) {
    ServerCallStreamObserver<T> call = (ServerCallStreamObserver<T>) observer;
    call.setOnCancelHandler(() -> {}); // Who has left gets no answer, and none is missed.
    try {
      elsewhere.run(() -> answer(observer, making));
    } catch (RequestException e) {
      observer.onError(GrpcInference.status("a call", e).asRuntimeException());
    }
  }
}
