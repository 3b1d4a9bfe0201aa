package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs no browser; {@code scripts/try-page} tries the rest. */
class PageTest {

  @TempDir static Path folder;

  private static SamplerServer server;
  private static HttpResponse<byte[]> page;
  private static String html;

  @BeforeAll
  static void start() throws IOException {
    Access closed = Access.OPEN.withToken("0123456789abcdef");
    server =
        SamplerServer.start(
            ServedModels.repository(folder), ServedModels.options().withAccess(closed));
    page = new Client(server).get("/");
    html = Client.text(page);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void isServedToThoseWithoutATokenTooWhoAreAskedForIt() {
    assertEquals(200, page.statusCode());
    assertEquals("text/html; charset=utf-8", header("Content-Type"));
    assertTrue(html.startsWith("<!doctype html>"), html);
    assertEquals(401, new Client(server).get("/v2/models").statusCode());
  }

  @Test
  void isNotSentAgainToThoseWhoHaveIt() {
    HttpResponse<byte[]> again = new Client(server).get("/", "If-None-Match", header("ETag"));
    assertEquals(304, again.statusCode());
    assertEquals(0, again.body().length);
    assertEquals(200, new Client(server).get("/", "If-None-Match", "\"other\"").statusCode());
  }

  @Test
  void mayRunItsOwnStyleAndScriptAndNothingElse() throws Exception {
    String policy = header("Content-Security-Policy");
    assertTrue(policy.startsWith("default-src 'none'; "), policy);
    assertFalse(policy.contains("unsafe") || policy.contains("*"), policy);
    for (String element : new String[] {"style", "script"}) {
      Matcher matcher =
          Pattern.compile("<" + element + "[^>]*>(.*?)</" + element + ">", Pattern.DOTALL)
              .matcher(html);
      assertTrue(matcher.find());
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
      String source = "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
      assertTrue(policy.contains(element + "-src " + source + ";"), policy);
      assertFalse(matcher.find(), "one " + element + " only");
    }
    assertFalse(
        Pattern.compile("<[^>]*\\s(style|on[a-z]+)=").matcher(html).find(),
        "the policy forbids style and handlers in attributes");
  }

  @Test
  void fetchesNothingFromElsewhere() {
    assertFalse(html.matches("(?s).*(https?:)?//[A-Za-z0-9].*"), "an address of another host");
    Matcher sources = Pattern.compile("\\b(?:src|href)=\"([^\"]*)\"").matcher(html);
    while (sources.find()) {
      assertEquals("data:,", sources.group(1));
    }
    assertTrue(html.contains("\"v2/models\""), "addresses are relative, for proxies with a path");
  }

  private static String header(String name) {
    return page.headers().firstValue(name).orElse("");
  }
}
