package com.example.grpc;

import com.google.protobuf.ByteString;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferRequest.InferInputTensor;
import dev.djinn.oip.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.djinn.oip.grpc.ModelInferResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

/** A client of any server of the Open Inference Protocol over gRPC. */
public final class DigitsClient implements AutoCloseable {
  private final ManagedChannel channel;

  /** For a server's address, such as {@code 127.0.0.1:8001}; one channel serves all threads. */
  public DigitsClient(String target) {
    channel = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create()).build();
  }

  /** {@return the pixels of images of these latents, (count, size) in a row} */
  public byte[] pixels(String model, float[] latents, int size) {
    ByteBuffer raw = ByteBuffer.allocate(latents.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(latents);
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName(model)
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("latent")
                    .setDatatype("FP32")
                    .addShape(latents.length / size)
                    .addShape(size))
            .addRawInputContents(ByteString.copyFrom(raw))
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("pixels"))
            .build();
    ModelInferResponse answer =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .modelInfer(request);
    return answer.getRawOutputContents(0).toByteArray();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
