package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.TestModels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures of four channels that are higher than wide. */
class TransparentPicturesTest {
  private static final String SAMPLES = "/v2/models/sprites/samples";
  private static final int HEIGHT = 6;
  private static final int WIDTH = 4;
  private static final int SIZE = HEIGHT * WIDTH * 4;

  @TempDir static Path folder;

  private static SamplerServer server;
  private static Client client;
  private static byte[] pixels;

  @BeforeAll
  static void start() throws IOException {
    Path file = ServedModels.write(folder, "sprites", 1, TestModels.TRANSPARENT);
    server = SamplerServer.start(folder, ServedModels.options());
    client = new Client(server);
    try (Sampler sampler = Sampler.open(file)) {
      pixels =
          sampler
              .sample(SampleRequest.of(5).withSeed(42).withLabel(1).withOutputs(Output.PIXELS))
              .pixels();
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<byte[]> samples(String form) {
    HttpResponse<byte[]> response =
        client.get(SAMPLES + "?count=5&seed=42&label=one&columns=3&format=" + form);
    assertEquals(200, response.statusCode(), Client.text(response));
    assertEquals("5, 6, 4, 4", response.headers().firstValue("Djinn-Shape").orElse(""));
    return response;
  }

  @Test
  void aGridHasAlphaAndIsClearWhereNoSampleIs() throws IOException {
    BufferedImage grid = ImageIO.read(new ByteArrayInputStream(samples("png").body()));
    assertEquals(3 * WIDTH, grid.getWidth());
    assertEquals(2 * HEIGHT, grid.getHeight());
    for (int i = 0; i < 6; i++) {
      byte[] expected =
          i < 5 ? Arrays.copyOfRange(pixels, i * SIZE, (i + 1) * SIZE) : new byte[SIZE];
      assertArrayEquals(expected, pixels(grid, i % 3 * WIDTH, i / 3 * HEIGHT));
    }
  }

  @Test
  void aZipHasAPictureASample() throws IOException {
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(samples("zip").body()))) {
      for (int i = 0; i < 5; i++) {
        assertEquals("00000" + i + ".png", zip.getNextEntry().getName());
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(zip.readAllBytes()));
        assertArrayEquals(
            Arrays.copyOfRange(pixels, i * SIZE, (i + 1) * SIZE), pixels(picture, 0, 0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "npy"})
  void bytesAreRowsOfFour(String form) {
    byte[] body = samples(form).body();
    int head = body.length - pixels.length;
    assertArrayEquals(pixels, Arrays.copyOfRange(body, head, body.length));
    String text = new String(body, 0, head, StandardCharsets.ISO_8859_1);
    assertEquals(form.equals("npy"), text.contains("'shape': (5, 6, 4, 4), }"));
  }

  @Test
  void jsonHasTheSameNumbers() {
    Map<?, ?> json = Client.json(samples("json"));
    assertEquals(List.of(5L, 6L, 4L, 4L), json.get("shape"));
    List<?> numbers = (List<?>) json.get("pixels");
    for (int i = 0; i < pixels.length; i++) {
      assertEquals(pixels[i] & 255L, numbers.get(i));
    }
  }

  @Test
  void itsDescriptionHasTheShape() {
    String said = Client.text(client.get("/v2/models/sprites"));
    assertTrue(said.contains("[-1,4,6,4]") && said.contains("[-1,6,4,4]"), said);
    assertTrue(said.contains("\"djinn.contract\":\"2\""), said);
  }

  @Test
  void walksAndGivenLatentsAreOfItsShape() {
    HttpResponse<byte[]> walk = client.get(SAMPLES + "?count=3&seed=1&to=2&format=raw");
    assertEquals(3 * SIZE, walk.body().length);
    HttpResponse<byte[]> given =
        client.get(SAMPLES + "?latent=0,0,0,0,0,0,0,0,0,1&label=0&format=raw");
    assertEquals(SIZE, given.body().length);
  }

  /** Rows of red, green, blue and alpha as they are in the file. */
  private static byte[] pixels(BufferedImage picture, int left, int top) {
    int[] values = picture.getRaster().getPixels(left, top, WIDTH, HEIGHT, (int[]) null);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
