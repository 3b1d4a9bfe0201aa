package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors as JSON in the Open Inference Protocol v2, case by case. */
class JsonTensorTest extends ConformanceCase {
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
}
