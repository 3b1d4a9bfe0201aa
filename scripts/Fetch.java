import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Arrays;
import java.util.Random;

/**
 * A client in plain Java: a PNG of samples by GET, then 16 images as a binary tensor by the Open
 * Inference Protocol v2. Usage: java Fetch.java URL/v2/models/NAME grid.png images.f32
 */
public final class Fetch {
  private static final int IMAGES = 16;
  private static final int LATENT = 100;

  /** Runs it. */
  public static void main(String[] args) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    byte[] png = send(client, HttpRequest.newBuilder(URI.create(args[0] + "/samples?count=64&seed=42&columns=8")).build()).body();
    if (png.length < 8 || png[1] != 'P' || png[2] != 'N' || png[3] != 'G') {
      throw new IOException("not a PNG");
    }
    Files.write(Path.of(args[1]), png);

    String json =
        """
        {"inputs": [{"name": "latent", "shape": [%d, %d], "datatype": "FP32",
                     "parameters": {"binary_data_size": %d}}],
         "outputs": [{"name": "image", "parameters": {"binary_data": true}}]}
        """.formatted(IMAGES, LATENT, IMAGES * LATENT * 4);
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer body = ByteBuffer.allocate(header.length + IMAGES * LATENT * 4).order(ByteOrder.LITTLE_ENDIAN);
    body.put(header);
    Random random = new Random(42);
    for (int i = 0; i < IMAGES * LATENT; i++) {
      body.putFloat((float) random.nextGaussian());
    }
    HttpResponse<byte[]> answer =
        send(
            client,
            HttpRequest.newBuilder(URI.create(args[0] + "/infer"))
                .header("Content-Type", "application/octet-stream")
                .header("Inference-Header-Content-Length", Integer.toString(header.length))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.array()))
                .build());
    int jsonLength =
        Integer.parseInt(answer.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
    byte[] tensor = Arrays.copyOfRange(answer.body(), jsonLength, answer.body().length);
    Files.write(Path.of(args[2]), tensor);
    System.err.printf("fetched a PNG of %,d bytes and a tensor of %,d bytes%n", png.length, tensor.length);
  }

  private static HttpResponse<byte[]> send(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new IOException(response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(request.uri() + ": " + e.getMessage(), e);
    }
  }
}
