package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are framed wrongly or cut, and that a good client is answered after each. */
class BrokenRequestTest extends HostileCase {
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
