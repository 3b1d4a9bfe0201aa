package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Open Inference Protocol v2 says of a server and its models. */
class EndpointTest extends ConformanceCase {
  // 1. Endpoints

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v2/health/live | {live=true}",
        "/v2/health/ready | {live=true, ready=true}",
        "/v2/models | {models=[labelled, plain]}",
        "/v2/models/plain/ready | {name=plain, ready=true}",
        "/v2/models/plain/versions/1/ready | {name=plain, ready=true}",
      })
  void answersHealthAndLists(String path, String body) {
    HttpResponse<byte[]> response = client.get(path);
    assertEquals(200, response.statusCode());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
    assertEquals(body, Client.json(response).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/"})
  void describesItself(String path) {
    Map<?, ?> server = Client.json(client.get(path));
    assertEquals("djinn", server.get("name"));
    assertFalse(((String) server.get("version")).isEmpty());
    assertTrue(((List<?>) server.get("extensions")).contains("binary_tensor_data"));
  }

  @Test
  void describesAModel() {
    Map<?, ?> model = Client.json(client.get("/v2/models/labelled"));
    assertEquals("labelled", model.get("name"));
    assertEquals(List.of("1"), model.get("versions"));
    assertEquals("onnx_onnxv1", model.get("platform"));
    assertEquals(
        "[{name=latent, datatype=FP32, shape=[-1, 10]}, {name=label, datatype=INT64, shape=[-1]}]",
        model.get("inputs").toString());
    assertEquals(
        "[{name=image, datatype=FP32, shape=[-1, 1, 4, 4]},"
            + " {name=pixels, datatype=UINT8, shape=[-1, 4, 4, 1]}]",
        model.get("outputs").toString());
    assertEquals(List.of("1", "2"), Client.json(client.get("/v2/models/plain")).get("versions"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/models/nosuch",
        "/v2/models/nosuch/ready",
        "/v2/models/plain/versions/7",
        "/v2/models/plain/versions/7/ready",
        "/v2/models/plain/nosuch",
        "/v2/models/plain/versions",
        "/v2/nosuch",
        "/v2/models%2Fstats",
        "/v1",
        "//", // "/" alone is the page
        "/v2//models"
      })
  void saysThatThereIsNoSuchThing(String path) {
    HttpResponse<byte[]> response = client.get(path);
    assertEquals(404, response.statusCode());
    assertTrue(
        Client.error(response).startsWith("there is no")
            || Client.error(response).startsWith("model '"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/models/nosuch/infer", "/v2/models/plain/versions/7/infer"})
  void refusesToInferWithoutTheModel(String path) {
    assertEquals(404, client.post(path, "{}").statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /v2/health/live | GET, HEAD",
        "DELETE | /v2/models/plain | GET, HEAD",
        "GET | /v2/models/plain/infer | POST",
        "OPTIONS | /v2 | GET, HEAD",
        "PUT | /v2/models/plain/infer | POST",
      })
  void refusesTheWrongMethod(String method, String path, String allowed) {
    HttpResponse<byte[]> response = client.method(method, path);
    assertEquals(405, response.statusCode());
    assertEquals("{\"error\":\"Method Not Allowed\"}", Client.text(response));
    assertEquals(allowed, response.headers().firstValue("Allow").orElse(""));
  }

  @Test
  void takesAPlusSignInANameForOne() throws RequestException {
    Route route = Route.find("GET", "/v2/models/a+b%20c/samples?label=d+e");
    assertEquals("a+b c", route.model());
    assertEquals(List.of("d e"), route.query().get("label"));
  }

  @Test
  void answersHeadWithTheHeaderOfGet() {
    HttpResponse<byte[]> get = client.get("/v2/models/plain");
    HttpResponse<byte[]> head = client.head("/v2/models/plain");
    assertEquals(200, head.statusCode());
    assertEquals(0, head.body().length);
    assertEquals(
        get.headers().firstValue("Content-Length"), head.headers().firstValue("Content-Length"));
  }

  // 7. What perf_analyzer reads

  @Test
  void tellsAConfiguration() {
    Map<?, ?> config = Client.json(client.get("/v2/models/plain/config"));
    assertEquals("plain", config.get("name"));
    assertEquals(512L, config.get("max_batch_size"));
    assertEquals("[{name=latent, data_type=TYPE_FP32, dims=[10]}]", config.get("input").toString());
    assertEquals(
        "[{name=image, data_type=TYPE_FP32, dims=[1, 4, 4]},"
            + " {name=pixels, data_type=TYPE_UINT8, dims=[4, 4, 1]}]",
        config.get("output").toString());
  }

  @Test
  void listsTheRepository() {
    HttpResponse<byte[]> response = client.post("/v2/repository/index", "");
    assertEquals(
        "[{name=labelled, version=1, state=READY, reason=},"
            + " {name=plain, version=1, state=READY, reason=},"
            + " {name=plain, version=2, state=READY, reason=}]",
        JsonValues.parse(Client.text(response)).toString());
  }
}
