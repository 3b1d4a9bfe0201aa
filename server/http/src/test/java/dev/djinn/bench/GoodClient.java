package dev.djinn.bench;

import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Asks properly on one connection, and compares each answer with what the model makes here. */
final class GoodClient implements AutoCloseable {
  private final int port;
  private final Sampler sampler;
  private final Random random;
  private Wire wire;
  private byte[] expected;

  GoodClient(int port, Sampler sampler, long seed) {
    this.port = port;
    this.sampler = sampler;
    this.random = new Random(seed);
  }

  /** Sends a request of one to forty latents, whose answer is then expected. */
  void ask() throws IOException {
    int rows = 1 + random.nextInt(40);
    float[] latents = new float[rows * 100];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = (float) random.nextGaussian();
    }
    String json =
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":["
            + rows
            + ",100],\"parameters\":{\"binary_data_size\":"
            + rows * 400
            + "}}],\"outputs\":[{\"name\":\"pixels\",\"parameters\":{\"binary_data\":true}}]}";
    ByteBuffer body = ByteBuffer.allocate(json.length() + rows * 400);
    body.put(json.getBytes(StandardCharsets.US_ASCII)).order(ByteOrder.LITTLE_ENDIAN);
    body.asFloatBuffer().put(latents);
    expected =
        sampler
            .sample(SampleRequest.of(rows).withLatents(latents).withOutputs(Output.PIXELS))
            .pixels();
    if (wire == null) {
      wire = new Wire(port);
    }
    wire.post("/v2/models/digits/infer", json.length(), body.array());
  }

  /** What became of a request. */
  enum Heard {
    RIGHT,
    /** For want of room. */
    REFUSED,
    /** The server has closed the connection, which only one that stops may do. */
    NOTHING
  }

  /**
   * Reads the answer.
   *
   * @throws IOException if it is wrong or half
   */
  Heard hear() throws IOException {
    Wire.Answer answer = wire.answer();
    if (answer == null) {
      close();
      return Heard.NOTHING;
    }
    if (answer.status() == 503) {
      return Heard.REFUSED;
    }
    if (answer.status() != 200) {
      throw new IOException(
          "answered " + answer.status() + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    byte[] pixels = Arrays.copyOfRange(answer.body(), answer.jsonLength(), answer.body().length);
    if (!Arrays.equals(expected, pixels)) {
      throw new IOException("a wrong answer for " + expected.length / 784 + " rows");
    }
    return Heard.RIGHT;
  }

  @Override
  public void close() throws IOException {
    if (wire != null) {
      wire.close();
      wire = null;
    }
  }
}
