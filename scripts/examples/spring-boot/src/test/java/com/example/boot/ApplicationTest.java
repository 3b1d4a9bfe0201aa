package com.example.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    // Tests export no metrics unless told to.
    properties = {
      "management.prometheus.metrics.export.enabled=true",
      "spring.test.metrics.export=true"
    })
class ApplicationTest {
  @Value("${local.server.port}")
  private int port;

  @Autowired private Sampler sampler;

  @Test
  void answersThePictureOfALabelAndASeed() throws Exception {
    HttpResponse<byte[]> digit = get("/digits/7?seed=42");
    assertEquals(200, digit.statusCode());
    assertEquals("image/png", digit.headers().firstValue("Content-Type").orElse(""));
    SampleRequest request = SampleRequest.of(1).withSeed(42).withLabel(7);
    assertArrayEquals(sampler.sample(request).toGridPng(1), digit.body());
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    HttpResponse<byte[]> none = get("/digits/eleven");
    assertEquals(400, none.statusCode());
    assertTrue(text(none).contains("eleven"), text(none));
  }

  @Test
  void tellsHealthAndMetrics() throws Exception {
    get("/digits/1");
    String health = text(get("/actuator/health"));
    assertTrue(health.startsWith("{\"components\"") || health.contains("\"sampler\""), health);
    assertTrue(health.contains("\"provider\":\"cpu\""), health);
    String metrics = text(get("/actuator/prometheus"));
    assertTrue(metrics.matches("(?s).*\ndjinn_samples_total [1-9].*"), metrics);
    assertTrue(metrics.contains("\ndjinn_waiting_rows 0.0"), metrics);
    assertTrue(metrics.matches("(?s).*\ndjinn_batch_seconds_count [1-9].*"), metrics);
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
