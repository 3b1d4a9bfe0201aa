package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server for clients that are broken, slow or hostile; a good one is answered after each. */
abstract class HostileCase {
  static final String HEAD = "POST /v2/models/plain/infer HTTP/1.1\nHost: localhost\n";

  static final String GET = "GET /v2/health/live HTTP/1.1\nHost: localhost\n\n";

  static final int BODY = 10_000;

  @TempDir static Path folder;

  static SamplerServer usual;

  SamplerServer server;

  @BeforeAll
  static void startUsual() throws IOException {
    usual = open(limits());
  }

  @BeforeEach
  void takeUsual() {
    server = usual;
  }

  /** Takes a server with other limits for this test. */
  void start(Limits limits) throws IOException {
    closeOwn();
    server = open(limits);
  }

  static SamplerServer open(Limits limits) throws IOException {
    ServerOptions options = ServedModels.options().withWorkers(1).withLimits(limits);
    return SamplerServer.start(ServedModels.repository(folder), options);
  }

  void closeOwn() {
    if (server != usual) {
      server.close();
    }
  }

  static Limits limits() {
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
}
