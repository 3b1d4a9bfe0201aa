package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
  private static final String INPUT =
      "\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[1,10],\"data\":[0,1,2,3,4,5,6,7,8,9]";

  @TempDir private static Path folder;
  private static SamplerServer server;
  private static Client client;

  @BeforeAll
  static void start() throws IOException {
    server =
        SamplerServer.start(
            ServedModels.repository(folder),
            ServedModels.options().withModelControl(ModelControl.EXPLICIT));
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":null,\"inputs\":[{%s}]}",
        "{\"parameters\":null,\"inputs\":[{%s}]}",
        "{\"outputs\":null,\"inputs\":[{%s}]}",
        "{\"other\":null,\"inputs\":[{%s}]}",
        "{\"inputs\":[{%s,\"parameters\":null}]}",
        "{\"inputs\":[{%s,\"parameters\":{\"binary_data_size\":null}}]}",
        "{\"parameters\":{\"priority\":null,\"timeout\":null,\"binary_data_output\":null},"
            + "\"inputs\":[{%s}]}",
      })
  void inAnInferenceItIsAsIfAbsent(String request) {
    HttpResponse<byte[]> without = infer("{\"inputs\":[{%s}]}");
    HttpResponse<byte[]> with = infer(request);
    assertEquals(200, with.statusCode(), Client.text(with));
    assertArrayEquals(without.body(), with.body());
  }

  @Test
  void ofAnOutputItIsAsIfAbsentToo() {
    String asked = "{\"inputs\":[{%s}],\"outputs\":[{\"name\":\"pixels\"%s}]}";
    HttpResponse<byte[]> without = infer(asked.replaceFirst("%s}]}$", "}]}"));
    for (String more :
        new String[] {"null", "{\"binary_data\":null}", "{\"classification\":null}"}) {
      String with = asked.replaceFirst("%s}]}$", ",\"parameters\":" + more + "}]}");
      assertArrayEquals(without.body(), infer(with).body(), more);
    }
  }

  @Test
  void whatIsNeededIsStillNeeded() {
    assertEquals("inputs[0] has no name", error("{\"inputs\":[{\"name\":null}]}"));
    assertEquals("the request has no inputs", error("{\"inputs\":null}"));
    assertEquals("inputs[0] is not a JSON object", error("{\"inputs\":[null]}"));
    assertEquals(
        "input 'latent' has 'null', which is not a number",
        error("{\"inputs\":[{" + INPUT.replace("[0,", "[null,") + "}]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"count\":2,\"seed\":7,\"label\":null}",
        "{\"count\":2,\"seed\":7,\"to\":null,\"manifold\":null,\"latent\":null,\"first\":null,"
            + "\"truncation\":null,\"columns\":null,\"format\":null}",
        "{\"parameters\":null,\"count\":2,\"seed\":7}",
        "{\"parameters\":{\"count\":2,\"seed\":7,\"label\":null}}",
      })
  void inAQueryItIsAsIfAbsent(String query) {
    String path = "/v2/models/labelled/generate";
    HttpResponse<byte[]> without = client.post(path, "{\"count\":2,\"seed\":7}");
    HttpResponse<byte[]> with = client.post(path, query);
    assertEquals(200, with.statusCode(), Client.text(with));
    assertArrayEquals(without.body(), with.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE"})
  void isRefusedInAnotherEncodingThanUtf8(String encoding) {
    String infer = "{\"inputs\":[{" + INPUT + "}]}";
    for (String path : new String[] {"plain/infer", "labelled/generate"}) {
      byte[] body = infer.getBytes(java.nio.charset.Charset.forName(encoding));
      HttpResponse<byte[]> answer = client.post("/v2/models/" + path, body);
      assertEquals(400, answer.statusCode());
      assertEquals("malformed JSON: it is in UTF-16 or UTF-32; send UTF-8", Client.error(answer));
    }
  }

  @Test
  void mayBeginWithTheMarkOfUtf8() {
    HttpResponse<byte[]> without = infer("{\"inputs\":[{%s}]}");
    HttpResponse<byte[]> with = infer("\ufeff{\"inputs\":[{%s}]}");
    assertArrayEquals(without.body(), with.body());
  }

  @Test
  void inTheRepositorysRequestsItIsAsIfAbsent() {
    HttpResponse<byte[]> index = client.post("/v2/repository/index", "{\"ready\":null}");
    assertEquals(200, index.statusCode());
    for (String body :
        new String[] {
          "{\"parameters\":null}", "{\"parameters\":{\"config\":null,\"unload_dependents\":null}}"
        }) {
      assertEquals(200, client.post("/v2/repository/models/plain/load", body).statusCode(), body);
    }
  }

  private static HttpResponse<byte[]> infer(String request) {
    return client.post("/v2/models/plain/infer", request.replaceFirst("%s", INPUT));
  }

  private static String error(String request) {
    HttpResponse<byte[]> response = infer(request);
    assertEquals(400, response.statusCode());
    return Client.error(response);
  }
}
