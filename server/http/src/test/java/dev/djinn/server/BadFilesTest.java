package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.server.cli.ServerMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that cannot be read as what they should be: each has its reason, and delays no other. */
class BadFilesTest {
  @TempDir private Path folder;

  @Test
  void eachMakesItsVersionUnavailableWithAReason() throws Exception {
    ServedModels.repository(folder);
    Path large = Files.createDirectories(folder.resolve("large/1")).resolve("model.onnx");
    sparse(large, 20L << 30);
    Path piped = sum("piped");
    assertEquals(0, new ProcessBuilder("mkfifo", piped.toString()).start().waitFor());
    Path sums = sum("sums");
    sparse(sums, 3L << 30);
    Path described =
        ServedModels.write(folder, "described", 1, dev.djinn.sampler.TestModels.UNIFORM);
    dev.djinn.sampler.TestModels.writeForeign(described);
    Path description = described.resolveSibling("model.onnx.json");
    assertEquals(0, new ProcessBuilder("mkfifo", description.toString()).start().waitFor());
    try (SamplerServer server =
        assertTimeoutPreemptively(
            Duration.ofSeconds(9), () -> SamplerServer.start(folder, ServedModels.options()))) {
      assertEquals(List.of("labelled", "plain"), server.modelNames());
      Map<String, String> reasons = new HashMap<>();
      String index = Client.text(new Client(server).post("/v2/repository/index", ""));
      for (Object one : (List<?>) JsonValues.parse(index)) {
        Map<?, ?> model = (Map<?, ?>) one;
        reasons.merge(
            (String) model.get("name"), (String) model.get("reason"), (all, more) -> all + more);
      }
      assertEquals("", reasons.get("plain"));
      assertEquals(
          large + ": its 21474836481 bytes are more than ONNX allows", reasons.get("large"));
      String noSums = " is no file of SHA-256 sums: it is no regular file or above 1 MiB";
      assertEquals(piped + noSums, reasons.get("piped"));
      assertEquals(sums + noSums, reasons.get("sums"));
      String reason = reasons.get("described");
      assertTrue(reason.contains(description + ": it is no regular file"), reason);
    }
  }

  private Path sum(String model) {
    Path file = ServedModels.write(folder, model, 1, dev.djinn.sampler.TestModels.UNCONDITIONAL);
    return file.resolveSibling("model.onnx.sha256");
  }

  private static void sparse(Path file, long size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), size);
    }
  }

  @Test
  void metadataBeyondTheHeapMakeOneModelUnavailable() throws Exception {
    ServedModels.repository(folder);
    Map<String, Object> much = Map.of("notes", "x".repeat(64 << 20));
    ServedModels.write(
        folder,
        "talkative",
        1,
        new GeneratorContract(
            Latent.normal(10), List.of(), new Image(1, 4, 4), much, Map.of(), Map.of()));
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx80m",
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName(),
                "serve",
                folder.toString(),
                "--port",
                "0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder before = new StringBuilder();
      String line = said.readLine();
      while (line != null && !line.startsWith("serving ")) {
        before.append(line).append('\n');
        line = said.readLine();
      }
      assertTrue(line != null, before.toString());
      assertTrue(line.startsWith("serving labelled, plain at "), before + line);
      assertTrue(
          before.toString().contains("talkative version 1 could not be loaded"), before + "");
      URI samples = URI.create(line.replaceAll(".* at ", "") + "/v2/models/plain/samples");
      HttpResponse<byte[]> picture =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(samples).build(), HttpResponse.BodyHandlers.ofByteArray());
      assertEquals(200, picture.statusCode());
    } finally {
      server.destroy();
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    }
    assertEquals(0, server.exitValue());
  }
}
