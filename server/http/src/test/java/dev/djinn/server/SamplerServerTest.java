package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.djinn.sampler.Device;
import dev.djinn.sampler.ForeignModel;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.ModelBounds;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.TestModels;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
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

class SamplerServerTest {

  @TempDir Path folder;

  @Test
  void servesASingleFile() throws IOException {
    Path file = TestModels.write(folder, TestModels.UNCONDITIONAL);
    Path renamed = Files.move(file, folder.resolve("digits.onnx"));
    try (SamplerServer server = SamplerServer.start(renamed, ServedModels.options())) {
      Client client = new Client(server);
      assertEquals("{models=[digits]}", Client.json(client.get("/v2/models")).toString());
      assertEquals(200, client.get("/v2/models/digits/samples").statusCode());
    }
  }

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
  void answers503ToARequestThatNoWorkerTookInItsTime() throws IOException {
    try (SamplerServer server =
        SamplerServer.start(ServedModels.repository(folder), ServedModels.options())) {
      Client client = new Client(server);
      // A worker needs longer than a microsecond to wake up.
      String request =
          "{\"parameters\":{\"timeout\":1},\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\","
              + "\"shape\":[1,10],\"data\":[0,0,0,0,0,0,0,0,0,0]}]}";
      HttpResponse<byte[]> late = client.post("/v2/models/plain/infer", request);
      assertEquals(503, late.statusCode());
      assertEquals("no worker was free within the request's 1 µs", Client.error(late));
      assertEquals("1", late.headers().firstValue("Retry-After").orElseThrow());
      String metrics = Client.text(client.get("/metrics"));
      assertTrue(
          metrics.contains("djinn_timed_out_total{model=\"plain\",version=\"2\"} 1"), metrics);
      HttpResponse<byte[]> patient =
          client.post("/v2/models/plain/infer", request.replace("\"timeout\":1", "\"timeout\":0"));
      assertEquals(200, patient.statusCode());
    }
  }

  @Test
  void aDemandedGpuThatIsMissingStopsTheStartBeforeAnyModelIsRead() throws IOException {
    assumeTrue(gpuIsMissing(), "this machine has CUDA");
    Path broken = Files.createDirectories(folder.resolve("models/broken/1")).resolve("model.onnx");
    Files.writeString(broken, "not a model");
    SamplerOptions gpu = ServedModels.options().sampler().withDevice(Device.gpu(0));
    try (ModelRepository repository = new ModelRepository(gpu)) {
      SamplerException e =
          assertThrows(SamplerException.class, () -> repository.open(folder.resolve("models")));
      assertEquals(SamplerException.Reason.UNAVAILABLE_DEVICE, e.reason());
      assertTrue(e.getMessage().startsWith("device gpu:0 was demanded, but"), e.getMessage());
    }
  }

  private static boolean gpuIsMissing() {
    try {
      Device.gpu(0).checkAvailable();
      return false;
    } catch (SamplerException e) {
      return true;
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

  private static String models(Client client) {
    return Client.json(client.get("/v2/models")).toString();
  }

  @Test
  void doesNotStartWithoutAModel() {
    assertThrows(SamplerException.class, () -> SamplerServer.start(folder, ServedModels.options()));
    assertThrows(
        SamplerException.class,
        () -> SamplerServer.start(folder.resolve("nosuch"), ServedModels.options()));
  }

  @Test
  void saysThatThePortIsTaken() throws IOException {
    Path models = ServedModels.repository(folder);
    try (SamplerServer server = SamplerServer.start(models, ServedModels.options())) {
      ServerOptions same = ServerOptions.defaults().withPort(server.port());
      IOException e = assertThrows(IOException.class, () -> SamplerServer.start(models, same));
      assertTrue(
          e.getMessage().startsWith("cannot listen on 127.0.0.1:" + server.port()), e.getMessage());
      assertEquals(200, new Client(server).get("/v2/health/ready").statusCode());
    }
  }

  @Test
  void answersOnAUnixDomainSocket() throws IOException {
    Path models = ServedModels.repository(folder);
    Path socket = folder.resolve("s");
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    try (SamplerServer server = SamplerServer.start(models, options)) {
      assertEquals("unix:" + socket, server.address());
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.write(
            ByteBuffer.wrap(
                "GET /v2/health/live HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(4096);
        while (channel.read(answer) >= 0) {
          // Until the server closes.
        }
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("HTTP/1.1 200 OK\r\n"), text);
        assertTrue(text.endsWith("{\"live\":true}"), text);
      }
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void takesOverASocketFileOnWhichNobodyAnswersAndNoOther() throws IOException {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path socket = folder.resolve("s");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket))
        .close();
    assertTrue(Files.exists(socket));
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    try (SamplerServer server = SamplerServer.start(models, options)) {
      assertEquals(-1, server.port());
      IOException e = assertThrows(IOException.class, () -> SamplerServer.start(models, options));
      assertTrue(e.getMessage().endsWith("a server listens there"), e.getMessage());
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
    }
    Files.writeString(socket, "precious");
    assertThrows(IOException.class, () -> SamplerServer.start(models, options));
    assertEquals("precious", Files.readString(socket));
  }

  @Test
  void takesAwayNeitherAPipeNorASocketThatAnotherServerHasBound() throws Exception {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path pipe = folder.resolve("pipe");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    ServerOptions onPipe = ServerOptions.defaults().withUnixSocket(pipe);
    IOException e = assertThrows(IOException.class, () -> SamplerServer.start(models, onPipe));
    assertTrue(e.getMessage().contains("is no socket"), e.getMessage());
    assertTrue(Files.exists(pipe));
    Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
    ServerOptions onLink = ServerOptions.defaults().withUnixSocket(link);
    assertThrows(IOException.class, () -> SamplerServer.start(models, onLink));
    assertTrue(Files.isSymbolicLink(link));
    Path socket = folder.resolve("s");
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    SamplerServer first = SamplerServer.start(models, options);
    Files.delete(socket);
    try (SamplerServer second = SamplerServer.start(models, options)) {
      first.close();
      assertTrue(Files.exists(socket));
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
      assertEquals("unix:" + socket, second.address());
    }
    assertFalse(Files.exists(socket));
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
  void closesTwiceAndRefusesConnectionsThen() throws IOException {
    Path models = ServedModels.repository(folder);
    SamplerServer server = SamplerServer.start(models, ServedModels.options());
    int port = server.port();
    new Socket(InetAddress.getLoopbackAddress(), port).close();
    server.close();
    server.close();
    assertThrows(
        ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
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
  void aSingleModelKeepsTheVersionOfItsFolder() throws IOException {
    ServedModels.write(folder, "digits", 3, TestModels.UNCONDITIONAL);
    ServedModels.write(folder, "digits", 7, TestModels.UNCONDITIONAL);
    Path digits = folder.resolve("digits");
    try (SamplerServer server = SamplerServer.start(digits, ServedModels.options())) {
      Client client = new Client(server);
      Object versions = Client.json(client.get("/v2/models/digits")).get("versions");
      assertEquals(List.of("7"), versions);
      assertEquals(200, client.get("/v2/models/digits/versions/7/samples").statusCode());
    }
  }

  @Test
  void refusesAModelThatDrawsWhatIsNoNumber() {
    Path file = TestModels.writeNotANumber(folder.resolve("nan.onnx"));
    ServedModel model = ServedModel.load("nan", "1", file, ServedModels.options().sampler());
    assertFalse(model.ready());
    assertTrue(model.reason().contains("not finite, which are no picture"), model.reason());
  }

  @Test
  void pagesOfOtherOriginsDoNotControlModels() throws IOException {
    ServerOptions options = ServedModels.options().withModelControl(ModelControl.EXPLICIT);
    try (SamplerServer server = SamplerServer.start(ServedModels.repository(folder), options)) {
      Client client = new Client(server);
      String unload = "/v2/repository/models/plain/unload";
      assertEquals(403, client.post(unload, "", "Origin", "https://example.org").statusCode());
      assertEquals(200, client.get("/v2/models/plain/ready").statusCode());
      assertEquals(200, client.post(unload, "", "Origin", server.address()).statusCode());
      String ready = Client.text(client.post("/v2/repository/index", "{\"ready\":true}"));
      assertFalse(ready.contains("plain"), ready);
      assertTrue(Client.text(client.post("/v2/repository/index", "{}")).contains("unloaded"));
    }
  }

  @Test
  void closesThoughItsSocketFileCannotBeDeleted() throws IOException {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path socket = folder.resolve("s");
    ServerOptions options = ServerOptions.defaults().withUnixSocket(socket);
    SamplerServer server = SamplerServer.start(models, options);
    Files.delete(socket);
    Files.createDirectories(socket.resolve("full"));
    server.close();
    assertEquals(List.of(), server.modelNames());
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
  void anAnswerOfAnotherVersionOrContractHasAnotherTag() throws IOException {
    try (SamplerServer server =
        SamplerServer.start(
            ServedModels.repository(folder.resolve("models")), ServedModels.options())) {
      String path = "/v2/models/plain/versions/%d/samples";
      String first = tag(server, path.formatted(1));
      assertEquals(first, tag(server, path.formatted(1)));
      assertNotEquals(first, tag(server, path.formatted(2))); // The same file.
    }
    Path file = TestModels.writeForeign(folder.resolve("foreign.onnx"));
    Set<String> tags = new HashSet<>();
    for (float black : new float[] {-1, 0}) {
      for (Latent prior : List.of(Latent.normal(10), Latent.uniform(10, -1, 1))) {
        ForeignModel how = ForeignModel.of(prior, List.of(), new Image(2, 4, 4), black, 1);
        ServerOptions options = ServedModels.options();
        options = options.withSampler(options.sampler().withForeign(how));
        try (SamplerServer server = SamplerServer.start(file, options)) {
          tags.add(tag(server, "/v2/models/foreign/samples?format=raw"));
        }
      }
    }
    assertEquals(4, tags.size(), tags.toString());
  }

  private static String tag(SamplerServer server, String path) {
    return new Client(server).get(path).headers().firstValue("ETag").orElseThrow();
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
}
