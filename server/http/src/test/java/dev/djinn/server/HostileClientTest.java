package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients do that are broken, slow or hostile, and that a good client is answered after each.
 */
class HostileClientTest {

  private static final String HEAD = "POST /v2/models/plain/infer HTTP/1.1\nHost: localhost\n";
  private static final String GET = "GET /v2/health/live HTTP/1.1\nHost: localhost\n\n";
  private static final int BODY = 10_000;

  @TempDir static Path folder;

  private static SamplerServer usual;

  private SamplerServer server;

  @BeforeAll
  static void startUsual() throws IOException {
    usual = open(limits());
  }

  @BeforeEach
  void takeUsual() {
    server = usual;
  }

  /** Takes a server with other limits for this test. */
  private void start(Limits limits) throws IOException {
    closeOwn();
    server = open(limits);
  }

  private static SamplerServer open(Limits limits) throws IOException {
    ServerOptions options = ServedModels.options().withWorkers(1).withLimits(limits);
    return SamplerServer.start(ServedModels.repository(folder), options);
  }

  private void closeOwn() {
    if (server != usual) {
      server.close();
    }
  }

  private static Limits limits() {
    return Limits.defaults()
        .withBodyBytes(BODY)
        .withTimes(Duration.ofMillis(400), Duration.ofMillis(800));
  }

  @AfterEach
  void answersAGoodClientAndHoldsNothing() throws Exception {
    // Work that hostile clients left behind may keep the one worker busy past a good client's time.
    int status = 503;
    for (int i = 0; i < 20 && status == 503; i++) {
      status = new Client(server).get("/v2/models/plain/samples").statusCode();
    }
    assertEquals(200, status);
    for (int i = 0; i < 200 && server.heldBytes() > 0; i++) {
      Thread.sleep(10);
    }
    assertEquals(0, server.heldBytes());
    closeOwn();
  }

  @AfterAll
  static void leaksNothing() {
    usual.close();
    assertEquals(ResourceLeakDetector.Level.PARANOID, ResourceLeakDetector.getLevel());
    assertEquals(List.of(), List.copyOf(LeakCounter.leaks()));
  }

  @Test
  void findsLeaksWhenThereAreAny() {
    PooledByteBufAllocator.DEFAULT.directBuffer();
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 50 && found.isEmpty(); i++) {
      found.addAll(LeakCounter.leaks());
    }
    LeakCounter.leaks().clear();
    assertEquals(1, found.size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GARBAGE~~ | 400",
        "GET~~ | 400",
        "GET / HTTP/9.9~Host: localhost~~ | 505",
        "PRI * HTTP/2.0~~SM~~ | 505",
        "GET /v2 HTTP/1.1~~ | 400",
        "GET /v2 HTTP/1.1~Host: localhost~Host: b~~ | 400",
        "GET /v2 HTTP/1.1~Host: localhost~no colon~~ | 400",
        "GET /v2 HTTP/1.1~Host: localhost~: no name~~ | 400",
        "GET /%zz HTTP/1.1~Host: localhost~~ | 400",
        "GET /v2/models/%00 HTTP/1.1~Host: localhost~~ | 404",
        "GET /v2/models/..%2f..%2fetc HTTP/1.1~Host: localhost~~ | 404",
        "GET /v2/models/plain/samples?seed=%zz HTTP/1.1~Host: localhost~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Content-Length: -1~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Content-Length: x~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Content-Length: +2~~{} | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Content-Length: 1~Content-Length: 2~~{} | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Content-Length: 99999999999~~ | 413",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Content-Length: 10001~~ | 413",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Transfer-Encoding: gzip~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Transfer-Encoding: gzip, chunked~~0~~ | 501",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~zz~{}~0~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~-1~{}~0~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~2~{}~0~~ | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~ffffffffff~{} | 400",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Expect: a miracle~Content-Length: 2~~{} | 417",
        "POST /v2/models/plain/infer HTTP/1.1~Host: localhost~Expect: 100-continue~Content-Length: 10001~~ | 413",
      })
  void refuses(String text, int status) throws IOException {
    try (RawClient client = new RawClient(server)) {
      RawClient.Answer answer = client.lines(text.replace('~', '\n')).answer();
      assertEquals(status, answer.status(), answer.body());
      assertTrue(answer.body().startsWith("{\"error\":\""), answer.body());
    }
  }

  @Test
  void refusesALineOrAHeaderThatIsTooLong() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client.lines("GET /" + "a".repeat(17_000) + " HTTP/1.1\nHost: localhost\n\n");
      assertEquals(414, client.answer().status());
      assertTrue(client.isClosedByServer());
    }
    try (RawClient client = new RawClient(server)) {
      client.lines("GET /v2 HTTP/1.1\nHost: localhost\nX: " + "a".repeat(17_000) + "\n\n");
      assertEquals(431, client.answer().status());
    }
    try (RawClient client = new RawClient(server)) {
      client.lines("GET /v2 HTTP/1.1\nHost: localhost\n" + "X: a\n".repeat(5_000) + "\n");
      assertEquals(431, client.answer().status());
    }
  }

  @Test
  void takesABodyOfTheLimitAndNoByteMore() throws IOException {
    byte[] fits = " ".repeat(BODY).getBytes(StandardCharsets.US_ASCII);
    Client client = new Client(server);
    assertEquals(400, client.post("/v2/models/plain/infer", fits).statusCode());
    assertEquals(413, client.post("/v2/models/plain/infer", new byte[BODY + 1]).statusCode());
    try (RawClient raw = new RawClient(server)) {
      raw.lines(HEAD + "Transfer-Encoding: chunked\n\n");
      String chunk = "3e8\n" + " ".repeat(1000) + "\n";
      raw.lines(chunk.repeat(10) + "1\n \n");
      assertEquals(413, raw.answer().status());
      assertTrue(raw.isClosedByServer());
    }
  }

  @Test
  void lingersSoThatARefusalIsReadBeforeTheRestIsSent() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client.lines(HEAD + "Content-Length: 50000000\n\n");
      byte[] part = new byte[100_000];
      try {
        for (int i = 0; i < 20; i++) {
          client.send(part);
        }
      } catch (SocketException e) {
        throw new AssertionError("the server cut the connection before it was read", e);
      }
      assertEquals(413, client.answer().status());
    }
  }

  @Test
  void refusesTooManyChunks() throws IOException {
    start(
        limits().withBodyBytes(1 << 20).withTimes(Duration.ofSeconds(20), Duration.ofSeconds(20)));
    try (RawClient client = new RawClient(server)) {
      client.lines(HEAD + "Transfer-Encoding: chunked\n\n");
      client.send("1\r\n \r\n".repeat(65_537).getBytes(StandardCharsets.US_ASCII));
      RawClient.Answer answer = client.answer();
      assertEquals(400, answer.status());
      assertTrue(answer.body().contains("65536 chunks"), answer.body());
    }
  }

  @Test
  void asksForTheBodyThatAClientHoldsBack() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client.lines(HEAD + "Expect: 100-continue\nContent-Length: 2\n\n");
      assertEquals(100, client.answer(false).status());
      client.lines("{}");
      assertEquals(400, client.answer().status());
      client.lines("HEAD /v2 HTTP/1.1\nHost: localhost\n\n");
      assertEquals(200, client.answer(false).status());
      assertEquals(200, client.lines(GET).answer().status());
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws IOException {
    try (RawClient client = new RawClient(server)) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 1000; i++) {
        String format = i % 10 == 0 ? "samples?count=1&format=raw&first=" + i : "versions/" + i;
        requests.append("GET /v2/models/plain/" + format + " HTTP/1.1\nHost: localhost\n\n");
      }
      client.lines(requests.toString());
      for (int i = 0; i < 1000; i++) {
        RawClient.Answer answer = client.answer();
        boolean good = i % 10 == 0 || i == 1 || i == 2;
        assertEquals(good ? 200 : 404, answer.status());
        assertTrue(good || answer.body().contains("no version '" + i + "'"), answer.body());
      }
    }
  }

  @Test
  void doesNotTakeABodyForTheNextRequest() throws IOException {
    String hidden = "GET /v2/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    try (RawClient client = new RawClient(server)) {
      client.lines(
          HEAD
              + "Content-Length: 5\nTransfer-Encoding: chunked\n\n"
              + Integer.toHexString(hidden.length())
              + "\n");
      client.send(hidden.getBytes(StandardCharsets.US_ASCII)).lines("\n0\n\n");
      RawClient.Answer answer = client.answer();
      assertEquals(400, answer.status());
      assertTrue(answer.body().contains("malformed HTTP"), answer.body());
    }
  }

  @Test
  void doesNotGuessWhereABodyOfAnUnknownCodingEnds() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client.lines(
          HEAD + "Transfer-Encoding: gzip\n\nGET /v2/hidden HTTP/1.1\nHost: localhost\n\n");
      RawClient.Answer answer = client.answer();
      assertEquals(400, answer.status());
      assertTrue(answer.body().contains("malformed HTTP"), answer.body());
      assertEquals("close", answer.headers().get("connection"));
    }
  }

  @Test
  void closesForThoseWhoSpeakTheOldVersion() throws IOException {
    try (RawClient client = new RawClient(server)) {
      assertEquals(200, client.lines("GET /v2 HTTP/1.0\n\n").answer().status());
      assertTrue(client.isClosedByServer());
    }
    try (RawClient client = new RawClient(server)) {
      client.lines("GET /v2 HTTP/1.0\nConnection: keep-alive\n\n");
      assertEquals("keep-alive", client.answer().headers().get("connection"));
      assertEquals(200, client.lines(GET).answer().status());
    }
    try (RawClient client = new RawClient(server)) {
      client.lines("GET /v2 HTTP/1.1\nHost: localhost\nConnection: close\n\n");
      assertEquals("close", client.answer().headers().get("connection"));
      assertTrue(client.isClosedByServer());
    }
  }

  @Test
  void answersAClientThatHasFinishedSending() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client
          .lines("GET /v2/models/plain/samples?count=100 HTTP/1.1\nHost: localhost\n\n")
          .endOutput();
      assertEquals(200, client.answer().status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /v2", HEAD, HEAD + "Content-Length: 100\n\nhalf"})
  void forgetsThoseWhoHangUpHalfway(String text) throws IOException {
    for (int i = 0; i < 20; i++) {
      try (RawClient client = new RawClient(server)) {
        client.lines(text);
      }
    }
  }

  @Test
  void forgetsThoseWhoHangUpBeforeTheirAnswer() throws IOException {
    for (int i = 0; i < 5; i++) {
      try (RawClient client = new RawClient(server)) {
        client.lines("GET /v2/models/plain/samples?count=4096 HTTP/1.1\nHost: localhost\n\n");
      }
    }
  }

  @Test
  void givesUpOnABodyThatDoesNotCome() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client.lines(HEAD + "Content-Length: 100\n\nhalf");
      assertEquals(408, client.answer().status());
      assertTrue(client.isClosedByServer());
    }
  }

  @Test
  void closesOnThoseWhoSayNothingOrLittle() throws Exception {
    long start = System.nanoTime();
    try (RawClient silent = new RawClient(server);
        RawClient slow = new RawClient(server)) {
      assertThrows(
          IOException.class,
          () -> {
            slow.lines("GET /v2 HTTP/1.1\nHost: localhost\n");
            for (int i = 0; i < 1000; i++) {
              slow.lines("X: a\n");
              Thread.sleep(50);
            }
          });
      assertTrue(silent.isClosedByServer());
    }
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(20).toNanos());
  }

  @Test
  void cutsOffThoseWhoDoNotReadTheirAnswers() throws Exception {
    start(limits().withRows(200_000));
    try (RawClient client = new RawClient(server)) {
      client.lines(
          "GET /v2/models/plain/samples?count=200000&format=json HTTP/1.1\nHost: localhost\n\n");
      while (server.heldBytes() == 0) {
        Thread.sleep(1);
      }
      for (int i = 0; i < 500 && server.connections() > 0; i++) {
        Thread.sleep(20);
      }
      assertEquals(0, server.connections());
      assertThrows(EOFException.class, client::answer);
    }
  }

  @Test
  void refusesMoreConnectionsThanItMayHave() throws Exception {
    start(limits().withConnections(3));
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(new RawClient(server));
      assertEquals(200, clients.get(i).lines(GET).answer().status());
    }
    try (RawClient more = new RawClient(server)) {
      RawClient.Answer answer = more.answer();
      assertEquals(503, answer.status());
      assertEquals("{\"error\":\"too many connections\"}", answer.body());
      assertTrue(more.isClosedByServer());
    }
    try (RawClient more = new RawClient(server)) {
      more.lines(HEAD + "Content-Length: 2000000\n\n");
      for (int i = 0; i < 20; i++) {
        more.send(new byte[1000]); // Cut off here, many a client would not read the answer.
        Thread.sleep(10);
      }
      assertEquals(503, more.answer().status());
      assertTrue(more.isClosedByServer());
    }
    assertEquals(200, clients.get(0).lines(GET).answer().status());
    for (RawClient client : clients) {
      client.close();
    }
  }

  @Test
  void refusesAtOnceWhatDoesNotFitTheQueue() throws Exception {
    start(limits().withQueue(1).withTimes(Duration.ofSeconds(20), Duration.ofSeconds(20)));
    int clients = 24;
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<RawClient.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        Callable<RawClient.Answer> request =
            () -> {
              try (RawClient client = new RawClient(server)) {
                client.lines(
                    "GET /v2/models/plain/samples?count=4096 HTTP/1.1\nHost: localhost\n\n");
                return client.answer();
              }
            };
        answers.add(threads.submit(request));
      }
      int good = 0;
      int refused = 0;
      for (Future<RawClient.Answer> each : answers) {
        RawClient.Answer answer = each.get();
        good += answer.status() == 200 ? 1 : 0;
        if (answer.status() == 503) {
          refused++;
          assertEquals("1", answer.headers().get("retry-after"));
        }
      }
      assertTrue(good > 0 && refused > 0, good + " good and " + refused + " refused");
      assertEquals(clients, good + refused);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void refusesWhatDoesNotFitItsMemory() throws IOException {
    start(limits().withHeldBytes(50_000));
    Client client = new Client(server);
    assertEquals(200, client.get("/v2/models/plain/samples?count=4").statusCode());
    assertEquals(503, client.get("/v2/models/plain/samples?count=4096").statusCode());
    assertEquals(400, client.post("/v2/models/plain/infer", new byte[BODY]).statusCode());
    start(limits().withReplyBytes(50_000));
    assertEquals(400, new Client(server).get("/v2/models/plain/samples?count=4096").statusCode());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void survivesRandomBytes(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 25; i++) {
      byte[] bytes = new byte[random.nextInt(3000)];
      random.nextBytes(bytes);
      byte[] start = i % 2 == 0 ? new byte[0] : HEAD.getBytes(StandardCharsets.US_ASCII);
      try (RawClient client = new RawClient(server)) {
        client.send(start).send(bytes).lines("\n\n").endOutput();
        client.isClosedByServer();
      } catch (SocketException e) {
        // Cut off, which is an answer too.
        assertTrue(e.getMessage() != null);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void answersEveryMutationOfAGoodRequest(long seed) throws IOException {
    String json =
        "{\"id\":\"7\",\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":"
            + "\"latent\",\"shape\":[1,10],\"datatype\":\"FP32\",\"data\":[[0,1,2,3,4,5,6,7,8,9]]}]}";
    Random random = new Random(seed);
    Client client = new Client(server);
    for (int i = 0; i < 100; i++) {
      byte[] body = json.getBytes(StandardCharsets.US_ASCII);
      for (int change = random.nextInt(4); change >= 0; change--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      int status = client.post("/v2/models/plain/infer", body).statusCode();
      assertTrue(status == 200 || status == 400, "seed " + seed + ", turn " + i + ": " + status);
    }
  }

  @Test
  void answersWhoHasConnectedWhenItCloses() throws IOException {
    start(limits());
    List<RawClient> waiting = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      waiting.add(new RawClient(server).lines(GET));
    }
    server.close();
    for (RawClient client : waiting) {
      assertEquals(200, client.answer().status());
      assertTrue(client.isClosedByServer());
      client.close();
    }
    start(limits());
  }

  @Test
  void finishesWhatItHasBegunWhenItCloses() throws Exception {
    start(limits().withTimes(Duration.ofSeconds(20), Duration.ofSeconds(20)).withRows(100_000));
    int clients = 8;
    List<RawClient> open = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      RawClient client = new RawClient(server);
      assertEquals(200, client.lines(GET).answer().status());
      open.add(client);
    }
    RawClient half = new RawClient(server);
    half.lines(HEAD + "Content-Length: 2\n\n{");
    for (RawClient client : open) {
      client.lines("GET /v2/models/plain/samples?count=900 HTTP/1.1\nHost: localhost\n\n");
    }
    Thread closing = new Thread(server::close);
    closing.start();
    Thread.sleep(50);
    half.lines("}");
    assertEquals(400, half.answer().status());
    for (RawClient client : open) {
      RawClient.Answer answer = client.answer();
      assertEquals(200, answer.status());
      assertTrue(client.isClosedByServer());
    }
    closing.join();
    start(limits());
  }

  @Test
  void countsARequestThatItRefusesByItsHeadAndTimesItNot() throws IOException {
    start(limits());
    try (RawClient client = new RawClient(server)) {
      client.lines(HEAD + "Content-Length: 10001\n\n");
      assertEquals(413, client.answer().status());
    }
    String metrics = Client.text(new Client(server).get("/metrics"));
    String none = "{endpoint=\"none\"";
    assertTrue(metrics.contains("djinn_requests_total" + none + ",status=\"413\"} 1.0"), metrics);
    assertFalse(metrics.contains("djinn_request_seconds_count" + none), metrics);
  }
}
