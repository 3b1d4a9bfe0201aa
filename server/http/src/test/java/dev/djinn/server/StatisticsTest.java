package dev.djinn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.TestModels;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server counts, as clients and Prometheus see it. */
class StatisticsTest extends ConformanceCase {
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
            "djinn_waiting_rows{model=\"plain\",version=\"2\"} 0.0\n",
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

  private static long difference(Map<?, ?> before, Map<?, ?> after, String field) {
    return (long) after.get(field) - (long) before.get(field);
  }
}
