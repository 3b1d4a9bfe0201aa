package dev.djinn.server;

import dev.djinn.sampler.TestModels;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the socket does beside running the model: requests read, answers written. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class WireBench {
  private static final Limits LIMITS = Limits.defaults();
  private static final Json JSON = new Json(LIMITS);
  private static final ModelSignature MODEL = ModelSignature.of("digits", TestModels.PERCEPTRON);

  @Param({"1", "16"})
  int rows;

  private byte[] binary;
  private int binaryJson;
  private byte[] text;
  private InferReply reply;

  @Setup
  public void make() throws RequestException {
    String head =
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[" + rows + ",100],";
    String wanted = "],\"outputs\":[{\"name\":\"image\"}]}";
    String json = head + "\"parameters\":{\"binary_data_size\":" + rows * 400 + "}}" + wanted;
    binaryJson = json.length();
    binary = new byte[binaryJson + rows * 400];
    System.arraycopy(json.getBytes(StandardCharsets.US_ASCII), 0, binary, 0, binaryJson);
    StringJoiner numbers = new StringJoiner(",", "\"data\":[", "]}");
    Random random = new Random(1);
    for (int i = 0; i < rows * 100; i++) {
      numbers.add(Float.toString(random.nextFloat() * 2 - 1));
    }
    text = (head + numbers + wanted).getBytes(StandardCharsets.US_ASCII);
    reply = new InferReply(readJson());
    float[] image = new float[rows * 784];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) Math.exp(-16 * random.nextDouble()); // most of a digit's picture is dark
    }
    reply.rows().image().put(image);
  }

  @Benchmark
  public InferRequest readBinary() throws RequestException {
    return new InferRequestReader(JSON, LIMITS, MODEL).read(binary, binaryJson);
  }

  @Benchmark
  public InferRequest readJson() throws RequestException {
    return new InferRequestReader(JSON, LIMITS, MODEL).read(text, text.length);
  }

  @Benchmark
  public Reply writeJson() throws RequestException {
    return reply.write(JSON, "digits", "1");
  }
}
