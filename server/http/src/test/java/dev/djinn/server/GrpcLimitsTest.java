package dev.djinn.server;

import static dev.djinn.server.GrpcTalk.latents;
import static dev.djinn.server.GrpcTalk.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferResponse;
import dev.djinn.oip.grpc.ModelStreamInferResponse;
import dev.djinn.oip.grpc.ServerLiveRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bounds calls over gRPC, and who may make them. */
class GrpcLimitsTest {

  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path folder;

  @Test
  void answersOnlyThoseWhoKnowTheTokenExceptForHealth() throws IOException {
    try (GrpcTalk talk =
        GrpcTalk.with(folder, ServedModels.options().withAccess(Access.OPEN.withToken(TOKEN)))) {
      ModelInferRequest request = request("plain", latents(1)).build();
      assertTrue(talk.stub().serverLive(ServerLiveRequest.getDefaultInstance()).getLive());
      StatusRuntimeException refusal =
          assertThrows(StatusRuntimeException.class, () -> talk.stub().modelInfer(request));
      assertEquals(Status.Code.UNAUTHENTICATED, refusal.getStatus().getCode());
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("Authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
      assertEquals(
          2,
          talk.stub()
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .modelInfer(request)
              .getOutputsCount());
    }
  }

  @Test
  void holdsToTheLimitsOfHttp() throws IOException {
    Limits limits = ServedModels.options().limits();
    try (GrpcTalk talk =
        GrpcTalk.with(folder, ServedModels.options().withLimits(limits.withBodyBytes(1000)))) {
      refusedAs(Status.Code.RESOURCE_EXHAUSTED, talk, request("plain", latents(30)).build());
    }
    try (GrpcTalk talk =
        GrpcTalk.with(folder, ServedModels.options().withLimits(limits.withReplyBytes(500)))) {
      refusedAs(Status.Code.INVALID_ARGUMENT, talk, request("plain", latents(30)).build());
    }
    try (GrpcTalk talk =
        GrpcTalk.with(folder, ServedModels.options().withLimits(limits.withHeldBytes(1000)))) {
      refusedAs(Status.Code.UNAVAILABLE, talk, request("plain", latents(30)).build());
      assertEquals(0, talk.server().heldBytes());
    }
    try (GrpcTalk talk =
        GrpcTalk.with(folder, ServedModels.options().withLimits(limits.withConnections(1)))) {
      assertTrue(talk.stub().serverLive(ServerLiveRequest.getDefaultInstance()).getLive());
      ManagedChannel second =
          NettyChannelBuilder.forAddress("127.0.0.1", talk.server().grpcPort())
              .usePlaintext()
              .build();
      try {
        StatusRuntimeException refusal =
            assertThrows(
                StatusRuntimeException.class,
                () ->
                    GRPCInferenceServiceGrpc.newBlockingStub(second)
                        .serverLive(ServerLiveRequest.getDefaultInstance()));
        assertEquals("too many connections; try again later", refusal.getStatus().getDescription());
      } finally {
        second.shutdownNow();
      }
    }
  }

  private static void refusedAs(Status.Code code, GrpcTalk talk, ModelInferRequest request) {
    StatusRuntimeException refusal =
        assertThrows(StatusRuntimeException.class, () -> talk.stub().modelInfer(request));
    assertEquals(code, refusal.getStatus().getCode(), refusal.getMessage());
  }

  @Test
  void whatItHeldGoesBackOnceAnAnswerHasGone() throws Exception {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      for (int rows = 1; rows <= 20; rows++) {
        talk.stub().modelInfer(request("plain", latents(rows)).build());
      }
      for (int i = 0; i < 500 && talk.server().heldBytes() > 0; i++) {
        Thread.sleep(10); // The client has the last answer a little before the server knows.
      }
      assertEquals(0, talk.server().heldBytes());
    }
  }

  @Test
  void aRequestThatNeverArrivesWholeIsClosed() throws Exception {
    Limits limits =
        ServedModels.options().limits().withTimes(Duration.ofMillis(300), Duration.ofSeconds(10));
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options().withLimits(limits))) {
      CompletableFuture<Status> closed = new CompletableFuture<>();
      ClientCall<ModelInferRequest, ModelInferResponse> call =
          talk.channel()
              .newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              closed.complete(status);
            }
          },
          new Metadata());
      call.sendMessage(request("plain", latents(1)).build()); // and no end
      assertEquals(Status.Code.DEADLINE_EXCEEDED, closed.get(20, TimeUnit.SECONDS).getCode());
    }
  }

  @Test
  void endsAtOnceAlthoughClientsWatchAndStreamAndSaysSo() throws Exception {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      Heard<HealthCheckResponse> health = new Heard<>();
      HealthGrpc.newStub(talk.channel()).watch(HealthCheckRequest.getDefaultInstance(), health);
      Heard<ModelStreamInferResponse> stream = new Heard<>();
      StreamObserver<ModelInferRequest> requests =
          GRPCInferenceServiceGrpc.newStub(talk.channel()).modelStreamInfer(stream);
      requests.onNext(request("plain", latents(1)).build());
      stream.first.get(20, TimeUnit.SECONDS);
      health.first.get(20, TimeUnit.SECONDS);

      long start = System.nanoTime();
      talk.server().close();
      double seconds = (System.nanoTime() - start) / 1e9;

      for (Heard<?> heard : List.of(health, stream)) {
        Status end = heard.end.get(20, TimeUnit.SECONDS);
        assertEquals(Status.Code.UNAVAILABLE, end.getCode());
        assertEquals("the server is closing", end.getDescription());
      }
      assertEquals(
          HealthCheckResponse.ServingStatus.NOT_SERVING,
          health.last.get().getStatus(),
          "watchers hear of it before");
      // Half of the time that a request may take, 15 s, would be the time for those under way.
      assertTrue(seconds < 10, seconds + " s");
    }
  }

  /** What a client of a stream hears. */
  private static final class Heard<T> implements StreamObserver<T> {
    private final CompletableFuture<T> first = new CompletableFuture<>();
    private final AtomicReference<T> last = new AtomicReference<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    @Override
    public void onNext(T message) {
      first.complete(message);
      last.set(message);
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }

  @Test
  void closesWithoutCuttingOffAndThenRefuses() throws IOException {
    GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options());
    try (talk) {
      talk.stub().modelInfer(request("plain", latents(1)).build());
      talk.server().close();
      StatusRuntimeException refusal =
          assertThrows(
              StatusRuntimeException.class,
              () -> talk.stub().serverLive(ServerLiveRequest.getDefaultInstance()));
      assertEquals(Status.Code.UNAVAILABLE, refusal.getStatus().getCode());
    }
    assertFalse(talk.server().grpcPort() == 0);
  }
}
