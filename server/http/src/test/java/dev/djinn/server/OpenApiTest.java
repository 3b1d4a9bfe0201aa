package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The described interface against the running server: each path, method and status of the document
 * is asked for, and the answer is of the described type and shape.
 */
class OpenApiTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final String INFER =
      "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[1,10],"
          + "\"data\":[0,0,0,0,0,0,0,0,0,0]}]}";

  @TempDir static Path folder;

  private static SamplerServer open;
  private static SamplerServer explicit;

  /** With a model that cannot be used. */
  private static Client sick;

  /** Which wants a token and loads by request. */
  private static Client well;

  private static Map<?, ?> document;

  @BeforeAll
  static void start() throws IOException {
    Path broken = Files.createDirectories(folder.resolve("sick/broken/1"));
    Files.writeString(broken.resolve("model.onnx"), "none");
    Limits small = Limits.defaults().withBodyBytes(4096);
    open =
        SamplerServer.start(
            ServedModels.repository(folder.resolve("sick")),
            ServedModels.options().withLimits(small).withModelControl(ModelControl.NONE));
    explicit =
        SamplerServer.start(
            ServedModels.repository(folder.resolve("well")),
            ServedModels.options()
                .withAccess(Access.OPEN.withToken(TOKEN))
                .withModelControl(ModelControl.EXPLICIT));
    sick = new Client(open);
    well = new Client(explicit);
    document = Client.json(well.get("/openapi.json"));
  }

  @AfterAll
  static void stop() {
    open.close();
    explicit.close();
  }

  @Test
  void describesEveryEndpoint() throws RequestException {
    Set<Route.Endpoint> described = EnumSet.noneOf(Route.Endpoint.class);
    for (Map.Entry<?, ?> path : map(document.get("paths")).entrySet()) {
      for (Object method : map(path.getValue()).keySet()) {
        described.add(
            Route.find(method.toString().toUpperCase(Locale.ROOT), path.getKey().toString())
                .endpoint());
      }
    }
    assertEquals(EnumSet.allOf(Route.Endpoint.class), described);
  }

  @TestFactory
  Stream<DynamicTest> answersAsDescribed() {
    List<DynamicTest> tests = new ArrayList<>();
    map(document.get("paths"))
        .forEach(
            (path, operations) ->
                map(operations)
                    .forEach(
                        (method, operation) ->
                            map(map(operation).get("responses"))
                                .forEach(
                                    (status, response) ->
                                        tests.add(
                                            DynamicTest.dynamicTest(
                                                method + " " + path + " " + status,
                                                () ->
                                                    check(
                                                        method.toString().toUpperCase(Locale.ROOT),
                                                        path.toString(),
                                                        Integer.parseInt(status.toString()),
                                                        resolve(response)))))));
    assertTrue(tests.size() > 100, tests.size() + " answers are described");
    return tests.stream();
  }

  private static void check(String method, String path, int status, Map<?, ?> response) {
    HttpResponse<byte[]> answer = provoke(method, path, status);
    assertEquals(status, answer.statusCode(), Client.text(answer));
    if (!response.containsKey("content")) {
      assertEquals(0, answer.body().length);
      return;
    }
    String type =
        answer.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "").strip();
    Object content = map(response.get("content")).get(type);
    assertNotNull(content, type + " is not described");
    if (type.equals("application/json")) {
      matches(JsonValues.parse(Client.text(answer)), map(map(content).get("schema")), "the body");
    }
    if (status == 401) {
      assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""));
    }
    if (status == 503) {
      assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
    }
  }

  /** Asks in a way that must have this status for an answer. */
  private static HttpResponse<byte[]> provoke(String method, String path, int status) {
    String model =
        switch (status) {
          case 404 -> "nosuch";
          case 503 -> "broken";
          default -> "plain";
        };
    String target = path.replace("{model}", model).replace("{version}", status == 503 ? "1" : "2");
    boolean control = path.endsWith("load");
    Client client = status == 401 || status == 200 || (control && status != 403) ? well : sick;
    List<String> headers = new ArrayList<>();
    if (client == well && status != 401) {
      headers.addAll(List.of("Authorization", "Bearer " + TOKEN));
    }
    String body = path.endsWith("/infer") ? INFER : path.endsWith("/generate") ? "{}" : "";
    switch (status) {
      case 400 -> {
        body = "{";
        target += target.endsWith("/samples") ? "?count=0" : "";
      }
      case 406 -> headers.addAll(List.of("Accept", "text/csv"));
      case 413 -> body = " ".repeat(5000);
      case 415 -> {
        body = body.isEmpty() ? "{}" : body;
        headers.addAll(List.of("Content-Encoding", "br"));
      }
      case 304 ->
          headers.addAll(
              List.of(
                  "If-None-Match", client.get(target).headers().firstValue("ETag").orElseThrow()));
      default -> {}
    }
    String[] given = headers.toArray(String[]::new);
    return method.equals("GET") ? client.get(target, given) : client.post(target, body, given);
  }

  /** Holds a value to what of JSON Schema the document uses. */
  private static void matches(Object value, Map<?, ?> given, String where) {
    Map<?, ?> schema = resolve(given);
    Object type = schema.get("type");
    boolean fits =
        type == null
            || switch (type.toString()) {
              case "object" -> value instanceof Map;
              case "array" -> value instanceof List;
              case "string" -> value instanceof String;
              case "boolean" -> value instanceof Boolean;
              case "integer" -> value instanceof Long;
              case "number" -> value instanceof Number;
              default -> throw new IllegalArgumentException("type " + type);
            };
    assertTrue(fits, where + " is " + value + ", not of type " + type);
    if (schema.get("enum") instanceof List<?> values) {
      assertTrue(values.contains(value), where + " is " + value + ", none of " + values);
    }
    if (value instanceof List<?> items) {
      for (Object item : items) {
        matches(item, map(schema.get("items")), "an item of " + where);
      }
    }
    if (value instanceof Map<?, ?> fields) {
      fields(fields, schema, where);
    }
  }

  private static void fields(Map<?, ?> fields, Map<?, ?> schema, String where) {
    if (schema.get("required") instanceof List<?> required) {
      assertTrue(fields.keySet().containsAll(required), where + " has only " + fields.keySet());
    }
    if (schema.get("maxProperties") instanceof Long most) {
      assertTrue(fields.size() <= most, where + " has " + fields.keySet());
    }
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      // What is not described is as wrong as what is described otherwise.
      assertTrue(
          properties.keySet().containsAll(fields.keySet()),
          where + " has " + fields.keySet() + "; described are " + properties.keySet());
      fields.forEach((name, value) -> matches(value, map(properties.get(name)), name.toString()));
    }
  }

  private static Map<?, ?> resolve(Object given) {
    Object found = given;
    while (map(found).get("$ref") instanceof String reference) {
      Object at = document;
      for (String step : Arrays.asList(reference.substring(2).split("/", -1))) {
        at = map(at).get(step);
      }
      found = at;
    }
    return map(found);
  }

  private static Map<?, ?> map(Object value) {
    return (Map<?, ?>) value;
  }
}
