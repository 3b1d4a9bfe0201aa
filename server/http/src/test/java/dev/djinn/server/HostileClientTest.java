package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that hang up, dawdle or come in crowds, and that a good one is answered after each. */
class HostileClientTest extends HostileCase {
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
}
