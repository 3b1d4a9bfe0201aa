package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies and answers in gzip and deflate. */
class CodingTest extends ConformanceCase {
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
