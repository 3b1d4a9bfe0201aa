package dev.djinn.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchServerTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String LOG =
      "step,epoch,seconds,images_per_second,d_loss,g_loss,d_accuracy\n";

  @TempDir Path folder;
  private WatchServer server;

  @BeforeEach
  void open() throws IOException {
    server = WatchServer.open(folder, 0);
  }

  @AfterEach
  void close() {
    server.close();
  }

  /** As a training leaves it: 20 steps of 40. */
  private Path run(String name) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.createDirectories(run.resolve("samples"));
    Files.writeString(
        run.resolve("run.yaml"),
        """
        name: quick
        batch: 10
        steps: 40
        generator:
          rate: 0.001
          layers:
          - dense: {units: 6}
          - tanh
        run: {data: digits, data-count: 57, labels: [one, two]}
        """);
    Files.writeString(run.resolve("log.csv"), LOG + "10,1,1.5,66,0.7,0.6,0.5\n20,2,3,66,0.7,0.6,1");
    Files.write(run.resolve("samples/000000.png"), new byte[] {1, 2, 3});
    return run;
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private JsonObject live(String name, String more) throws Exception {
    HttpResponse<String> reply =
        get("api/run?run=" + URLEncoder.encode(name, StandardCharsets.UTF_8) + more);
    assertEquals(200, reply.statusCode(), reply.body());
    return JsonParser.parseString(reply.body()).getAsJsonObject();
  }

  private Map<String, String> states() throws Exception {
    Map<String, String> states = new TreeMap<>();
    for (JsonElement run :
        JsonParser.parseString(get("api/runs").body()).getAsJsonObject().getAsJsonArray("runs")) {
      JsonObject one = run.getAsJsonObject();
      states.put(one.get("name").getAsString(), one.get("state").getAsString());
    }
    return states;
  }

  @Test
  void thePageStandsAloneUnderAPolicy() throws Exception {
    HttpResponse<String> page = get("");
    assertEquals(200, page.statusCode());
    assertFalse(page.body().contains("{{"), "a slot was left open");
    Matcher elsewhere = Pattern.compile("(src|href)=\"(?!data:)").matcher(page.body());
    assertFalse(elsewhere.find(), "the page needs another file");
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'"), policy);
  }

  @Test
  void whatAFolderHoldsIsShownAsWhatItIs() throws Exception {
    run("plain");
    Path finished = run("deep/finished");
    Files.writeString(finished.resolve("log.csv"), LOG + "40,8,3,66,0.7,0.6,1\n");
    Path killed = run("killed");
    // The highest number that Linux gives to a process, and one that nobody has.
    Files.writeString(killed.resolve(".status"), status(4_194_303, "there"));
    Path half = run("half");
    Files.writeString(half.resolve("run.yaml"), "name: quick\nimage: {side: 2");
    Files.createDirectories(folder.resolve("no run"));
    Files.writeString(folder.resolve("no run/notes.txt"), "mine");
    assertEquals(
        Map.of(
            "plain",
            "stopped",
            "deep/finished",
            "finished",
            "killed",
            "killed",
            "half",
            "unreadable"),
        states());
    JsonObject broken = live("half", "");
    assertEquals(
        "run.yaml is not YAML; it may be half-written",
        broken.getAsJsonObject("about").get("problem").getAsString());
  }

  private static String status(long pid, String host) {
    return "pid=%d%nhost=%s%nstep=25%nlast=40%nimages_per_second=66%nseconds_left=9%nmemory=7%nwritten=%d%n"
        .formatted(pid, host, host.equals("there") ? 0 : System.currentTimeMillis());
  }

  @Test
  void newRowsAndSheetsComeWithoutTheOldOnes() throws Exception {
    Path run = run("plain");
    JsonObject first = live("plain", "");
    assertEquals(1, first.getAsJsonObject("log").get("rows").getAsInt());
    assertEquals("[0]", first.getAsJsonObject("sheets").get("steps").toString());
    assertTrue(
        first
            .getAsJsonObject("about")
            .toString()
            .contains("[\"generator.layers.0\",\"dense: units 6\"]"));
    Files.writeString(run.resolve("log.csv"), "\n30,3,4,66,0.7,0.6,1\n", StandardOpenOption.APPEND);
    Files.write(run.resolve("samples/000030.png"), new byte[] {4});
    JsonObject next =
        live(
            "plain",
            "&generation=%d&stretches=1&sheets=1&sheet=0&stamp=%s"
                .formatted(
                    first.getAsJsonObject("log").get("generation").getAsInt(),
                    first.get("stamp").getAsString()));
    assertEquals(3, next.getAsJsonObject("log").get("stretches").getAsJsonArray().size());
    assertEquals("[30]", next.getAsJsonObject("sheets").get("steps").toString());
    assertEquals(30, next.get("step").getAsLong());
    assertFalse(next.has("about"), "what has not changed is sent again");
    assertEquals(200, get("api/sheet?run=plain&step=30").statusCode());
  }

  @Test
  void nothingButRunsCanBeRead() throws Exception {
    run("plain");
    Files.writeString(folder.resolve("secret.png"), "secret");
    for (String path :
        new String[] {
          "api/run?run=..",
          "api/run?run=",
          "api/run?run=plain/samples",
          "api/sheet?run=../x&step=0",
          "api/sheet?run=plain&step=-1",
          "api/manifold?run=plain&name=../secret.png",
          "api/manifold?run=plain&name=manifold-../../secret.png",
          "api/nearest?run=plain&page=run.yaml&index=0",
          "secret.png",
          "plain/run.yaml",
          "report?run=plain"
        }) {
      assertEquals(404, get(path).statusCode(), path);
    }
  }

  /** A page in a run folder may be anybody's: it gets neither this origin nor its token. */
  @Test
  void pagesOfRunsAreInASandbox() throws Exception {
    Files.writeString(run("plain").resolve("report.html"), "<script>steal()</script>");
    HttpResponse<String> page = get("report?run=plain");
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("sandbox allow-scripts; default-src 'none'"), policy);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:%d", "127.0.0.1.evil.example:%d", "10.0.0.1"})
  void anotherHostIsRefused(String host) throws Exception {
    assertTrue(raw(host.formatted(port())).startsWith("HTTP/1.1 421 "), host);
    assertTrue(raw("localhost:" + port()).startsWith("HTTP/1.1 200 "));
  }

  /** Java's client does not let a test choose the host. */
  private String raw(String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(
          ("GET /api/runs HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private int port() {
    return URI.create(server.address()).getPort();
  }

  @ParameterizedTest
  @CsvSource({
    "Origin, http://evil.example",
    "Origin, null",
    "Origin, http://127.0.0.1:1",
    "Sec-Fetch-Site, cross-site"
  })
  void anotherOriginIsRefused(String header, String value) throws Exception {
    assertEquals(403, get("api/runs", header, value).statusCode());
    String own = server.address().replaceFirst("/$", "");
    assertEquals(200, get("api/runs", "Origin", own).statusCode());
  }

  @Test
  void aChangeNeedsThePagesTokenAndARunThatTrains() throws Exception {
    Path run = run("plain");
    Matcher token =
        Pattern.compile("djinn-token\" content=\"([0-9a-f]{32})\"").matcher(get("").body());
    assertTrue(token.find());
    assertEquals(403, ask("what=draw&run=plain", "0".repeat(32)));
    assertEquals(409, ask("what=draw&run=plain", token.group(1)));
    assertEquals(405, get("api/ask?what=draw&run=plain").statusCode());
    Files.writeString(
        run.resolve(".status"),
        status(ProcessHandle.current().pid(), InetAddress.getLocalHost().getHostName()));
    assertEquals(Map.of("plain", "running"), states());
    assertEquals(400, ask("what=delete&run=plain", token.group(1)));
    assertEquals(200, ask("what=stop&run=plain", token.group(1)));
    assertTrue(Files.exists(run.resolve(".stop-now")));
    JsonObject live = live("plain", "");
    assertEquals(25, live.get("step").getAsLong());
    assertEquals(9, live.get("left").getAsDouble());
  }

  private int ask(String query, String token) throws Exception {
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create(server.address() + "api/ask?" + query))
                .header("X-Djinn-Token", token)
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void aPortThatIsTakenIsSaidAndGoneRound() throws Exception {
    BindException e = assertThrows(BindException.class, () -> WatchServer.open(folder, port()));
    assertEquals(
        "port " + port() + " is taken or not allowed; choose another --port", e.getMessage());
    try (WatchServer other = WatchServer.openNear(folder, port())) {
      assertFalse(other.address().equals(server.address()));
    }
  }
}
