package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors as bytes behind the JSON, the extension that Triton made, case by case. */
class BinaryTensorTest extends ConformanceCase {
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
}
