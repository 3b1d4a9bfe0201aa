package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import dev.djinn.sampler.TestModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Open Inference Protocol v2 over a real socket, case by case. */
class ConformanceTest {

  private static final String INFER = "/v2/models/plain/infer";
  private static final int SIZE = 10;
  private static final int PIXELS = 16;

  @TempDir static Path folder;

  private static SamplerServer server;
  private static Client client;
  private static Sampler sampler;

  @BeforeAll
  static void start() throws IOException {
    Path models = ServedModels.repository(folder);
    server = SamplerServer.start(models, ServedModels.options());
    client = new Client(server);
    sampler = Sampler.open(models.resolve("plain"));
  }

  @AfterAll
  static void stop() {
    server.close();
    sampler.close();
  }

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

  // 2. JSON tensors

  @Test
  void takesFlatAndNestedDataAlike() {
    float[] latents = latents(2);
    String flat = Arrays.toString(latents);
    String nested =
        Arrays.toString(Arrays.copyOf(latents, SIZE))
            + ","
            + Arrays.toString(Arrays.copyOfRange(latents, SIZE, 2 * SIZE));
    for (String data : List.of(flat, "[" + nested + "]")) {
      HttpResponse<byte[]> response = client.post(INFER, request("[2,10]", data, ""));
      assertEquals(200, response.statusCode(), Client.text(response));
      Map<?, ?> reply = Client.json(response);
      assertEquals("plain", reply.get("model_name"));
      assertEquals("2", reply.get("model_version"));
      assertFalse(reply.containsKey("id"));
      checkOutputs(reply, latents);
    }
  }

  @Test
  void infersWithANamedVersion() {
    String path = "/v2/models/plain/versions/1/infer";
    Map<?, ?> reply = Client.json(client.post(path, request("[1,10]", zeros(10), "")));
    assertEquals("1", reply.get("model_version"));
    checkOutputs(reply, new float[SIZE]);
  }

  @Test
  void takesWholeNumbersForFloats() {
    Map<?, ?> reply =
        Client.json(client.post(INFER, request("[1,10]", "[1,0,-1,2,0,0,0,0,0,3]", "")));
    checkOutputs(reply, new float[] {1, 0, -1, 2, 0, 0, 0, 0, 0, 3});
  }

  @Test
  void takesFieldsInAnyOrder() {
    String request =
        "{\"inputs\":[{\"data\":"
            + zeros(10)
            + ",\"shape\":[1,10],\"extra\":{\"a\":[1]},"
            + "\"datatype\":\"FP32\",\"name\":\"latent\"}],\"unknown\":[{}]}";
    HttpResponse<byte[]> response = client.post(INFER, request);
    assertEquals(200, response.statusCode(), Client.text(response));
    checkOutputs(Client.json(response), new float[SIZE]);
  }

  @Test
  void takesLabels() throws IOException {
    String inputs =
        "{\"inputs\":[{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":%s,\"data\":%s},"
            + "{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[2,10],\"data\":"
            + zeros(20)
            + "}],\"outputs\":[{\"name\":\"pixels\"}]}";
    try (Sampler labelled = Sampler.open(folder.resolve("labelled"))) {
      Samples expected =
          labelled.sample(SampleRequest.of(2).withLatents(new float[20]).withLabels(2, 0));
      for (String shape : List.of("[2]", "[2,1]")) {
        for (String data : List.of("[2,0]", "[2.0,0]")) {
          HttpResponse<byte[]> response =
              client.post("/v2/models/labelled/infer", String.format(inputs, shape, data));
          assertEquals(200, response.statusCode(), Client.text(response));
          assertArrayEquals(expected.pixels(), bytes(output(Client.json(response), "pixels")));
        }
      }
      HttpResponse<byte[]> wrong =
          client.post("/v2/models/labelled/infer", String.format(inputs, "[2]", "[0,3]"));
      assertEquals(400, wrong.statusCode());
      assertTrue(Client.error(wrong).contains("3"), Client.error(wrong));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1,10] | [1,2,3] | fewer data",
        "[1,10] | [0,0,0,0,0,0,0,0,0,0,0] | more data",
        "[1,10] | [[0,0,0,0,0,0,0,0,0]] | fewer data",
        "[2,10] | [[0,0,0,0,0,0,0,0,0,0],0] | nested",
        "[1,10] | [0,[0],0,0,0,0,0,0,0,0] | nested",
        "[1,10] | [[[0,0,0,0,0,0,0,0,0,0]]] | nested",
        "[1,10] | [NaN,0,0,0,0,0,0,0,0,0] | NaN and Infinity are not JSON",
        "[1,10] | [-Infinity,0,0,0,0,0,0,0,0,0] | NaN and Infinity are not JSON",
        "[1,10] | [1e39,0,0,0,0,0,0,0,0,0] | beyond float32",
        "[1,10] | [\"1\",0,0,0,0,0,0,0,0,0] | not a number",
        "[1,10] | [true,0,0,0,0,0,0,0,0,0] | not a number",
        "[1,10] | [null,0,0,0,0,0,0,0,0,0] | not a number",
        "[1,10] | 7 | not a JSON array",
        "[1,9] | [0,0,0,0,0,0,0,0,0] | the model takes [-1, 10]",
        "[10] | [0,0,0,0,0,0,0,0,0,0] | the model takes [-1, 10]",
        "[1,10,1] | [0,0,0,0,0,0,0,0,0,0] | the model takes [-1, 10]",
        "[0,10] | [] | no rows",
        "[-1,10] | [] | negative dimension -1",
        "[4097,10] | [] | the limit is 4096",
        "[1.5,10] | [] | not an integer",
        "[4294967296,4294967296] | [] | 63 bits",
        "[9223372036854775808] | [] | beyond int64",
        "[1,1,1,1,1,1,1,1,1] | [0] | dimensions",
        "7 | [] | not a JSON array",
      })
  void refusesDataThatDoNotFit(String shape, String data, String why) {
    HttpResponse<byte[]> response = client.post(INFER, request(shape, data, ""));
    assertEquals(400, response.statusCode(), Client.text(response));
    assertTrue(Client.error(response).contains(why), Client.error(response));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | has no inputs",
        "{\"inputs\":[]} | lacks the input 'latent'",
        "{\"inputs\":{}} | inputs is not a JSON array",
        "{\"inputs\":[7]} | inputs[0] is not a JSON object",
        "[] | the request is not a JSON object",
        "7 | the request is not a JSON object",
        "{\"inputs\":[{\"shape\":[1,10],\"datatype\":\"FP32\",\"data\":[]}]} | inputs[0] has no name",
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"data\":[]}]} | inputs[0] has no shape",
        "{\"inputs\":[{\"name\":\"latent\",\"shape\":[1,10],\"data\":[]}]} | inputs[0] has no datatype",
        "{\"inputs\":[{\"name\":\"latent\",\"shape\":[1,10],\"datatype\":\"FP32\"}]} | neither data nor",
        "{\"inputs\":[{\"name\":7}]} | inputs[0].name is not a string",
        "{\"inputs\":[{\"name\":\"z\",\"shape\":[1,10],\"datatype\":\"FP32\",\"data\":[]}]} | no input 'z'; it has [latent]",
        "{\"inputs\":[{\"name\":\"latent\",\"shape\":[1,10],\"datatype\":\"FP64\",\"data\":[]}]} | is FP64; the model takes FP32",
        "{\"inputs\":[{\"name\":\"latent\",\"shape\":[1,10],\"datatype\":\"FLOAT\",\"data\":[]}]} | unknown datatype 'FLOAT'",
        "{\"id\":7,\"inputs\":[]} | id is not a string",
        "{\"parameters\":{\"binary_data_output\":1},\"inputs\":[]} | binary_data_output is neither true nor false",
        "{\"parameters\":{\"x\":[]},\"inputs\":[]} | parameter 'x' is neither",
        "{\"inputs\":[],\"inputs\":[]} | Duplicate field 'inputs'",
        "{\"inputs\":[]} {} | unexpected text after the JSON object",
        "{\"inputs\":[ | malformed JSON",
        "{'inputs':[]} | malformed JSON",
        "{\"inputs\":[],} | malformed JSON",
      })
  void refusesMalformedRequests(String body, String why) {
    HttpResponse<byte[]> response = client.post(INFER, body);
    assertEquals(400, response.statusCode(), Client.text(response));
    assertTrue(Client.error(response).contains(why), Client.error(response));
    assertFalse(Client.error(response).contains("\n"));
    assertFalse(Client.error(response).contains("com.fasterxml"), Client.error(response));
  }

  @Test
  void refusesAnInputGivenTwice() {
    String input =
        "{\"name\":\"latent\",\"shape\":[1,10],\"datatype\":\"FP32\",\"data\":" + zeros(10) + "}";
    HttpResponse<byte[]> response =
        client.post(INFER, "{\"inputs\":[" + input + "," + input + "]}");
    assertEquals(400, response.statusCode());
    assertEquals("input 'latent' is given twice", Client.error(response));
  }

  @Test
  void refusesOutputsThatAreNotThere() {
    String outputs = ",\"outputs\":[{\"name\":\"picture\"}]";
    HttpResponse<byte[]> response = client.post(INFER, request("[1,10]", zeros(10), outputs));
    assertEquals(400, response.statusCode());
    assertEquals(
        "model 'plain' has no output 'picture'; it has [image, pixels]", Client.error(response));
    String twice = ",\"outputs\":[{\"name\":\"image\"},{\"name\":\"image\"}]";
    assertEquals(
        "output 'image' is asked for twice",
        Client.error(client.post(INFER, request("[1,10]", zeros(10), twice))));
  }

  @Test
  void refusesAnEmptyBody() {
    HttpResponse<byte[]> response = client.post(INFER, "");
    assertEquals(400, response.statusCode());
    assertEquals("the request is not a JSON object", Client.error(response));
  }

  // 3. Binary tensors

  @Test
  void takesBinaryAndAnswersJson() {
    float[] latents = latents(3);
    HttpResponse<byte[]> response =
        client.binary(INFER, binaryRequest(3, 120, ""), Client.littleEndian(latents));
    assertEquals(200, response.statusCode(), Client.text(response));
    checkOutputs(Client.json(response), latents);
  }

  @Test
  void takesJsonAndAnswersBinary() {
    float[] latents = latents(2);
    String more = ",\"parameters\":{\"binary_data_output\":true}";
    HttpResponse<byte[]> response =
        client.post(INFER, request("[2,10]", Arrays.toString(latents), more));
    checkBinary(response, latents, List.of("image", "pixels"));
  }

  @Test
  void sendsBlobsInTheOrderOfTheOutputs() {
    float[] latents = latents(2);
    String more =
        ",\"outputs\":[{\"name\":\"pixels\",\"parameters\":{\"binary_data\":true}},"
            + "{\"name\":\"image\",\"parameters\":{\"binary_data\":true}}]";
    HttpResponse<byte[]> response =
        client.binary(INFER, binaryRequest(2, 80, more), Client.littleEndian(latents));
    checkBinary(response, latents, List.of("pixels", "image"));
  }

  @Test
  void letsAnOutputOverrideTheDefault() {
    float[] latents = latents(1);
    String more =
        ",\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"image\","
            + "\"parameters\":{\"binary_data\":false}},{\"name\":\"pixels\"}]";
    HttpResponse<byte[]> response =
        client.post(INFER, request("[1,10]", Arrays.toString(latents), more));
    Map<?, ?> json = jsonPart(response);
    assertFalse(output(json, "image").containsKey("parameters"));
    assertEquals(Map.of("binary_data_size", 16L), output(json, "pixels").get("parameters"));
    Samples expected = expected(latents);
    assertArrayEquals(expected.image(), floats(output(json, "image")));
    assertArrayEquals(expected.pixels(), blobs(response));
  }

  @Test
  void takesAMixOfBinaryAndJson() {
    String request =
        "{\"inputs\":[{\"name\":\"latent\",\"datatype\":\"FP32\",\"shape\":[1,10],\"data\":"
            + zeros(10)
            + "},{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],"
            + "\"parameters\":{\"binary_data_size\":8}}],\"outputs\":[{\"name\":\"pixels\"}]}";
    HttpResponse<byte[]> response =
        client.binary("/v2/models/labelled/infer", request, Client.littleEndian(1L));
    assertEquals(200, response.statusCode(), Client.text(response));
    try (Sampler labelled = Sampler.open(folder.resolve("labelled"))) {
      Samples expected =
          labelled.sample(SampleRequest.of(1).withLatents(new float[10]).withLabels(1));
      assertArrayEquals(expected.pixels(), bytes(output(Client.json(response), "pixels")));
    }
  }

  @Test
  void takesBareLatents() {
    float[] latents = latents(3);
    HttpResponse<byte[]> response =
        client.post(INFER, Client.littleEndian(latents), "Inference-Header-Content-Length", "0");
    checkBinary(response, latents, List.of("image", "pixels"));
  }

  @Test
  void refusesBareLatentsThatDoNotFit() {
    HttpResponse<byte[]> half =
        client.post(INFER, new byte[41], "Inference-Header-Content-Length", "0");
    assertEquals(400, half.statusCode());
    assertEquals(
        "a body of 41 bytes is not a whole number of latents of 40 bytes", Client.error(half));
    HttpResponse<byte[]> labelled =
        client.post(
            "/v2/models/labelled/infer", new byte[40], "Inference-Header-Content-Length", "0");
    assertEquals(400, labelled.statusCode());
    assertTrue(Client.error(labelled).contains("needs a model of one input"));
  }

  @ParameterizedTest
  @CsvSource({"39", "41", "0", "80"})
  void refusesABlobThatIsShortOrLong(int bytes) {
    HttpResponse<byte[]> response = client.binary(INFER, binaryRequest(1, 40, ""), new byte[bytes]);
    assertEquals(400, response.statusCode());
    String error = Client.error(response);
    assertTrue(
        bytes < 40
            ? error.contains("has " + bytes + " left")
            : error.contains((bytes - 40) + " unexpected bytes"),
        error);
  }

  @ParameterizedTest
  @CsvSource({"39", "41", "0", "-1", "9223372036854775807", "9223372036854775808", "1.5"})
  void refusesASizeThatIsNotTheShapes(String size) {
    String request = binaryRequest(1, 40, "").replace(":40", ":" + size);
    HttpResponse<byte[]> response = client.binary(INFER, request, new byte[40]);
    assertEquals(400, response.statusCode());
    assertTrue(Client.error(response).contains("binary_data_size"), Client.error(response));
  }

  @Test
  void refusesNanInABlob() {
    float[] latents = latents(1);
    latents[3] = Float.NaN;
    HttpResponse<byte[]> response =
        client.binary(INFER, binaryRequest(1, 40, ""), Client.littleEndian(latents));
    assertEquals(400, response.statusCode());
    assertTrue(Client.error(response).contains("finite"), Client.error(response));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "1e3", "99999", "99999999999999999999", "1.0"})
  void refusesAHeaderLengthThatIsNone(String length) {
    HttpResponse<byte[]> response =
        client.post(
            INFER, request("[1,10]", zeros(10), ""), "Inference-Header-Content-Length", length);
    assertEquals(400, response.statusCode());
    assertTrue(Client.error(response).startsWith("Inference-Header-Content-Length is '" + length));
  }

  @Test
  void refusesBlobsWithoutTheHeader() {
    byte[] json = binaryRequest(1, 40, "").getBytes(StandardCharsets.UTF_8);
    byte[] body = Arrays.copyOf(json, json.length + 40);
    assertEquals(400, client.post(INFER, body).statusCode());
  }

  // 4. Compression and limits

  @ParameterizedTest
  @CsvSource({"gzip", "deflate", "identity", "GZIP", "x-gzip"})
  void inflatesRequests(String coding) throws IOException {
    float[] latents = latents(2);
    byte[] json = binaryRequest(2, 80, "").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(json);
    body.write(Client.littleEndian(latents));
    HttpResponse<byte[]> response =
        client.post(
            INFER,
            compress(coding, body.toByteArray()),
            "Content-Encoding",
            coding,
            "Inference-Header-Content-Length",
            Integer.toString(json.length));
    assertEquals(200, response.statusCode(), Client.text(response));
    checkOutputs(Client.json(response), latents);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip | gzip",
        "deflate | deflate",
        "gzip;q=0.5, deflate;q=0.8 | deflate",
        "gzip, deflate, br | gzip",
        "identity;q=1, gzip;q=0.5 | ''",
        "gzip;q=0 | ''",
        "br | ''",
        "* | gzip",
        "*;q=0 | ''",
        "nonsense;;;q | ''",
      })
  void compressesAnswersAsAsked(String accept, String coding) throws IOException {
    float[] latents = latents(4);
    HttpResponse<byte[]> response =
        client.post(
            INFER, request("[4,10]", Arrays.toString(latents), ""), "Accept-Encoding", accept);
    assertEquals(200, response.statusCode());
    assertEquals(coding, response.headers().firstValue("Content-Encoding").orElse(""));
    byte[] plain =
        switch (coding) {
          case "gzip" ->
              new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
          case "deflate" ->
              new InflaterInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
          default -> response.body();
        };
    checkOutputs((Map<?, ?>) JsonValues.parse(new String(plain, StandardCharsets.UTF_8)), latents);
  }

  @Test
  void refusesOtherCodings() {
    HttpResponse<byte[]> response = client.post(INFER, "{}", "Content-Encoding", "br");
    assertEquals(415, response.statusCode());
    assertEquals("gzip, deflate", response.headers().firstValue("Accept-Encoding").orElse(""));
  }

  @Test
  void refusesABodyThatIsNotCompressedAsItSays() {
    assertEquals(400, client.post(INFER, "{}", "Content-Encoding", "gzip").statusCode());
    assertEquals(400, client.post(INFER, "{}", "Content-Encoding", "deflate").statusCode());
  }

  @Test
  void refusesAGzipBomb() throws IOException {
    byte[] bomb = compress("gzip", new byte[(64 << 20) + 1]);
    assertTrue(bomb.length < 1 << 20);
    HttpResponse<byte[]> response = client.post(INFER, bomb, "Content-Encoding", "gzip");
    assertEquals(413, response.statusCode());
    byte[] large = compress("gzip", new byte[100_001]);
    RequestException refused =
        assertThrows(
            RequestException.class, () -> Compression.inflate("gzip", large, 100_000, bytes -> {}));
    assertEquals("the body inflates to more than the limit of 100000 bytes", refused.getMessage());
  }

  @Test
  void refusesJsonNestedTooDeep() {
    String fits = "[".repeat(98) + "]".repeat(98);
    String deep = "[".repeat(100) + "]".repeat(100);
    String request = request("[1,10]", zeros(10), "");
    assertEquals(
        200,
        client
            .post(INFER, request.replace("{\"inputs", "{\"x\":" + fits + ",\"inputs"))
            .statusCode());
    HttpResponse<byte[]> response =
        client.post(INFER, request.replace("{\"inputs", "{\"x\":" + deep + ",\"inputs"));
    assertEquals(400, response.statusCode());
    assertTrue(Client.error(response).contains("JSON beyond the limits"), Client.error(response));
  }

  // 5. The request's id

  @ParameterizedTest
  @ValueSource(strings = {"7", "", "ключ 鍵 🗝", "a\\\"b\\\\c\\n", "\\u0000\\ud83d\\udddd"})
  void echoesTheId(String id) {
    String request = request("[1,10]", zeros(10), ",\"id\":\"" + id + "\"");
    Map<?, ?> reply = Client.json(client.post(INFER, request));
    assertEquals(JsonValues.parse("\"" + id + "\""), reply.get("id"));
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
  void countsWhatItDoes() {
    Map<?, ?> before = statistics();
    client.post(INFER, request("[3,10]", zeros(30), ""));
    client.post(INFER, "{}");
    Map<?, ?> after = statistics();
    assertEquals(3L, difference(before, after, "inference_count"));
    assertEquals(1L, difference(before, after, "execution_count"));
    assertEquals(1L, count(after, "success") - count(before, "success"));
    assertEquals(1L, count(after, "fail") - count(before, "fail"));
    assertTrue((long) after.get("last_inference") > System.currentTimeMillis() - 60_000);
  }

  @Test
  void countsBatchesBySizeInStatisticsAndMetrics() {
    Map<?, ?> before = batchesOf(7);
    for (int i = 0; i < 3; i++) {
      client.post(INFER, request("[7,10]", zeros(70), "")); // Few enough to stay together.
    }
    Map<?, ?> runs = batchesOf(7);
    assertEquals(3L, difference(before, runs, "count"));
    assertTrue(difference(before, runs, "ns") > 0, runs.toString());
    for (String phase : List.of("compute_input", "compute_output")) {
      Map<?, ?> copied = batchesOf(7, phase);
      assertEquals(runs.get("count"), copied.get("count"));
      assertTrue((long) copied.get("ns") > 0, copied.toString());
    }
    String plain = "{model=\"plain\",version=\"2\"";
    String text = Client.text(client.get("/metrics"));
    double batches = metric(text, "djinn_batches_total" + plain + "}");
    double rows = metric(text, "djinn_samples_total" + plain + "}");
    assertEquals(batches, metric(text, "djinn_batch_rows_count" + plain + "}"));
    assertEquals(batches, metric(text, "djinn_batch_rows_bucket" + plain + ",le=\"+Inf\"}"));
    assertEquals(rows, metric(text, "djinn_batch_rows_sum" + plain + "}"));
    double toFour = metric(text, "djinn_batch_rows_bucket" + plain + ",le=\"4.0\"}");
    double toEight = metric(text, "djinn_batch_rows_bucket" + plain + ",le=\"8.0\"}");
    assertTrue(toEight >= toFour + 3, text);
    assertEquals(batches, metric(text, "djinn_batch_seconds_count" + plain + "}"));
    double seconds = metric(text, "djinn_batch_seconds_sum" + plain + "}");
    assertTrue(seconds >= (long) runs.get("ns") / 1e9, text);
    assertTrue(metric(text, "djinn_queue_seconds_count" + plain + "}") >= 3, text);
  }

  private static Map<?, ?> batchesOf(long rows) {
    return batchesOf(rows, "compute_infer");
  }

  private static Map<?, ?> batchesOf(long rows, String phase) {
    for (Object size : (List<?>) statistics().get("batch_stats")) {
      if (((Map<?, ?>) size).get("batch_size").equals(rows)) {
        return (Map<?, ?>) ((Map<?, ?>) size).get(phase);
      }
    }
    return Map.of("count", 0L, "ns", 0L);
  }

  private static double metric(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + text));
  }

  @Test
  void tellsPrometheus() {
    client.post(INFER, request("[3,10]", zeros(30), ""));
    HttpResponse<byte[]> response = client.get("/metrics");
    assertEquals(200, response.statusCode());
    String type = response.headers().firstValue("Content-Type").orElse("");
    assertTrue(type.startsWith("text/plain; version=0.0.4"), type);
    String text = Client.text(response);
    for (String line :
        List.of(
            "djinn_requests_total{endpoint=\"infer\",status=\"200\"} ",
            "djinn_request_seconds_bucket{endpoint=\"infer\",le=\"10.0\"} ",
            "djinn_samples_total{model=\"plain\",version=\"2\"} ",
            "djinn_model_ready{model=\"plain\",provider=\"cpu\",version=\"2\"} 1.0\n",
            "djinn_connections ",
            "djinn_held_bytes 0.0\n")) {
      assertTrue(text.contains("\n" + line), line + " is not in " + text);
    }
  }

  @Test
  void waitsNoLongerThanARequestSays(@TempDir Path perceptron) throws Exception {
    TestModels.writePerceptron(perceptron.resolve("slow/1"));
    ServerOptions one = ServedModels.options();
    one = one.withSampler(one.sampler().withWorkers(1));
    try (SamplerServer server = SamplerServer.start(perceptron, one)) {
      Client slow = new Client(server);
      CompletableFuture<HttpResponse<byte[]>> long4096 =
          CompletableFuture.supplyAsync(
              () -> slow.get("/v2/models/slow/samples?format=raw&count=4096"));
      while (!Client.text(slow.get("/v2/models/slow/stats")).contains("\"batch_size\":")) {
        Thread.sleep(1); // Until its first batch is done; there are more than thirty.
      }
      String more = ",\"parameters\":{\"timeout\":20}";
      String request = request("[1,100]", zeros(100), more);
      HttpResponse<byte[]> late;
      do {
        // It gets its turn between two parts of the long one, which may be just now.
        late = slow.post("/v2/models/slow/infer", request);
      } while (late.statusCode() == 200 && !long4096.isDone());
      assertEquals(503, late.statusCode());
      assertEquals("no worker was free within the request's 20 µs", Client.error(late));
      assertFalse(long4096.isDone());
      String first =
          request("[1,100]", zeros(100), ",\"parameters\":{\"timeout\":20000000,\"priority\":1}");
      assertEquals(200, slow.post("/v2/models/slow/infer", first).statusCode());
      assertEquals(200, long4096.get().statusCode());
    }
    String more = ",\"parameters\":{\"priority\":1,\"timeout\":1000000}";
    assertEquals(200, client.post(INFER, request("[1,10]", zeros(10), more)).statusCode());
    for (String bad : List.of("\"priority\":-1", "\"priority\":101", "\"timeout\":-5")) {
      more = ",\"parameters\":{" + bad + "}";
      assertEquals(400, client.post(INFER, request("[1,10]", zeros(10), more)).statusCode(), bad);
    }
  }

  @Test
  void drawsLessFarFromTheCentreWhenTold() {
    String path = "/v2/models/plain/samples?format=raw&seed=3&count=2";
    byte[] full = client.get(path).body();
    assertArrayEquals(full, client.get(path + "&truncation=1").body());
    byte[] centre = client.get(path + "&truncation=0").body();
    assertArrayEquals(Arrays.copyOf(centre, 16), Arrays.copyOfRange(centre, 16, 32));
    assertFalse(Arrays.equals(full, centre));
    assertEquals(400, client.get(path + "&truncation=1.5").statusCode());
    assertEquals(400, client.get(path + "&truncation=0.5&to=7").statusCode());
  }

  @Test
  void asksForTheRoomThatABodyInflatesTo() throws Exception {
    byte[] zeros = new byte[100_000];
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(zeros);
    }
    List<Long> asked = new ArrayList<>();
    byte[] body = packed.toByteArray();
    assertArrayEquals(zeros, Compression.inflate("gzip", body, 100_000, asked::add));
    long most = asked.stream().mapToLong(Long::longValue).sum();
    assertTrue(most >= 100_000 && most <= 100_001, asked.toString());
    RequestException full = RequestException.busy("no room");
    assertThrows(
        RequestException.class,
        () ->
            Compression.inflate(
                "gzip",
                body,
                100_000,
                room -> {
                  throw full;
                }));
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

  private static Map<?, ?> statistics() {
    Map<?, ?> all = Client.json(client.get("/v2/models/plain/versions/2/stats"));
    return (Map<?, ?>) ((List<?>) all.get("model_stats")).get(0);
  }

  private static long difference(Map<?, ?> before, Map<?, ?> after, String field) {
    return (long) after.get(field) - (long) before.get(field);
  }

  private static long count(Map<?, ?> statistics, String kind) {
    return (long)
        ((Map<?, ?>) ((Map<?, ?>) statistics.get("inference_stats")).get(kind)).get("count");
  }

  private static String request(String shape, String data, String more) {
    return "{\"inputs\":[{\"name\":\"latent\",\"shape\":"
        + shape
        + ",\"datatype\":\"FP32\",\"data\":"
        + data
        + "}]"
        + more
        + "}";
  }

  private static String binaryRequest(int rows, int size, String more) {
    return "{\"inputs\":[{\"name\":\"latent\",\"shape\":["
        + rows
        + ",10],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":"
        + size
        + "}}]"
        + more
        + "}";
  }

  private static String zeros(int count) {
    return Arrays.toString(new int[count]);
  }

  private static float[] latents(int rows) {
    float[] latents = new float[rows * SIZE];
    for (int i = 0; i < latents.length; i++) {
      latents[i] = (i * 37 % 19 - 9) / 7f;
    }
    return latents;
  }

  private static Samples expected(float[] latents) {
    return sampler.sample(
        SampleRequest.of(latents.length / SIZE)
            .withLatents(latents)
            .withOutputs(Output.IMAGE, Output.PIXELS));
  }

  private static void checkOutputs(Map<?, ?> reply, float[] latents) {
    long rows = latents.length / SIZE;
    Samples expected = expected(latents);
    Map<?, ?> image = output(reply, "image");
    assertEquals("FP32", image.get("datatype"));
    assertEquals(List.of(rows, 1L, 4L, 4L), image.get("shape"));
    assertArrayEquals(expected.image(), floats(image));
    Map<?, ?> pixels = output(reply, "pixels");
    assertEquals("UINT8", pixels.get("datatype"));
    assertEquals(List.of(rows, 4L, 4L, 1L), pixels.get("shape"));
    assertArrayEquals(expected.pixels(), bytes(pixels));
  }

  private static void checkBinary(
      HttpResponse<byte[]> response, float[] latents, List<String> order) {
    assertEquals(200, response.statusCode(), Client.text(response));
    assertEquals(
        "application/octet-stream", response.headers().firstValue("Content-Type").orElse(""));
    Map<?, ?> json = jsonPart(response);
    Samples expected = expected(latents);
    int rows = latents.length / SIZE;
    ByteBuffer blobs = ByteBuffer.wrap(blobs(response)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(rows * PIXELS * 5, blobs.remaining());
    List<Object> names = new ArrayList<>();
    for (Object each : (List<?>) json.get("outputs")) {
      Map<?, ?> output = (Map<?, ?>) each;
      names.add(output.get("name"));
      assertFalse(output.containsKey("data"));
      boolean image = output.get("name").equals("image");
      int size = rows * PIXELS * (image ? 4 : 1);
      assertEquals(Map.of("binary_data_size", (long) size), output.get("parameters"));
      if (image) {
        for (float value : expected.image()) {
          assertEquals(value, blobs.getFloat());
        }
      } else {
        for (byte value : expected.pixels()) {
          assertEquals(value, blobs.get());
        }
      }
    }
    assertEquals(order, names);
  }

  private static int jsonLength(HttpResponse<byte[]> response) {
    return Integer.parseInt(
        response.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
  }

  private static Map<?, ?> jsonPart(HttpResponse<byte[]> response) {
    String text = new String(response.body(), 0, jsonLength(response), StandardCharsets.UTF_8);
    return (Map<?, ?>) JsonValues.parse(text);
  }

  private static byte[] blobs(HttpResponse<byte[]> response) {
    return Arrays.copyOfRange(response.body(), jsonLength(response), response.body().length);
  }

  private static Map<?, ?> output(Map<?, ?> reply, String name) {
    for (Object output : (List<?>) reply.get("outputs")) {
      if (((Map<?, ?>) output).get("name").equals(name)) {
        return (Map<?, ?>) output;
      }
    }
    throw new AssertionError("no output " + name + " in " + reply);
  }

  private static float[] floats(Map<?, ?> output) {
    List<?> data = (List<?>) output.get("data");
    float[] values = new float[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) data.get(i)).floatValue();
    }
    return values;
  }

  private static byte[] bytes(Map<?, ?> output) {
    List<?> data = (List<?>) output.get("data");
    byte[] values = new byte[data.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) data.get(i)).byteValue();
    }
    return values;
  }

  private static byte[] compress(String coding, byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    switch (coding) {
      case "gzip", "GZIP", "x-gzip" -> {
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
          out.write(plain);
        }
      }
      case "deflate" -> {
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
          out.write(plain);
        }
      }
      default -> bytes.writeBytes(plain);
    }
    return bytes.toByteArray();
  }
}
