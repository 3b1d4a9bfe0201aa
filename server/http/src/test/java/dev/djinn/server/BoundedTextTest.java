package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of models and to clients is short, however much they say. */
class BoundedTextTest {
  private static final int LABELS = 100_000;

  @TempDir private static Path folder;
  private static SamplerServer server;
  private static Client client;

  @BeforeAll
  static void start() throws IOException {
    List<String> labels =
        IntStream.range(0, LABELS).mapToObj(i -> "a label of some length, no. " + i).toList();
    Map<String, Object> much = Map.of("notes", "x".repeat(1 << 20));
    Image image = new Image(1, 4, 4);
    ServedModels.write(
        folder,
        "many",
        1,
        new GeneratorContract(Latent.normal(10), labels, image, much, Map.of(), Map.of()));
    server = SamplerServer.start(folder, ServedModels.options());
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aModelsDescriptionHasTheNumberOfVeryManyLabels() {
    HttpResponse<byte[]> said = client.get("/v2/models/many");
    assertTrue(said.body().length < 4096, said.body().length + " bytes");
    Map<?, ?> properties = (Map<?, ?>) Client.json(said).get("properties");
    assertEquals(Integer.toString(LABELS), properties.get("djinn.labels"));
    assertEquals(
        "{\"omitted\":\"1048588 characters; they are in the file\"}",
        properties.get("djinn.provenance"));
  }

  @Test
  void aWrongLabelIsAnsweredInOneShortLineAndSoon() {
    for (String wrong : List.of("none", "x".repeat(60_000), "a label of some length, no. 1x")) {
      HttpResponse<byte[]> answer =
          assertTimeoutPreemptively(
              Duration.ofSeconds(5),
              () -> client.post("/v2/models/many/generate", "{\"label\":\"" + wrong + "\"}"));
      assertEquals(400, answer.statusCode());
      assertTrue(answer.body().length < 5000, answer.body().length + " bytes");
    }
    String last = "{\"count\":1,\"label\":\"a label of some length, no. 99999\"}";
    assertEquals(200, client.post("/v2/models/many/generate", last).statusCode());
  }

  @Test
  void whatAClientSendsComesBackShort() throws IOException {
    String much = "x".repeat(15_000);
    for (String request :
        List.of(
            "GET /v2 HTTP/1.1\nHost: " + much + "\n\n",
            "POST /v2 HTTP/1.1\nHost: localhost\nTransfer-Encoding: " + much + "\n\n",
            "POST /v2 HTTP/1.1\nHost: localhost\nExpect: " + much + "\n\n",
            "POST /v2/models/many/infer HTTP/1.1\nHost: localhost\nContent-Length: 0\n"
                + "Content-Encoding: "
                + much
                + "\n\n",
            "GET /v2/models/" + much + " HTTP/1.1\nHost: localhost\n\n",
            "GET /v2/models/many/samples?format=" + much + " HTTP/1.1\nHost: localhost\n\n",
            much + " /v2 HTTP/1.1\nHost: localhost\n\n")) {
      try (RawClient raw = new RawClient(server)) {
        RawClient.Answer answer = raw.lines(request).answer();
        assertTrue(answer.status() >= 400, answer.body());
        assertTrue(answer.body().length() < 3000, answer.body());
      }
    }
  }

  @Test
  void aModelWhoseNameHasControlCharactersIsLeftOut(@TempDir Path other) throws IOException {
    ServedModels.repository(other);
    ServedModels.write(other, "a\u001b[2Jb\nc", 1, dev.djinn.sampler.TestModels.UNCONDITIONAL);
    try (SamplerServer two = SamplerServer.start(other, ServedModels.options())) {
      assertEquals(List.of("labelled", "plain"), two.modelNames());
    }
    assertTrue(Files.isDirectory(other.resolve("a\u001b[2Jb\nc")));
  }
}
