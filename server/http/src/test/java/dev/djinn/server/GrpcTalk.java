package dev.djinn.server;

import com.google.protobuf.ByteString;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferRequest.InferInputTensor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A server of gRPC with a client of it, for tests. */
record GrpcTalk(SamplerServer server, ManagedChannel channel) implements AutoCloseable {
  static GrpcTalk with(Path folder, ServerOptions options) throws IOException {
    SamplerServer server =
        SamplerServer.start(ServedModels.repository(folder), options.withGrpcPort(0));
    return new GrpcTalk(
        server,
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort()).usePlaintext().build());
  }

  GRPCInferenceServiceBlockingStub stub() {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  static ModelInferRequest.Builder request(String model, float... latent) {
    ByteBuffer raw = ByteBuffer.allocate(4 * latent.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(latent);
    return ModelInferRequest.newBuilder()
        .setModelName(model)
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("latent")
                .setDatatype("FP32")
                .addShape(latent.length / 10)
                .addShape(10))
        .addRawInputContents(ByteString.copyFrom(raw));
  }

  /** {@return numbers for latents of ten} */
  static float[] latents(int rows) {
    float[] latents = new float[rows * 10];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = (i % 7 - 3) / 2f;
    }
    return latents;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.close();
  }
}
