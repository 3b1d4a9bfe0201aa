import com.google.protobuf.ByteString;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Draws digits over gRPC in Java, and writes them as one PGM picture, for a model of 100 numbers
 * without labels. Needs dev.djinn:oip-grpc and io.grpc:grpc-netty; in a built clone: java -cp
 * "$(cat server/http/target/classpath)" scripts/GrpcSample.java 127.0.0.1:8001 dcgan-mnist out.pgm
 */
final class GrpcSample {
  public static void main(String[] arguments) throws Exception {
    int count = 16;
    int size = 100;
    ByteBuffer latents = ByteBuffer.allocate(count * size * 4).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(42);
    while (latents.hasRemaining()) {
      latents.putFloat((float) random.nextGaussian());
    }
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName(arguments[1])
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder()
                    .setName("latent")
                    .setDatatype("FP32")
                    .addShape(count)
                    .addShape(size))
            .addRawInputContents(ByteString.copyFrom(latents.flip()))
            .addOutputs(
                ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("pixels"))
            .build();
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(arguments[0]).usePlaintext().build();
    try {
      ModelInferResponse answer =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .modelInfer(request);
      long height = answer.getOutputs(0).getShape(1);
      long width = answer.getOutputs(0).getShape(2);
      ByteString header =
          ByteString.copyFromUtf8("P5 " + width + " " + count * height + " 255\n");
      Path file = Path.of(arguments[2]);
      Files.write(file, header.concat(answer.getRawOutputContents(0)).toByteArray());
      System.out.println(count + " pictures of " + answer.getModelName() + " in " + file);
    } finally {
      channel.shutdownNow();
    }
  }
}
