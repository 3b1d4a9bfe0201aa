package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.ModelBounds;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.TestModels;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that come, go, break and are replaced while they are asked. */
class ModelRepositoryTest {

  @TempDir Path folder;

  @Test
  void refusesAModelThatIsNotTheOneItsSumDescribes() throws Exception {
    Path models = ServedModels.repository(folder);
    Path file = models.resolve("labelled/1/model.onnx");
    Path sum = file.resolveSibling("model.onnx.sha256");
    String right =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    Files.writeString(sum, "0".repeat(64) + "  model.onnx\n");
    try (ModelRepository repository = new ModelRepository(ServedModels.options().sampler())) {
      repository.open(models);
      String reason =
          assertThrows(RequestException.class, () -> repository.find("labelled", null))
              .getMessage();
      String why = " is not the file that " + sum + " describes: its SHA-256 is " + right;
      assertTrue(reason.endsWith(file + why), reason);
      assertTrue(repository.find("plain", null).ready());
      Files.writeString(sum, "no sum at all");
      repository.refresh();
      assertThrows(RequestException.class, () -> repository.find("labelled", null));
      Files.writeString(sum, right.toUpperCase(Locale.ROOT) + "  model.onnx\n");
      repository.refresh();
      assertEquals(right, repository.find("labelled", null).hash());
    }
  }

  @Test
  void servesTheGoodModelsBesideABrokenOne() throws IOException {
    Path models = ServedModels.repository(folder);
    Path broken = Files.createDirectories(models.resolve("broken/1")).resolve("model.onnx");
    Files.writeString(broken, "not a model");
    try (SamplerServer server = SamplerServer.start(models, ServedModels.options())) {
      Client client = new Client(server);
      assertEquals(200, client.get("/v2/models/plain/samples").statusCode());
      HttpResponse<byte[]> ready = client.get("/v2/models/broken/ready");
      assertEquals(503, ready.statusCode());
      String reason = (String) Client.json(ready).get("reason");
      assertTrue(reason.contains("model 'broken' could not be loaded"), reason);
      assertEquals(503, client.get("/v2/models/broken/samples").statusCode());
      assertEquals(503, client.get("/v2/health/ready").statusCode());
      assertEquals(200, client.get("/v2/health/live").statusCode());
      String index = Client.text(client.post("/v2/repository/index", ""));
      assertTrue(index.contains("\"state\":\"UNAVAILABLE\""), index);
      assertEquals(List.of("labelled", "plain"), server.modelNames());
      assertEquals(1, server.placements().size());
      assertTrue(server.placements().get(0).startsWith("cpu ("), server.placements().get(0));
    }
  }

  @Test
  void servesTheLastGoodVersionOfAModel() throws IOException {
    Path models = ServedModels.repository(folder);
    Path broken = Files.createDirectories(models.resolve("plain/3")).resolve("model.onnx");
    Files.writeString(broken, "not a model");
    try (SamplerServer server = SamplerServer.start(models, ServedModels.options())) {
      Client client = new Client(server);
      assertEquals(200, client.get("/v2/health/ready").statusCode());
      assertEquals(
          "2",
          Client.json(client.get("/v2/models/plain/samples?format=json")).get("model_version"));
      assertEquals(503, client.get("/v2/models/plain/versions/3/samples").statusCode());
    }
  }

  @Test
  void followsItsFolder() throws Exception {
    Path models = ServedModels.repository(folder);
    try (SamplerServer server = SamplerServer.start(models, ServedModels.options())) {
      Client client = new Client(server);
      ServedModels.write(models, "plain", 3, TestModels.UNIFORM);
      ServedModels.write(models, "new", 1, TestModels.UNIFORM);
      Files.delete(models.resolve("labelled/1/model.onnx"));
      String expected = "{models=[new, plain]}";
      for (int i = 0; i < 100 && !models(client).equals(expected); i++) {
        Thread.sleep(100);
      }
      assertEquals(expected, models(client));
      assertEquals(404, client.get("/v2/models/labelled/samples").statusCode());
      HttpResponse<byte[]> samples = client.get("/v2/models/plain/samples?format=json&count=1");
      assertEquals("3", Client.json(samples).get("model_version"));
      assertEquals(List.of(1L, 4L, 4L, 3L), Client.json(samples).get("shape"));
      assertEquals(403, client.post("/v2/repository/models/plain/unload", "").statusCode());
    }
  }

  @Test
  void loadsAndUnloadsWhenItMay() throws IOException {
    Path models = ServedModels.repository(folder);
    ServerOptions options = ServedModels.options().withModelControl(ModelControl.EXPLICIT);
    try (SamplerServer server = SamplerServer.start(models, options)) {
      Client client = new Client(server);
      assertTrue(Client.text(client.get("/v2")).contains("\"model_repository\""));
      assertEquals(200, client.post("/v2/repository/models/plain/unload", "").statusCode());
      assertEquals("{models=[labelled]}", models(client));
      assertEquals(200, client.get("/v2/health/ready").statusCode());
      String index = Client.text(client.post("/v2/repository/index", ""));
      assertTrue(
          index.contains("\"plain\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\""), index);
      assertEquals(404, client.post("/v2/repository/models/plain/unload", "").statusCode());
      assertEquals(200, client.post("/v2/repository/models/plain/load", "{}").statusCode());
      assertEquals("{models=[labelled, plain]}", models(client));
      assertEquals(404, client.post("/v2/repository/models/..%2Fx/load", "").statusCode());
      Path broken = Files.createDirectories(models.resolve("broken/1")).resolve("model.onnx");
      Files.writeString(broken, "not a model");
      assertEquals(503, client.post("/v2/repository/models/broken/load", "").statusCode());
    }
  }

  @Test
  void aModelThatNeverLoadsDelaysNoOther() throws Exception {
    Path models = ServedModels.repository(folder.resolve("models"));
    TestModels.writeEndless(models.resolve("endless/1/model.onnx"), -1000);
    ModelBounds bounds = new ModelBounds(Duration.ofSeconds(30), Duration.ofSeconds(15), false);
    ServerOptions options = ServedModels.options();
    try (SamplerServer server =
        SamplerServer.start(models, options.withSampler(options.sampler().withBounds(bounds)))) {
      Client client = new Client(server);
      assertEquals(200, client.get("/v2/models/plain/samples").statusCode());
      HttpResponse<byte[]> endless = client.get("/v2/models/endless/samples");
      assertEquals(503, endless.statusCode());
      assertTrue(Client.error(endless).endsWith("it is being loaded"), Client.error(endless));
      assertEquals(503, client.get("/v2/health/ready").statusCode());
      ServedModels.write(models, "new", 1, TestModels.UNIFORM); // The folder is still watched.
      for (int i = 0; i < 60 && !server.modelNames().contains("new"); i++) {
        Thread.sleep(100);
      }
      assertTrue(server.modelNames().contains("new"));
      String given = "it is being loaded";
      for (int i = 0; i < 200 && given.endsWith("it is being loaded"); i++) {
        Thread.sleep(100);
        given = Client.error(client.get("/v2/models/endless/samples"));
      }
      assertTrue(given.contains("was stopped"), given);
    }
  }

  @Test
  void aModelWhoseFolderCannotBeReadForAMomentGoesOn() throws Exception {
    Path models = ServedModels.repository(folder.resolve("models"));
    try (ModelRepository repository = new ModelRepository(ServedModels.options().sampler())) {
      repository.open(models);
      ServedModel before = repository.find("plain", null);
      Path away = Files.move(models.resolve("plain"), folder.resolve("away"));
      // A link to itself: whoever looks gets an error, and not that there is nothing.
      Files.createSymbolicLink(models.resolve("plain"), Path.of("plain"));
      repository.refresh();
      assertSame(before.sampler(), repository.find("plain", null).sampler());
      assertEquals(1, before.sampler().sample(SampleRequest.of(1)).count());
      Files.delete(models.resolve("plain"));
      Files.move(away, models.resolve("plain"));
      Path all = Files.move(models, folder.resolve("unmounted"));
      repository.refresh();
      assertSame(before.sampler(), repository.find("plain", null).sampler());
      Files.move(all, models);
      Files.delete(models.resolve("plain/2/model.onnx"));
      repository.refresh();
      assertEquals("1", repository.find("plain", null).version());
    }
  }

  @Test
  void goesOnWithTheGoodFileUntilItsReplacementIsGood() throws Exception {
    Path models = ServedModels.repository(folder);
    Path file = models.resolve("labelled/1/model.onnx");
    byte[] good = Files.readAllBytes(file);
    FileTime time = Files.getLastModifiedTime(file);
    try (ModelRepository repository = new ModelRepository(ServedModels.options().sampler())) {
      repository.open(models);
      ServedModel before = repository.find("labelled", null);
      Files.write(file, Arrays.copyOf(good, good.length / 2)); // A copy that is under way.
      repository.refresh();
      ServedModel during = repository.find("labelled", null);
      assertSame(before.sampler(), during.sampler());
      assertEquals(1, during.sampler().sample(SampleRequest.of(1)).count());
      assertTrue(during.reason().startsWith("goes on with the file that was here before: "));
      Files.write(file, good);
      Files.setLastModifiedTime(file, time);
      repository.refresh();
      assertSame(before.sampler(), repository.find("labelled", null).sampler());
      assertEquals("", repository.find("labelled", null).reason());
      Files.setLastModifiedTime(file, FileTime.fromMillis(1));
      repository.refresh();
      ServedModel after = repository.find("labelled", null);
      assertNotSame(before.sampler(), after.sampler());
      assertEquals("", after.reason());
      // The old one is closed on a thread of its own, since it may have to wait for a run.
      assertTimeoutPreemptively(Duration.ofSeconds(30), () -> awaitClosed(before.sampler()));
    }
  }

  private static void awaitClosed(Sampler sampler) throws InterruptedException {
    while (true) {
      try {
        sampler.sample(SampleRequest.of(1));
      } catch (SamplerException e) {
        return;
      }
      Thread.sleep(5);
    }
  }

  @Test
  void isNotReadyAndFindsNothingForGoodBeforeAllIsLoaded() {
    try (ModelRepository repository = new ModelRepository(ServedModels.options().sampler())) {
      assertFalse(repository.ready(Duration.ofSeconds(10)));
      RequestException early =
          assertThrows(RequestException.class, () -> repository.find("plain", null));
      assertEquals(503, early.status());
      repository.open(ServedModels.repository(folder));
      assertTrue(repository.ready(Duration.ofSeconds(10)));
      RequestException none =
          assertThrows(RequestException.class, () -> repository.find("other", null));
      assertEquals(404, none.status());
    }
  }

  @Test
  void loadsNothingOnceItIsClosed() {
    ModelRepository repository = new ModelRepository(ServedModels.options().sampler());
    repository.open(ServedModels.repository(folder));
    repository.close();
    RequestException e = assertThrows(RequestException.class, () -> repository.load("plain"));
    assertEquals(503, e.status());
    assertEquals(List.of(), repository.all());
  }

  @Test
  void failsNoRequestWhenAModelIsReplaced() throws Exception {
    Path models = ServedModels.repository(folder);
    Path file = models.resolve("plain/2/model.onnx");
    // Many latents as text, so that each request spends its time between the model and its sampler.
    String latents = "[" + "0.25,".repeat(19_999) + "0]";
    String request =
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[2000,10],"
            + "\"data\":"
            + latents
            + "}],\"outputs\":[{\"name\":\"pixels\",\"parameters\":{\"binary_data\":true}}]}";
    ServerOptions options = ServedModels.options().withModelControl(ModelControl.EXPLICIT);
    try (SamplerServer server = SamplerServer.start(models, options)) {
      Client client = new Client(server);
      AtomicBoolean over = new AtomicBoolean();
      Set<Integer> statuses = ConcurrentHashMap.newKeySet();
      List<Thread> clients = new ArrayList<>();
      for (String path : List.of("infer", "infer", "samples?count=1")) {
        Thread thread =
            new Thread(
                () -> {
                  while (!over.get()) {
                    boolean get = path.startsWith("samples");
                    String where = "/v2/models/plain/" + path;
                    HttpResponse<byte[]> response =
                        get ? client.get(where) : client.post(where, request);
                    statuses.add(response.statusCode());
                  }
                });
        thread.start();
        clients.add(thread);
      }
      for (int i = 1; i <= 30; i++) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1000L * i));
        assertEquals(200, client.post("/v2/repository/models/plain/load", "").statusCode());
      }
      over.set(true);
      for (Thread thread : clients) {
        thread.join();
      }
      assertEquals(Set.of(200), statuses);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"parameters\":{\"config\":\"{}\"}}",
        "{\"parameters\":{\"file:1/model.onnx\":\"AAAA\"}}",
        "{\"parameters\":[]}",
        "[]",
        "{} {}",
        "load",
      })
  void refusesALoadThatAsksForWhatItDoesNotDo(String body) throws IOException {
    ServerOptions options = ServedModels.options().withModelControl(ModelControl.EXPLICIT);
    try (SamplerServer server = SamplerServer.start(ServedModels.repository(folder), options)) {
      Client client = new Client(server);
      String plain = "/v2/repository/models/plain/";
      assertEquals(400, client.post(plain + "load", body).statusCode());
      assertEquals(400, client.post(plain + "unload", body).statusCode());
      assertEquals("{models=[labelled, plain]}", models(client));
      String dependents = "{\"parameters\":{\"unload_dependents\":true}}";
      assertEquals(200, client.post(plain + "unload", dependents).statusCode());
      assertEquals(200, client.post(plain + "load", "{\"parameters\":{}}").statusCode());
    }
  }

  private static String models(Client client) {
    return Client.json(client.get("/v2/models")).toString();
  }
}
