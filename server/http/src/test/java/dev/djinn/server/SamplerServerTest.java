package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.djinn.sampler.Device;
import dev.djinn.sampler.ForeignModel;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.TestModels;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
