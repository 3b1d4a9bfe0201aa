package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostTest {
  private static final String TOKEN = "0123456789abcdef";

  @TempDir private Path folder;

  @Test
  void onALoopbackAddressOnlyItsOwnNamesAreTaken() throws IOException {
    try (SamplerServer server = start("127.0.0.1", Access.OPEN)) {
      for (String own :
          List.of(
              "localhost",
              "LOCALHOST:80",
              "localhost.",
              "localhost.:8000",
              "models.localhost",
              "127.0.0.1",
              "127.0.0.1:" + server.port(),
              "127.8.9.1:1",
              "[::1]",
              "[::1]:8000",
              "[0:0:0:0:0:0:0:1]",
              "[::ffff:127.0.0.1]",
              "localhost:")) {
        assertEquals(200, status(server, "GET /v2 HTTP/1.1", own), own);
      }
      for (String other :
          List.of(
              "evil.example",
              "evil.example:" + server.port(),
              "localhost.evil.example",
              "notlocalhost",
              "127.0.0.1.evil.example",
              "128.0.0.1",
              "0.0.0.0",
              "127.1",
              "2130706433",
              "[::2]",
              "[::ffff:10.0.0.1]",
              "")) {
        assertEquals(403, status(server, "GET /v2 HTTP/1.1", other), other);
      }
    }
  }

  @Test
  void everyEndpointIsHeldToIt() throws IOException {
    try (SamplerServer server = start("127.0.0.1", Access.OPEN)) {
      for (String line :
          List.of(
              "GET / HTTP/1.1",
              "GET /v2/health/live HTTP/1.1",
              "GET /v2/models/plain/samples HTTP/1.1",
              "POST /v2/models/plain/generate HTTP/1.1",
              "OPTIONS /v2/models/plain/generate HTTP/1.1",
              "GET /metrics HTTP/1.1",
              "GET /v2 HTTP/1.0")) {
        assertEquals(403, status(server, line, "evil.example"), line);
      }
      try (RawClient raw = new RawClient(server)) {
        raw.lines("GET /v2 HTTP/1.1\nHost: evil.example\n\n");
        String why = raw.answer().body();
        assertTrue(why.contains("evil.example") && why.contains("--allow-host"), why);
      }
    }
  }

  @Test
  void anInvalidHostIsABadRequestAnywhere() throws IOException {
    for (Access access : List.of(Access.OPEN, Access.OPEN.withToken(TOKEN))) {
      try (SamplerServer server = start("127.0.0.1", access)) {
        for (String invalid :
            List.of(
                "local host",
                "localhost:65536",
                "localhost:-1",
                "localhost:80:80",
                "localhost:8o",
                "localhost/v2",
                "user@localhost",
                "http://localhost",
                ":8000",
                ".",
                "::1",
                "[::1",
                "[::1]x",
                "[localhost]",
                "[::1%25lo]",
                "[]",
                "h\u00f6st",
                "a\"b",
                "<script>")) {
          assertEquals(400, status(server, "GET /v2/health/live HTTP/1.1", invalid), invalid);
        }
        assertEquals(400, status(server, "GET /v2 HTTP/1.1", "localhost\nHost: localhost"));
        assertEquals(400, status(server, "GET /v2 HTTP/1.0", "localhost\nHost: localhost"));
        assertEquals(400, raw(server, "GET /v2 HTTP/1.1\n\n"));
      }
    }
  }

  @Test
  void theHostOfAWholeAddressComesBeforeTheHeader() throws IOException {
    try (SamplerServer server = start("127.0.0.1", Access.OPEN)) {
      assertEquals(200, status(server, "GET http://localhost:1/v2 HTTP/1.1", "localhost"));
      assertEquals(200, status(server, "GET HTTP://LocalHost/v2?a=b HTTP/1.1", "localhost"));
      assertEquals(200, status(server, "GET http://[::1]:80/v2 HTTP/1.1", "evil.example"));
      assertEquals(200, status(server, "GET https://127.0.0.1 HTTP/1.1", "localhost"));
      assertEquals(403, status(server, "GET http://evil.example/v2 HTTP/1.1", "localhost"));
      assertEquals(400, status(server, "GET http:///v2 HTTP/1.1", "localhost"));
      assertEquals(400, status(server, "GET http://me@localhost/v2 HTTP/1.1", "localhost"));
      assertEquals(404, status(server, "GET ftp://localhost/v2 HTTP/1.1", "localhost"));
    }
  }

  @Test
  void anOldClientMayNameNone() throws IOException {
    try (SamplerServer server = start("127.0.0.1", Access.OPEN)) {
      assertEquals(200, raw(server, "GET /v2 HTTP/1.0\n\n"));
    }
  }

  @Test
  void otherNamesAreTakenIfAllowed() throws IOException {
    Access access = Access.OPEN.withHosts(Set.of("Gpu.Example", "10.1.2.3"));
    try (SamplerServer server = start("127.0.0.1", access)) {
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", "gpu.example.:443"));
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", "10.1.2.3"));
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", "localhost"));
      assertEquals(403, status(server, "GET /v2 HTTP/1.1", "a.gpu.example"));
    }
    try (SamplerServer server = start("127.0.0.1", Access.OPEN.withHosts(Set.of("*")))) {
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", "evil.example"));
      assertEquals(400, status(server, "GET /v2 HTTP/1.1", "evil example"));
    }
    for (String bad : List.of("a:80", "http://a", "a/b", "")) {
      assertThrows(IllegalArgumentException.class, () -> Access.OPEN.withHosts(Set.of(bad)), bad);
    }
  }

  @Test
  void whoKnowsTheTokenOrListensForOthersMayBeCalledAnything() throws IOException {
    try (SamplerServer server = start("127.0.0.1", Access.OPEN.withToken(TOKEN))) {
      String host = "evil.example\nAuthorization: Bearer " + TOKEN;
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", host));
    }
    try (SamplerServer server = start("0.0.0.0", Access.OPEN)) {
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", "evil.example"));
    }
    Access named = Access.OPEN.withHosts(Set.of("gpu.example"));
    try (SamplerServer server = start("0.0.0.0", named)) {
      assertEquals(200, status(server, "GET /v2 HTTP/1.1", "gpu.example"));
      assertEquals(403, status(server, "GET /v2 HTTP/1.1", "evil.example"));
    }
  }

  @Test
  void pagesOfAnotherOriginStillReadAnswersUnderALoopbackName() throws IOException {
    try (SamplerServer server =
        start("127.0.0.1", Access.OPEN.withCorsOrigin("https://example.org"))) {
      String preflight = "\nOrigin: https://example.org\nAccess-Control-Request-Method: POST";
      assertEquals(204, status(server, "OPTIONS /v2 HTTP/1.1", "127.0.0.1" + preflight));
      assertEquals(403, status(server, "OPTIONS /v2 HTTP/1.1", "evil.example" + preflight));
    }
  }

  private SamplerServer start(String address, Access access) throws IOException {
    Path models = ServedModels.repository(folder.resolve("models"));
    return SamplerServer.start(models, ServedModels.options().withHost(address).withAccess(access));
  }

  private static int status(SamplerServer server, String line, String host) throws IOException {
    return raw(server, line + "\nHost: " + host + "\n\n");
  }

  private static int raw(SamplerServer server, String request) throws IOException {
    try (RawClient raw = new RawClient(server)) {
      return raw.lines(request).answer().status();
    }
  }
}
