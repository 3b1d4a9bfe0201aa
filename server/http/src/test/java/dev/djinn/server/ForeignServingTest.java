package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.ForeignModel;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.ModelParts;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.TestModels;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that Djinn did not export, in a repository with those that it did. */
class ForeignServingTest {
  /** Small generators as they were met; the library's tests tell of them. */
  private static final Path MET = Path.of("../sampler/src/test/resources/dev/djinn/sampler/met");

  private static final String DESCRIPTION =
      """
      {"latent": {"size": 8, "distribution": "normal"},
       "image": {"channels": 3, "height": 4, "width": 4}}
      """;

  @TempDir Path folder;

  @Test
  void aMixedFolderIsServedRight() throws IOException {
    Path own = TestModels.write(folder.resolve("own/1"), TestModels.UNCONDITIONAL);
    describe(copy("faces", "names.onnx"), DESCRIPTION);
    byte[] alone;
    try (SamplerServer server = SamplerServer.start(own, ServedModels.options())) {
      alone = new Client(server).get("/v2/models/own/samples?count=4&format=raw").body();
    }
    ForeignModel said = ForeignModel.of(Latent.normal(8), List.of(), new Image(1, 4, 4), -1, 1);
    SamplerOptions options = ServedModels.options().sampler().withForeign(said);
    try (SamplerServer server =
        SamplerServer.start(folder, ServedModels.options().withSampler(options))) {
      Client client = new Client(server);
      HttpResponse<byte[]> mine = client.get("/v2/models/own/samples?count=4&format=raw");
      assertArrayEquals(alone, mine.body());
      HttpResponse<byte[]> theirs = client.get("/v2/models/faces/samples?count=4&format=raw");
      assertEquals(4 * 48, theirs.body().length);
      assertTrue(theirs.headers().firstValue("ETag").isPresent());
    }
  }

  @Test
  void weightsOfTheirOwnAreWatchedHashedAndHeldToTheirSums() throws Exception {
    Path file = describe(copy("ext", "ext2.onnx"), DESCRIPTION);
    Path weights = file.resolveSibling("ext2.onnx_data");
    Files.copy(MET.resolve("ext2.onnx_data"), weights);
    try (ModelRepository repository = new ModelRepository(ServedModels.options().sampler())) {
      repository.open(folder);
      ServedModel before = repository.find("ext", null);
      assertEquals(ModelParts.of(file).hash(), before.hash());
      byte[] bytes = Files.readAllBytes(weights);
      bytes[2] ^= 1; // of the first weight's fraction
      Files.write(weights, bytes);
      Files.setLastModifiedTime(weights, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      repository.refresh();
      ServedModel after = repository.find("ext", null);
      assertFalse(after.shares(before));
      assertNotEquals(before.hash(), after.hash());
      assertNotEquals(before.tag(), after.tag());
      Files.writeString(
          file.resolveSibling("model.onnx.sha256"), "0".repeat(64) + "  model.onnx\n");
      repository.refresh();
      assertTrue(repository.find("ext", null).reason().contains("is not the file that"));
    }
  }

  @Test
  void aModelThatBreaksThePromiseOfTheSeedSaysSoAndGetsNoTag() throws Exception {
    describe(copy("noisy", "random_noise.onnx"), DESCRIPTION);
    try (SamplerServer server = SamplerServer.start(folder, ServedModels.options())) {
      Client client = new Client(server);
      HttpResponse<byte[]> samples = client.get("/v2/models/noisy/samples");
      assertEquals(200, samples.statusCode());
      assertTrue(samples.headers().firstValue("ETag").isEmpty());
      assertEquals("no-store", samples.headers().firstValue("Cache-Control").orElseThrow());
      String metadata = Client.text(client.get("/v2/models/noisy"));
      assertTrue(metadata.contains("it draws another picture each time"), metadata);
    }
  }

  @Test
  void aPictureOfWhatIsNoNumberIsAnError() throws Exception {
    describe(copy("rare", "rare_nan.onnx"), DESCRIPTION);
    try (SamplerServer server = SamplerServer.start(folder, ServedModels.options())) {
      Client client = new Client(server);
      Map<Integer, Long> statuses =
          IntStream.range(0, 40)
              .mapToObj(seed -> client.get("/v2/models/rare/samples?count=1&seed=" + seed))
              .collect(Collectors.groupingBy(HttpResponse::statusCode, Collectors.counting()));
      assertEquals(Set.of(200, 500), statuses.keySet());
    }
  }

  @Test
  void aForeignModelThatNobodyDescribedIsUnavailableWithTheReason() throws Exception {
    copy("faces", "names.onnx");
    TestModels.write(folder.resolve("own/1"), TestModels.UNCONDITIONAL);
    try (ModelRepository repository = new ModelRepository(ServedModels.options().sampler())) {
      repository.open(folder);
      String reason =
          assertThrows(RequestException.class, () -> repository.find("faces", null)).getMessage();
      assertTrue(reason.contains("no djinn.contract in the metadata"), reason);
      assertTrue(repository.find("own", null).ready());
    }
  }

  @Test
  void inferTakesTheModelsOwnNamesAndGivesItsRawOutputs() throws Exception {
    describe(copy("faces", "names.onnx"), DESCRIPTION);
    try (SamplerServer server = SamplerServer.start(folder, ServedModels.options())) {
      Client client = new Client(server);
      String own =
          """
          {"id": "7", "inputs": [{"name": "generator/z:0", "datatype": "FP32", "shape": [1, 8],
            "data": [[0.5, -1, 0, 0, 1, 0, 0, 2]]}]%s}
          """;
      HttpResponse<byte[]> json = client.post("/v2/models/faces/infer", own.formatted(""));
      assertEquals(200, json.statusCode(), Client.text(json));
      Map<?, ?> output = (Map<?, ?>) ((List<?>) Client.json(json).get("outputs")).get(0);
      assertEquals("\u03a0\u03af\u03bd\u03b1\u03ba\u03b1\u03c2/\u753b\u50cf:0", output.get("name"));
      assertEquals("[1, 3, 4, 4]", output.get("shape").toString());
      String usual =
          own.replace("generator/z:0", "latent")
              .formatted(", \"outputs\": [{\"name\": \"image\"}]");
      HttpResponse<byte[]> image = client.post("/v2/models/faces/infer", usual);
      List<?> raw = (List<?>) output.get("data");
      List<?> scaled =
          (List<?>) ((Map<?, ?>) ((List<?>) Client.json(image).get("outputs")).get(0)).get("data");
      assertEquals(48, raw.size());
      for (int i = 0; i < 48; i++) {
        double tanh = Double.parseDouble(raw.get(i).toString());
        assertEquals((tanh + 1) / 2, Double.parseDouble(scaled.get(i).toString()), 1e-6);
      }
      HttpResponse<byte[]> binary =
          client.binary(
              "/v2/models/faces/infer",
              """
              {"parameters": {"binary_data_output": true}, "inputs": [{"name": "generator/z:0",
                "datatype": "FP32", "shape": [1, 8], "parameters": {"binary_data_size": 32}}]}
              """,
              Client.littleEndian(0.5f, -1, 0, 0, 1, 0, 0, 2));
      int header =
          Integer.parseInt(
              binary.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
      assertEquals(48 * 4, binary.body().length - header);
      float first = ByteBuffer.wrap(binary.body()).order(ByteOrder.LITTLE_ENDIAN).getFloat(header);
      assertEquals(Double.parseDouble(raw.get(0).toString()), first, 1e-6);
      HttpResponse<byte[]> wrong =
          client.post("/v2/models/faces/infer", own.replace("[1, 8]", "[1, 9]").formatted(""));
      assertEquals(400, wrong.statusCode());
      assertEquals("input 'generator/z:0' has fewer data than its shape says", Client.error(wrong));
    }
  }

  private Path copy(String name, String from) throws IOException {
    Path version = Files.createDirectories(folder.resolve(name).resolve("1"));
    return Files.copy(MET.resolve(from), version.resolve("model.onnx"));
  }

  private static Path describe(Path file, String description) throws IOException {
    Files.writeString(file.resolveSibling("model.onnx.json"), description);
    return file;
  }
}
