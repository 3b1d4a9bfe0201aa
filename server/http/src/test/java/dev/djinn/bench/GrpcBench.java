package dev.djinn.bench;

import com.google.protobuf.ByteString;
import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.ModelInferRequest;
import dev.djinn.oip.grpc.ModelInferRequest.InferInputTensor;
import dev.djinn.oip.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.djinn.oip.grpc.ModelInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * gRPC beside binary HTTP: the same latents to the same server, one request at a time on each of 64
 * connections, in turn, by one load generator that speaks both, nghttp2's h2load.
 */
final class GrpcBench {
  private static final int CONNECTIONS = 64;
  private static final int ROUNDS = 5;
  private static final int WARM_UP = 20;
  private static final int SECONDS = 2;

  private static final Pattern FINISHED =
      Pattern.compile("finished in [^,]*, ([0-9.]+) req/s", Pattern.DOTALL);
  private static final Pattern REQUESTS =
      Pattern.compile(
          "requests: \\d+ total, \\d+ started, (\\d+) done, (\\d+) succeeded, (\\d+) failed,"
              + " (\\d+) errored");

  /** Of data, without headers: an answer over gRPC says in its trailers only that it failed. */
  private static final Pattern DATA = Pattern.compile("\\((\\d+)\\) data");

  private final Path work;
  private final int latent;

  GrpcBench(Path work, int latent) {
    this.work = work;
    this.latent = latent;
  }

  /** {@return the median of gRPC's rate by HTTP's} */
  double run(Path launcher, Path file, String model) throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (ServedProcess server =
        new ServedProcess(launcher, file, "--grpc-port", Integer.toString(port))) {
      byte[] latents = latents();
      Path http = Files.write(work.resolve("http"), httpBody(latents));
      ModelInferRequest request = request(model, latents);
      Path grpc = Files.write(work.resolve("grpc"), framed(request.toByteArray()));
      int answer = answerSize(port, request);
      String url = server.address() + "/v2/models/" + model + "/infer";
      String method = "http://127.0.0.1:" + port + "/inference.GRPCInferenceService/ModelInfer";
      List<String> asHttp =
          List.of(
              "--h1",
              "-d",
              http.toString(),
              "-H",
              "content-type: application/octet-stream",
              "-H",
              "inference-header-content-length: " + (Files.size(http) - latents.length),
              url);
      List<String> asGrpc =
          List.of(
              "-d",
              grpc.toString(),
              "-H",
              "content-type: application/grpc",
              "-H",
              "te: trailers",
              method);
      rate(asHttp, WARM_UP, answer / 2);
      rate(asGrpc, WARM_UP, answer);
      List<Double> rates = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        double binary = rate(asHttp, SECONDS, answer / 2);
        double own = rate(asGrpc, SECONDS, answer);
        rates.add(own);
        ratios.add(own / binary);
      }
      System.out.printf(
          Locale.ROOT,
          "%n%s over gRPC, %d connections, h2load on the same processors: %.0f requests/s, %.2f (%s)"
              + " of binary HTTP%n",
          model,
          CONNECTIONS,
          Rate.median(rates),
          Rate.median(ratios),
          Rate.spread(ratios));
      return Rate.median(ratios);
    }
  }

  private byte[] latents() {
    ByteBuffer bytes = ByteBuffer.allocate(4 * latent).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < latent; i++) {
      bytes.putFloat((i % 17 - 8) / 8f);
    }
    return bytes.array();
  }

  private byte[] httpBody(byte[] latents) {
    byte[] json =
        ("{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[1,"
                + latent
                + "],\"parameters\":{\"binary_data_size\":"
                + latents.length
                + "}}],\"outputs\":[{\"name\":\"image\",\"parameters\":{\"binary_data\":true}}]}")
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(json.length + latents.length).put(json).put(latents).array();
  }

  private ModelInferRequest request(String model, byte[] latents) {
    return ModelInferRequest.newBuilder()
        .setModelName(model)
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("latent")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(latent))
        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("image"))
        .addRawInputContents(ByteString.copyFrom(latents))
        .build();
  }

  /** A message as gRPC frames it: not compressed, its length, itself. */
  private static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** {@return the bytes of a right answer, asked for by grpc-java} */
  private static int answerSize(int port, ModelInferRequest request) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      ModelInferResponse answer =
          GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request);
      return 5 + answer.getSerializedSize();
    } finally {
      channel.shutdownNow();
    }
  }

  /** {@return requests a second, each of which had an answer of at least so many bytes} */
  private static double rate(List<String> arguments, int seconds, int answer)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("h2load", "-t1", "-m1", "-c" + CONNECTIONS, "-D" + seconds));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher finished = FINISHED.matcher(said);
    Matcher requests = REQUESTS.matcher(said);
    Matcher data = DATA.matcher(said);
    if (process.waitFor() != 0 || !finished.find() || !requests.find() || !data.find()) {
      throw new IOException("h2load failed: " + said);
    }
    long done = Long.parseLong(requests.group(1));
    boolean all = requests.group(1).equals(requests.group(2)) && done > 0;
    if (!all || Long.parseLong(data.group(1)) < done * answer) {
      throw new IOException("requests failed at " + arguments + ": " + said);
    }
    return Double.parseDouble(finished.group(1));
  }
}
