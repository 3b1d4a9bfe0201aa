package dev.djinn.server;

import dev.djinn.sampler.BatchTimes;
import dev.djinn.sampler.SamplerStatistics;
import dev.djinn.sampler.Timing;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** What Prometheus is told. Thread-safe. */
final class Metrics {

  private static final double[] SECONDS =
      Timing.BOUNDS.stream().mapToDouble(nanos -> nanos / 1e9).toArray();
  private static final int[] ROWS = {1, 2, 4, 8, 16, 32, 64, 128};

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter requests =
      Counter.builder()
          .name("djinn_requests")
          .help("Requests by endpoint and HTTP status, or method and status of gRPC.")
          .labelNames("endpoint", "status")
          .register(registry);
  private final Histogram latency =
      Histogram.builder()
          .name("djinn_request_seconds")
          .help("Time from a request's last byte to its answer.")
          .labelNames("endpoint")
          .classicOnly()
          .classicUpperBounds(SECONDS)
          .register(registry);

  Metrics(ModelRepository models) {
    GaugeWithCallback.builder()
        .name("djinn_model_ready")
        .help("1 for a version of a model that can be used, 0 for one that could not be loaded.")
        .labelNames("model", "version", "provider")
        .callback(
            gauge -> {
              for (ServedModel model : models.all()) {
                String provider = model.ready() ? model.sampler().provider() : "none";
                gauge.call(model.ready() ? 1 : 0, model.name(), model.version(), provider);
              }
            })
        .register(registry);
    counter(models, "djinn_samples", "Images made.", SamplerStatistics::rows);
    counter(models, "djinn_batches", "Runs of a model.", done -> done.runs().count());
    counter(
        models,
        "djinn_rejected",
        "Requests refused because the model's queue was full.",
        SamplerStatistics::rejected);
    counter(
        models,
        "djinn_timed_out",
        "Requests that no worker took in time.",
        SamplerStatistics::timedOut);
    GaugeWithCallback.builder()
        .name("djinn_waiting_rows")
        .help("Images that wait for a worker of the model; what to scale by.")
        .labelNames("model", "version")
        .callback(
            gauge -> {
              for (ServedModel model : models.all()) {
                if (model.ready()) {
                  long waiting = model.sampler().statistics().waitingRows();
                  gauge.call((double) waiting, model.name(), model.version());
                }
              }
            })
        .register(registry);
    histogram(
        models,
        "djinn_queue_seconds",
        "Time from a request's arrival at the model to its first batch.",
        done -> times(done.waits()));
    histogram(
        models,
        "djinn_batch_seconds",
        "Time of a batch in the model, copying included.",
        done -> times(done.runs()));
    histogram(models, "djinn_batch_rows", "Rows in a batch.", Metrics::sizes);
  }

  /** Shows what the samplers have counted already, so that nothing is counted twice. */
  private void histogram(
      ModelRepository models,
      String name,
      String help,
      Function<SamplerStatistics, HistogramDataPointSnapshot.Builder> value) {
    registry.register(
        () -> {
          HistogramSnapshot.Builder snapshot = HistogramSnapshot.builder().name(name).help(help);
          for (ServedModel model : models.all()) {
            if (model.ready()) {
              Labels labels = Labels.of("model", model.name(), "version", model.version());
              snapshot.dataPoint(value.apply(model.sampler().statistics()).labels(labels).build());
            }
          }
          return snapshot.build();
        });
  }

  private static HistogramDataPointSnapshot.Builder times(Timing timing) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    long below = 0;
    for (int i = 0; i < SECONDS.length; i++) {
      buckets.bucket(SECONDS[i], timing.atMost().get(i) - below);
      below = timing.atMost().get(i);
    }
    buckets.bucket(Double.POSITIVE_INFINITY, timing.count() - below);
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(buckets.build())
        .sum(timing.nanos() / 1e9);
  }

  private static HistogramDataPointSnapshot.Builder sizes(SamplerStatistics done) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    int above = 0;
    for (int rows : ROWS) {
      buckets.bucket(rows, batches(done.batchSizes().subMap(above + 1, rows + 1)));
      above = rows;
    }
    buckets.bucket(Double.POSITIVE_INFINITY, batches(done.batchSizes().tailMap(above + 1)));
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(buckets.build())
        .sum((double) done.rows());
  }

  private static long batches(Map<Integer, BatchTimes> sizes) {
    return sizes.values().stream().mapToLong(BatchTimes::count).sum();
  }

  private void counter(
      ModelRepository models, String name, String help, ToLongFunction<SamplerStatistics> value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model", "version")
        .callback(
            counter -> {
              for (ServedModel model : models.all()) {
                if (model.ready()) {
                  long count = value.applyAsLong(model.sampler().statistics());
                  counter.call((double) count, model.name(), model.version());
                }
              }
            })
        .register(registry);
  }

  /** Adds the counts of what was refused with 503 before it came to a model, by reason. */
  void refusals(Map<String, LongSupplier> reasons) {
    CounterWithCallback.builder()
        .name("djinn_refused")
        .help("Requests and connections refused for want of room, by what was full.")
        .labelNames("reason")
        .callback(
            counter ->
                reasons.forEach(
                    (reason, count) -> counter.call((double) count.getAsLong(), reason)))
        .register(registry);
  }

  /** Adds a gauge whose value is asked for. */
  void gauge(String name, String help, LongSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(gauge -> gauge.call((double) value.getAsLong()))
        .register(registry);
  }

  /**
   * Counts an answer.
   *
   * @param endpoint null if the request found none
   */
  void answered(Route.Endpoint endpoint, int status, long nanos) {
    count(endpoint, status);
    latency.labelValues(name(endpoint)).observe(nanos / 1e9);
  }

  /** Counts an answer over gRPC. */
  void answered(String method, Status.Code status, long nanos) {
    requests.labelValues(method, status.name()).inc();
    latency.labelValues(method).observe(nanos / 1e9);
  }

  /** Counts an answer to a request that never arrived whole, and so took no time from then on. */
  void count(Route.Endpoint endpoint, int status) {
    requests.labelValues(name(endpoint), Integer.toString(status)).inc();
  }

  private static String name(Route.Endpoint endpoint) {
    return endpoint == null ? "none" : endpoint.name().toLowerCase(Locale.ROOT);
  }

  Reply reply() {
    PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    ByteArrayOutputStream text = new ByteArrayOutputStream(8192);
    try {
      writer.write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return new Reply(200, writer.getContentType(), Map.of(), List.of(text.toByteArray()));
  }
}
