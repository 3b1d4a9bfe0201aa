package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.oip.grpc.GRPCInferenceServiceGrpc;
import dev.djinn.oip.grpc.ServerLiveRequest;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header traceparent, as W3C Trace Context has it. */
class TraceParentTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01,00-x",
      })
  void takesAnInvalidOneForNone(String header) {
    assertNull(TraceParent.of(header));
  }

  @Test
  void readsOfLaterVersionsWhatTheyShare() {
    assertEquals("00-" + TRACE + "-ff", TraceParent.of("00-" + TRACE + "-ff"));
    assertEquals("00-" + TRACE + "-01", TraceParent.of("cc-" + TRACE + "-03-what-ever"));
    assertEquals("00-" + TRACE + "-00", TraceParent.of("cc-" + TRACE + "-02"));
    assertNull(TraceParent.of("cc-" + TRACE + "-01.what-ever"));
    assertNull(TraceParent.of(null));
  }

  @Test
  void isAnsweredWhateverTheAnswer() throws IOException {
    String trace = "00-" + TRACE + "-01";
    try (GrpcTalk talk = GrpcTalk.with(folder, ServedModels.options())) {
      Client client = new Client(talk.server());
      for (String path : new String[] {"/v2/models/plain/samples", "/v2/models/none", "/metrics"}) {
        assertEquals(trace, traced(client.get(path, "traceparent", trace)), path);
        assertEquals("", traced(client.get(path)), path);
        assertEquals("", traced(client.get(path, "traceparent", "00-1-2-3")), path);
      }
      assertEquals(trace, traced(client.post("/v2/models/plain/infer", "{", "traceparent", trace)));

      Metadata sent = new Metadata();
      sent.put(KEY, trace);
      AtomicReference<Metadata> headers = new AtomicReference<>();
      AtomicReference<Metadata> trailers = new AtomicReference<>();
      GRPCInferenceServiceGrpc.newBlockingStub(talk.channel())
          .withInterceptors(
              MetadataUtils.newAttachHeadersInterceptor(sent),
              MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
          .serverLive(ServerLiveRequest.getDefaultInstance());
      assertEquals(trace, trailers.get().get(KEY));
    }
  }

  private static String traced(HttpResponse<byte[]> response) {
    return response.headers().firstValue("traceparent").orElse("");
  }

  /** The log is a process's, so the server is one of its own. */
  @Test
  void isInTheAccessLog() throws Exception {
    Path models = ServedModels.repository(folder.resolve("models"));
    Path said = folder.resolve("said.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.djinn.server.cli.ServerMain",
                "serve",
                models.resolve("plain").toString(),
                "--name",
                "called.so",
                "--port",
                "0",
                "--access-log")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      String address = await(said, "serving called.so at ", process);
      java.net.http.HttpClient.newHttpClient()
          .send(
              java.net.http.HttpRequest.newBuilder(
                      java.net.URI.create(address + "/v2/models/called.so/samples?count=1"))
                  .header("traceparent", "00-" + TRACE + "-01")
                  .build(),
              HttpResponse.BodyHandlers.discarding());
      String line = await(said, "GET /v2/models/called.so/samples?count=1 200 ", process);
      assertTrue(line.endsWith("us traceparent=00-" + TRACE + "-01"), line);
    } finally {
      process.destroy();
      assertTrue(process.waitFor(40, TimeUnit.SECONDS));
    }
  }

  /** {@return what follows on the line, once it is there} */
  private static String await(Path file, String start, Process process) throws Exception {
    for (int i = 0; i < 1000; i++) {
      String all = Files.readString(file, StandardCharsets.UTF_8);
      for (String line : all.split("\n", -1)) {
        int at = line.indexOf(start);
        if (at >= 0 && all.indexOf('\n', all.indexOf(line)) >= 0) {
          return line.substring(at + start.length());
        }
      }
      assertTrue(process.isAlive() || all.contains(start), all);
      Thread.sleep(20);
    }
    throw new AssertionError(start + " is not in " + Files.readString(file));
  }
}
