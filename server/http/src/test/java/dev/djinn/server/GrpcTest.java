package dev.djinn.server;

import static dev.djinn.server.GrpcTalk.latents;
import static dev.djinn.server.GrpcTalk.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.djinn.oip.grpc.InferParameter;
import dev.djinn.oip.grpc.InferTensorContents;
import dev.djinn.oip.grpc.ModelConfig;
import dev.djinn.oip.grpc.ModelConfigRequest;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferRequest.InferInputTensor;
import dev.djinn.oip.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.djinn.oip.grpc.ModelInferResponse;
import dev.djinn.oip.grpc.ModelMetadataRequest;
import dev.djinn.oip.grpc.ModelMetadataResponse;
import dev.djinn.oip.grpc.ModelReadyRequest;
import dev.djinn.oip.grpc.ModelStatistics;
import dev.djinn.oip.grpc.ModelStatisticsRequest;
import dev.djinn.oip.grpc.ModelStreamInferResponse;
import dev.djinn.oip.grpc.RepositoryIndexRequest;
import dev.djinn.oip.grpc.RepositoryModelLoadRequest;
import dev.djinn.oip.grpc.RepositoryModelUnloadRequest;
import dev.djinn.oip.grpc.ServerLiveRequest;
import dev.djinn.oip.grpc.ServerMetadataRequest;
import dev.djinn.oip.grpc.ServerReadyRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol over gRPC, by grpc-java's own client. */
class GrpcTest {

  @TempDir Path folder;

  @Test
  void infersWhatHttpInfersByteForByte() throws IOException {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      ModelInferResponse answer =
          talk.stub()
              .modelInfer(
                  request("plain", latents(3))
                      .setId("mine")
                      .addOutputs(InferRequestedOutputTensor.newBuilder().setName("pixels"))
                      .addOutputs(InferRequestedOutputTensor.newBuilder().setName("image"))
                      .build());

      assertEquals(
          "plain 2 mine",
          answer.getModelName() + " " + answer.getModelVersion() + " " + answer.getId());
      assertEquals("pixels", answer.getOutputs(0).getName());
      assertEquals("UINT8", answer.getOutputs(0).getDatatype());
      assertEquals(List.of(3L, 4L, 4L, 1L), answer.getOutputs(0).getShapeList());
      assertEquals(List.of(3L, 1L, 4L, 4L), answer.getOutputs(1).getShapeList());
      String json =
          """
          {"inputs": [{"name": "latent", "datatype": "FP32", "shape": [3, 10], "data": %s}],
           "outputs": [{"name": "pixels", "parameters": {"binary_data": true}},
                       {"name": "image", "parameters": {"binary_data": true}}]}
          """
              .formatted(Arrays.toString(latents(3)));
      HttpResponse<byte[]> http = new Client(talk.server()).post("/v2/models/plain/infer", json);
      int head =
          Integer.parseInt(
              http.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
      assertArrayEquals(
          Arrays.copyOfRange(http.body(), head, http.body().length),
          answer.getRawOutputContents(0).concat(answer.getRawOutputContents(1)).toByteArray());
    }
  }

  @Test
  void takesTypedContentsAsWellAsRawOnes() throws IOException {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      InferTensorContents.Builder numbers = InferTensorContents.newBuilder();
      for (float number : latents(2)) {
        numbers.addFp32Contents(number);
      }
      ModelInferRequest typed =
          ModelInferRequest.newBuilder()
              .setModelName("labelled")
              .addInputs(
                  InferInputTensor.newBuilder()
                      .setName("latent")
                      .setDatatype("FP32")
                      .addAllShape(List.of(2L, 10L))
                      .setContents(numbers))
              .addInputs(
                  InferInputTensor.newBuilder()
                      .setName("label")
                      .setDatatype("INT64")
                      .addShape(2)
                      .setContents(
                          InferTensorContents.newBuilder().addAllInt64Contents(List.of(1L, 2L))))
              .build();
      ByteBuffer labels = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      labels.asLongBuffer().put(new long[] {1, 2});
      ModelInferRequest raw =
          request("labelled", latents(2))
              .addInputs(
                  InferInputTensor.newBuilder().setName("label").setDatatype("INT64").addShape(2))
              .addRawInputContents(ByteString.copyFrom(labels))
              .build();
      assertEquals(
          talk.stub().modelInfer(raw).getRawOutputContentsList(),
          talk.stub().modelInfer(typed).getRawOutputContentsList());
    }
  }

  @Test
  void saysWhatIsWrongWithARequestInTheStatusOfItsKind() throws IOException {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      ModelInferRequest good = request("plain", latents(1)).build();
      refused(
          talk,
          good.toBuilder().setModelName("none").build(),
          Status.Code.NOT_FOUND,
          "there is no model 'none'; there are [labelled, plain]");
      refused(
          talk,
          good.toBuilder().setModelVersion("9").build(),
          Status.Code.NOT_FOUND,
          "model 'plain' has no version '9'; it has [1, 2]");
      refused(
          talk,
          good.toBuilder().clearRawInputContents().build(),
          Status.Code.INVALID_ARGUMENT,
          "inputs[0] has neither contents nor raw_input_contents");
      refused(
          talk,
          good.toBuilder().addRawInputContents(ByteString.EMPTY).build(),
          Status.Code.INVALID_ARGUMENT,
          "there are 2 raw_input_contents and 1 inputs; give one for each");
      refused(
          talk,
          good.toBuilder().setRawInputContents(0, ByteString.copyFrom(new byte[39])).build(),
          Status.Code.INVALID_ARGUMENT,
          "input 'latent' says binary_data_size 39; its shape makes 40 bytes");
      ModelInferRequest.Builder shape = good.toBuilder();
      shape.getInputsBuilder(0).setShape(0, -1);
      refused(
          talk,
          shape.build(),
          Status.Code.INVALID_ARGUMENT,
          "inputs[0].shape has the negative dimension -1");
      shape.getInputsBuilder(0).setShape(0, Long.MAX_VALUE);
      refused(
          talk,
          shape.build(),
          Status.Code.INVALID_ARGUMENT,
          "inputs[0].shape has more elements than fit into 63 bits");
      ModelInferRequest.Builder type = good.toBuilder().clearRawInputContents();
      type.getInputsBuilder(0).setContents(InferTensorContents.newBuilder().addFp64Contents(1));
      refused(
          talk,
          type.build(),
          Status.Code.INVALID_ARGUMENT,
          "inputs[0] is FP32 and has contents of another type; give those of its own");
      refused(
          talk,
          good.toBuilder()
              .putParameters("priority", InferParameter.newBuilder().setInt64Param(101).build())
              .build(),
          Status.Code.INVALID_ARGUMENT,
          "priority is 101 and timeout 0; give priority 0 to 100 and a timeout of 0 or more"
              + " microseconds");
      refused(
          talk,
          request("plain", latents(4097)).build(),
          Status.Code.INVALID_ARGUMENT,
          "the request has 4097 rows; the limit is 4096");
      assertEquals(1, talk.stub().modelInfer(good).getOutputs(0).getShape(0)); // and goes on
    }
  }

  private static void refused(
      GrpcTalk talk, ModelInferRequest request, Status.Code code, String message) {
    StatusRuntimeException refusal =
        assertThrows(StatusRuntimeException.class, () -> talk.stub().modelInfer(request));
    assertEquals(code, refusal.getStatus().getCode(), refusal.getMessage());
    assertEquals(message, refusal.getStatus().getDescription());
  }

  @Test
  void aStreamAnswersEachRequestByItsNameAndOutlivesABadOne() throws Exception {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      List<ModelStreamInferResponse> answers = new ArrayList<>();
      CompletableFuture<Void> end = new CompletableFuture<>();
      StreamObserver<ModelInferRequest> requests =
          GRPCInferenceServiceGrpc.newStub(talk.channel())
              .modelStreamInfer(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(ModelStreamInferResponse answer) {
                      answers.add(answer);
                    }

                    @Override
                    public void onError(Throwable failure) {
                      end.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                      end.complete(null);
                    }
                  });
      for (int i = 0; i < 200; i++) { // More than are answered at a time.
        requests.onNext(request(i == 7 ? "none" : "plain", latents(1)).setId("r" + i).build());
      }
      requests.onCompleted();
      end.get(20, TimeUnit.SECONDS);

      Set<String> ids =
          answers.stream()
              .map(answer -> answer.getInferResponse().getId())
              .collect(Collectors.toSet());
      assertEquals(200, answers.size());
      assertEquals(200, ids.size());
      for (ModelStreamInferResponse answer : answers) {
        boolean bad = answer.getInferResponse().getId().equals("r7");
        assertEquals(
            bad ? "there is no model 'none'; there are [labelled, plain]" : "",
            answer.getErrorMessage());
        assertEquals(bad ? 0 : 2, answer.getInferResponse().getOutputsCount());
      }
      assertEquals(0, talk.server().heldBytes());
    }
  }

  @Test
  void tellsOfItselfAndItsModelsWhatHttpTells() throws IOException {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      GRPCInferenceServiceBlockingStub stub = talk.stub();
      assertTrue(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive());
      assertTrue(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady());
      assertTrue(
          stub.modelReady(ModelReadyRequest.newBuilder().setName("plain").build()).getReady());
      assertEquals(
          Status.Code.NOT_FOUND,
          assertThrows(
                  StatusRuntimeException.class,
                  () -> stub.modelReady(ModelReadyRequest.newBuilder().setName("x").build()))
              .getStatus()
              .getCode());
      assertEquals(
          "djinn", stub.serverMetadata(ServerMetadataRequest.getDefaultInstance()).getName());

      ModelMetadataResponse model =
          stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("labelled").build());
      assertEquals(List.of("1"), model.getVersionsList());
      assertEquals("latent FP32 [-1, 10]", tensor(model.getInputs(0)));
      assertEquals("label INT64 [-1]", tensor(model.getInputs(1)));
      assertEquals("image FP32 [-1, 1, 4, 4]", tensor(model.getOutputs(0)));
      assertEquals("pixels UINT8 [-1, 4, 4, 1]", tensor(model.getOutputs(1)));
      assertTrue(model.getPropertiesMap().containsKey("djinn.contract"));

      ModelConfig config =
          stub.modelConfig(ModelConfigRequest.newBuilder().setName("labelled").build()).getConfig();
      assertEquals(dev.djinn.oip.grpc.DataType.TYPE_INT64, config.getInput(1).getDataType());
      assertEquals(List.of(10L), config.getInput(0).getDimsList());
      assertEquals(List.of(1L), config.getInput(1).getDimsList());
      assertTrue(config.getInput(1).hasReshape());

      assertEquals(
          "labelled/1 READY, plain/1 READY, plain/2 READY",
          stub.repositoryIndex(RepositoryIndexRequest.getDefaultInstance()).getModelsList().stream()
              .map(one -> one.getName() + "/" + one.getVersion() + " " + one.getState())
              .collect(Collectors.joining(", ")));

      stub.modelInfer(request("plain", latents(5)).build());
      ModelStatistics statistics =
          stub.modelStatistics(
                  ModelStatisticsRequest.newBuilder().setName("plain").setVersion("2").build())
              .getModelStats(0);
      assertEquals(5, statistics.getInferenceCount());
      assertEquals(1, statistics.getInferenceStats().getSuccess().getCount());
      String metrics =
          new String(
              new Client(talk.server()).get("/metrics").body(),
              java.nio.charset.StandardCharsets.UTF_8);
      assertTrue(
          metrics.contains(
              "djinn_requests_total{endpoint=\"inference.GRPCInferenceService/ModelInfer\",status=\"OK\"} 1"),
          metrics);
    }
  }

  private static String tensor(ModelMetadataResponse.TensorMetadata tensor) {
    return tensor.getName() + " " + tensor.getDatatype() + " " + tensor.getShapeList();
  }

  @Test
  void loadsAndUnloadsOnlyWhereItMay() throws IOException {
    RepositoryModelUnloadRequest unload =
        RepositoryModelUnloadRequest.newBuilder().setModelName("labelled").build();
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      assertEquals(
          Status.Code.PERMISSION_DENIED,
          assertThrows(
                  StatusRuntimeException.class, () -> talk.stub().repositoryModelUnload(unload))
              .getStatus()
              .getCode());
    }
    try (GrpcTalk talk =
        GrpcTalk.with(folder, ServedModels.options().withModelControl(ModelControl.EXPLICIT))) {
      talk.stub().repositoryModelUnload(unload);
      assertEquals(List.of("plain"), talk.server().modelNames());
      talk.stub()
          .repositoryModelLoad(
              RepositoryModelLoadRequest.newBuilder().setModelName("labelled").build());
      assertEquals(List.of("labelled", "plain"), talk.server().modelNames());
    }
  }

  @Test
  void standardHealthAndReflectionAnswer() throws Exception {
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      HealthCheckResponse health =
          HealthGrpc.newBlockingStub(talk.channel())
              .check(
                  HealthCheckRequest.newBuilder()
                      .setService("inference.GRPCInferenceService")
                      .build());
      // It is looked at twice a second, and was not ready when the port was opened.
      for (int i = 0;
          i < 100 && health.getStatus() != HealthCheckResponse.ServingStatus.SERVING;
          i++) {
        Thread.sleep(20);
        health =
            HealthGrpc.newBlockingStub(talk.channel())
                .check(HealthCheckRequest.getDefaultInstance());
      }
      assertEquals(HealthCheckResponse.ServingStatus.SERVING, health.getStatus());

      CompletableFuture<ServerReflectionResponse> reflected = new CompletableFuture<>();
      StreamObserver<ServerReflectionRequest> reflection =
          ServerReflectionGrpc.newStub(talk.channel())
              .serverReflectionInfo(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse answer) {
                      reflected.complete(answer);
                    }

                    @Override
                    public void onError(Throwable failure) {
                      reflected.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                  });
      reflection.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
      assertTrue(
          reflected.get(20, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
              .anyMatch(service -> service.getName().equals("inference.GRPCInferenceService")));
      reflection.onCompleted();
    }
  }
}
