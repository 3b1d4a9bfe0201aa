package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A server of two small models over a real socket, and the library beside it. */
abstract class ConformanceCase {
  static final String INFER = "/v2/models/plain/infer";

  static final int SIZE = 10;

  static final int PIXELS = 16;

  @TempDir static Path folder;

  static SamplerServer server;

  static Client client;

  static Sampler sampler;

  @BeforeAll
  static void start() throws IOException {
    Path models = ServedModels.repository(folder);
    server = SamplerServer.start(models, ServedModels.options());
    client = new Client(server);
    sampler = Sampler.open(models.resolve("plain"));
  }

  @AfterAll
  static void stop() {
    server.close();
    sampler.close();
  }

  static Map<?, ?> statistics() {
    Map<?, ?> all = Client.json(client.get("/v2/models/plain/versions/2/stats"));
    return (Map<?, ?>) ((List<?>) all.get("model_stats")).get(0);
  }

  static long count(Map<?, ?> statistics, String kind) {
    return (long)
        ((Map<?, ?>) ((Map<?, ?>) statistics.get("inference_stats")).get(kind)).get("count");
  }

  static String request(String shape, String data, String more) {
    return "{\"inputs\":[{\"name\":\"latent\",\"shape\":"
        + shape
        + ",\"datatype\":\"FP32\",\"data\":"
        + data
        + "}]"
        + more
        + "}";
  }

  static String binaryRequest(int rows, int size, String more) {
    return "{\"inputs\":[{\"name\":\"latent\",\"shape\":["
        + rows
        + ",10],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":"
        + size
        + "}}]"
        + more
        + "}";
  }

  static String zeros(int count) {
    return Arrays.toString(new int[count]);
  }

  static float[] latents(int rows) {
    float[] latents = new float[rows * SIZE];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = (i * 37 % 19 - 9) / 7f;
    }
    return latents;
  }

  static Samples expected(float[] latents) {
    return sampler.sample(
        SampleRequest.of(latents.length / SIZE)
            .withLatents(latents)
            .withOutputs(Output.IMAGE, Output.PIXELS));
  }

  static void checkOutputs(Map<?, ?> reply, float[] latents) {
    long rows = latents.length / SIZE;
    Samples expected = expected(latents);
    Map<?, ?> image = output(reply, "image");
    assertEquals("FP32", image.get("datatype"));
    assertEquals(List.of(rows, 1L, 4L, 4L), image.get("shape"));
    assertArrayEquals(expected.image(), floats(image));
    Map<?, ?> pixels = output(reply, "pixels");
    assertEquals("UINT8", pixels.get("datatype"));
    assertEquals(List.of(rows, 4L, 4L, 1L), pixels.get("shape"));
    assertArrayEquals(expected.pixels(), bytes(pixels));
  }

  static Map<?, ?> output(Map<?, ?> reply, String name) {
    for (Object output : (List<?>) reply.get("outputs")) {
      if (((Map<?, ?>) output).get("name").equals(name)) {
        return (Map<?, ?>) output;
      }
    }
    throw new AssertionError("no output " + name + " in " + reply);
  }

  static float[] floats(Map<?, ?> output) {
    List<?> data = (List<?>) output.get("data");
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) data.get(i)).floatValue();
    }
    return values;
  }

  static byte[] bytes(Map<?, ?> output) {
    List<?> data = (List<?>) output.get("data");
    byte[] values = new byte[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) data.get(i)).byteValue();
    }
    return values;
  }
}
