package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.LatentSpace;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PicturesTest {

  private static final String SAMPLES = "/v2/models/labelled/samples";

  @TempDir static Path folder;

  private static SamplerServer server;
  private static Client client;
  private static Sampler sampler;

  @BeforeAll
  static void start() throws IOException {
    server = SamplerServer.start(ServedModels.repository(folder), ServedModels.options());
    client = new Client(server);
    sampler = Sampler.open(folder.resolve("labelled"));
  }

  @AfterAll
  static void stop() {
    server.close();
    sampler.close();
  }

  @Test
  void sendsAGridByDefault() throws IOException {
    HttpResponse<byte[]> response = client.get(SAMPLES + "?count=6&seed=42&columns=3");
    assertEquals(200, response.statusCode(), Client.text(response));
    assertEquals("image/png", type(response));
    BufferedImage grid = ImageIO.read(new ByteArrayInputStream(response.body()));
    assertEquals(12, grid.getWidth());
    assertEquals(8, grid.getHeight());
    Samples samples = sampler.sample(SampleRequest.of(6).withSeed(42));
    for (int i = 0; i < 6; i++) {
      for (int p = 0; p < 16; p++) {
        int pixel = grid.getRaster().getSample(i % 3 * 4 + p % 4, i / 3 * 4 + p / 4, 0);
        assertEquals(samples.pixels()[i * 16 + p] & 255, pixel);
      }
    }
  }

  @Test
  void sendsRawPixels() {
    HttpResponse<byte[]> response =
        client.get(SAMPLES + "?count=5&seed=-7&first=3&label=two&format=raw");
    assertEquals("application/octet-stream", type(response));
    assertEquals("5, 4, 4, 1", response.headers().firstValue("Djinn-Shape").orElse(""));
    assertArrayEquals(
        pixels(SampleRequest.of(5).withSeed(-7).withFirstIndex(3).withLabel(2)), response.body());
  }

  @ParameterizedTest
  @CsvSource({"label=1", "label=one"})
  void sendsNumpyArrays(String label) {
    HttpResponse<byte[]> response = client.get(SAMPLES + "?count=2&format=npy&" + label);
    byte[] body = response.body();
    assertEquals("application/x-npy", type(response));
    int length = 10 + (body[8] & 255) + 256 * (body[9] & 255);
    assertEquals(0, length % 64);
    String header = new String(body, 10, length - 10, StandardCharsets.US_ASCII);
    assertEquals(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4, 4, 1), }", header.strip());
    assertArrayEquals(
        pixels(SampleRequest.of(2).withLabel(1)), Arrays.copyOfRange(body, length, body.length));
  }

  @Test
  void sendsAPictureASample() throws IOException {
    HttpResponse<byte[]> response = client.get(SAMPLES + "?count=3&first=10&format=zip");
    assertEquals("application/zip", type(response));
    Samples samples = sampler.sample(SampleRequest.of(3).withFirstIndex(10));
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(response.body()))) {
      for (int i = 0; i < 3; i++) {
        ZipEntry entry = zip.getNextEntry();
        assertEquals("00001" + i + ".png", entry.getName());
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(zip.readAllBytes()));
        assertEquals(samples.pixels()[i * 16 + 5] & 255, picture.getRaster().getSample(1, 1, 0));
      }
    }
  }

  @Test
  void sendsJsonToThoseWhoAcceptIt() {
    HttpResponse<byte[]> response =
        client.get(
            SAMPLES + "?count=2&seed=9223372036854775807",
            "Accept",
            "application/json;q=0.9, text/html");
    Map<?, ?> json = Client.json(response);
    assertEquals("9223372036854775807", json.get("seed"));
    assertEquals(List.of(2L, 4L, 4L, 1L), json.get("shape"));
    Samples samples = sampler.sample(SampleRequest.of(2).withSeed(Long.MAX_VALUE));
    assertEquals(Arrays.toString(samples.labels()), json.get("labels").toString());
    assertEquals(samples.pixels()[20] & 255L, ((List<?>) json.get("pixels")).get(20));
  }

  @ParameterizedTest
  @CsvSource({"-3, 9", "0, 1", "41, 9223372036854775807"})
  void walksBetweenTwoSeeds(long seed, long to) {
    Latent prior = sampler.contract().latent();
    float[] walk =
        LatentSpace.spherical(
            LatentSpace.point(seed, 5, prior), LatentSpace.point(to, 5, prior), 7);
    assertArrayEquals(
        pixels(SampleRequest.of(7).withLabel(2).withLatents(walk)),
        raw("count=7&first=5&label=2&seed=" + seed + "&to=" + to));
    // Both ends are samples of their own, and without a label all steps have the first one's.
    int label = sampler.sample(SampleRequest.of(1).withSeed(seed)).labels()[0];
    byte[] unlabelled = raw("count=3&seed=" + seed + "&to=" + to);
    assertArrayEquals(raw("count=1&seed=" + seed), Arrays.copyOf(unlabelled, 16));
    assertArrayEquals(
        raw("count=1&seed=" + to + "&label=" + label), Arrays.copyOfRange(unlabelled, 32, 48));
  }

  @Test
  void showsThePlaneOfTheFirstTwoNumbers() throws IOException {
    float[] plane = LatentSpace.manifold(3, sampler.contract().latent());
    SampleRequest request = SampleRequest.of(9).withLabel(1).withLatents(plane);
    assertArrayEquals(pixels(request), raw("manifold=3&label=1"));
    byte[] grid = client.get(SAMPLES + "?manifold=3&label=1").body();
    assertEquals(12, ImageIO.read(new ByteArrayInputStream(grid)).getWidth());
  }

  @Test
  void takesLatentsInTheAddress() {
    float[] latents = {1, -2.5f, 0, 3e-2f, .5f, 0, 0, 0, 0, 4, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    String text = "1,-2.5,0,3e-2,0.5,0,0,0,0,4,9,8,7,6,5,4,3,2,1,0";
    SampleRequest request = SampleRequest.of(2).withLabel(0).withLatents(latents);
    assertArrayEquals(pixels(request), raw("label=zero&latent=" + text));
    HttpResponse<byte[]> generated =
        client.post(
            "/v2/models/labelled/generate",
            "{\"label\":0,\"latent\":\"" + text + "\",\"format\":\"raw\"}");
    assertArrayEquals(pixels(request), generated.body());
    String one = "?label=0&latent=0,0,0,0,0,0,0,0,0,";
    assertNotEquals(
        client.get(SAMPLES + one + "1").headers().firstValue("ETag").orElseThrow(),
        client.get(SAMPLES + one + "2").headers().firstValue("ETag").orElseThrow());
  }

  private static byte[] raw(String query) {
    HttpResponse<byte[]> response = client.get(SAMPLES + "?format=raw&" + query);
    assertEquals(200, response.statusCode(), Client.text(response));
    return response.body();
  }

  @Test
  void knowsWhatAClientHasSeen() {
    HttpResponse<byte[]> first = client.get(SAMPLES + "?count=2&seed=1");
    String tag = first.headers().firstValue("ETag").orElseThrow();
    HttpResponse<byte[]> again = client.get(SAMPLES + "?count=2&seed=1", "If-None-Match", tag);
    assertEquals(304, again.statusCode());
    assertEquals(0, again.body().length);
    assertEquals(304, client.get(SAMPLES + "?seed=1", "If-None-Match", "*").statusCode());
    HttpResponse<byte[]> other = client.get(SAMPLES + "?count=2&seed=2", "If-None-Match", tag);
    assertEquals(200, other.statusCode());
    assertNotEquals(tag, other.headers().firstValue("ETag").orElseThrow());
    assertArrayEquals(first.body(), client.get(SAMPLES + "?seed=1&count=2").body());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "count=0 | count is '0'; give an integer from 1 to 4096",
        "count=4097 | from 1 to 4096",
        "count=x | count is 'x'",
        "count=1&count=2 | more than once",
        "seed=1.5 | seed is '1.5'",
        "seed=9223372036854775808 | seed is '9223372036854775808'",
        "label=three | unknown label 'three'; known are zero, one, two",
        "label=3 | unknown label '3'",
        "columns=0 | columns is '0'",
        "first=-1 | first is '-1'",
        "format=gif | none of png, npy, zip, raw, json",
        "sed=7 | there is no parameter 'sed'",
        "to=x | to is 'x'",
        "to=1&count=1 | count is '1'; give an integer from 2",
        "to=1&manifold=3 | to and manifold exclude each other",
        "manifold=1 | manifold is '1'; give an integer from 2 to 64",
        "manifold=3&count=8 | count is '8', but the latents make 9",
        "latent=1,2 | latent holds 2 numbers; this model takes 10 a sample",
        "latent=1,2,3,4,5,6,7,8,9,NaN | latent holds 'NaN', which is not a finite number",
        "latent=1,2,3,4,5,6,7,8,9,1e39 | latent holds '1e39', which is not a finite number",
        "latent=1,2,3,4,5,6,7,8,9,0x1p3 | latent holds '0x1p3'",
        "seed=%25zz | seed is '%zz'",
      })
  void refusesQueriesThatMakeNoSense(String query, String why) {
    HttpResponse<byte[]> response = client.get(SAMPLES + "?" + query);
    assertEquals(400, response.statusCode());
    assertTrue(Client.error(response).contains(why), Client.error(response));
  }

  @Test
  void refusesALabelWhereThereAreNone() {
    HttpResponse<byte[]> response = client.get("/v2/models/plain/samples?label=1");
    assertEquals(400, response.statusCode());
    assertTrue(Client.error(response).contains("no labels"));
  }

  @Test
  void generatesFromJson() throws IOException {
    String path = "/v2/models/labelled/generate";
    byte[] expected = pixels(SampleRequest.of(2).withSeed(5).withLabel(1));
    for (String body :
        List.of(
            "{\"count\":2,\"seed\":5,\"label\":\"one\",\"format\":\"raw\"}",
            "{\"parameters\":{\"count\":2,\"seed\":\"5\",\"label\":1},\"format\":\"raw\"}")) {
      HttpResponse<byte[]> response = client.post(path, body);
      assertEquals(200, response.statusCode(), Client.text(response));
      assertArrayEquals(expected, response.body());
    }
    Map<?, ?> json = Client.json(client.post(path, "{\"count\":2,\"seed\":5,\"label\":1}"));
    assertEquals(expected[7] & 255L, ((List<?>) json.get("pixels")).get(7));
    assertEquals("image/png", type(client.post(path, "{}", "Accept", "image/png")));
    for (String body :
        List.of("", "[]", "{\"count\":[1]}", "{\"count\":0}", "{\"cuont\":1}", "{")) {
      assertEquals(400, client.post(path, body).statusCode(), body);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image/png;q=0, */* | application/x-npy",
        "*/* | image/png",
        "image/*, application/json | image/png",
        "application/json;q=0.5, */*;q=0.8 | image/png",
        "application/*;q=0.9, application/x-npy;q=0.1, image/* ; q=0.2 | application/zip",
        "application/json;q=0.7, application/zip;v=1;q=0.9 | application/zip",
        "APPLICATION/JSON | application/json",
      })
  void sendsWhatIsPreferred(String accept, String type) {
    assertEquals(type, type(client.get(SAMPLES + "?count=1", "Accept", accept)));
  }

  @Test
  void pullsAsFarAsTheLibraryDoes() throws RequestException {
    // As a float 0.7 is 0.699999988.
    Limits limits = Limits.defaults();
    byte[] json = "{\"truncation\":0.7}".getBytes(StandardCharsets.UTF_8);
    for (SampleQuery query :
        List.of(
            SampleQuery.of(Map.of("truncation", List.of("0.7")), sampler.contract(), limits),
            SampleQuery.read(new Json(limits), json, sampler.contract(), limits))) {
      assertEquals(0.7, query.request(sampler.contract()).truncation());
    }
  }

  @Test
  void refusesTypesItDoesNotHave() {
    assertEquals(406, client.get(SAMPLES, "Accept", "image/gif").statusCode());
  }

  private static String type(HttpResponse<byte[]> response) {
    return response.headers().firstValue("Content-Type").orElse("");
  }

  private static byte[] pixels(SampleRequest request) {
    return sampler.sample(request.withOutputs(Output.PIXELS)).pixels();
  }
}
