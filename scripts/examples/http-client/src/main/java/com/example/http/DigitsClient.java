package com.example.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * A client of a Djinn server, or for tensors of any server of the Open Inference Protocol v2, with
 * nothing but the JDK.
 */
public final class DigitsClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI model;

  /** For a model's address, such as {@code http://127.0.0.1:8000/v2/models/dcgan-mnist}. */
  public DigitsClient(URI model) {
    this.model = model;
  }

  /** Fetches a grid and writes it. Arguments: the model's address, a file for the PNG. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Files.write(Path.of(args[1]), new DigitsClient(URI.create(args[0])).grid(64, 42));
  }

  /** {@return a PNG of samples 0 to count - 1 of a seed} */
  public byte[] grid(int count, long seed) throws IOException, InterruptedException {
    return send(request("/samples?count=" + count + "&seed=" + seed).GET()).body();
  }

  /** {@return the pixels of images of these latents, (count, size) in a row} */
  public byte[] pixels(float[] latents, int size) throws IOException, InterruptedException {
    byte[] json =
        """
        {"inputs": [{"name": "latent", "shape": [%d, %d], "datatype": "FP32",
                     "parameters": {"binary_data_size": %d}}],
         "outputs": [{"name": "pixels", "parameters": {"binary_data": true}}]}
        """
            .formatted(latents.length / size, size, latents.length * 4)
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer body =
        ByteBuffer.allocate(json.length + latents.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    body.put(json).asFloatBuffer().put(latents);
    HttpResponse<byte[]> answer =
        send(
            request("/infer")
                .header("Inference-Header-Content-Length", Integer.toString(json.length))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.array())));
    int header =
        Integer.parseInt(
            answer.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
    return Arrays.copyOfRange(answer.body(), header, answer.body().length);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(model + path)).timeout(Duration.ofSeconds(30));
  }

  /** Tries again where the server asks for that: it is full, and will not be for long. */
  private HttpResponse<byte[]> send(HttpRequest.Builder builder)
      throws IOException, InterruptedException {
    HttpRequest request = builder.build();
    HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
    for (int again = 0; answer.statusCode() == 503 && again < 3; again++) {
      Thread.sleep(1000 * answer.headers().firstValueAsLong("Retry-After").orElse(1));
      answer = http.send(request, BodyHandlers.ofByteArray());
    }
    if (answer.statusCode() != 200) {
      throw new IOException(
          answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return answer;
  }
}
