package dev.djinn.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints measurements, times in microseconds. */
enum BenchReport {
  /** For people; of a server as perf_analyzer has it. */
  TEXT {
    @Override
    void print(PrintWriter out, String subject, List<Measurement> measurements) {
      out.println(subject);
      if (measurements.get(0).server() == null) {
        table(out, measurements);
      } else {
        summary(out, measurements);
      }
    }
  },
  CSV {
    @Override
    void print(PrintWriter out, String subject, List<Measurement> measurements) {
      out.println(
          "Concurrency,Batch,Images/Second,Inferences/Second,Avg latency,p50 latency,p90 latency,"
              + "p95 latency,p99 latency");
      for (Measurement m : measurements) {
        out.printf(
            Locale.ROOT,
            "%d,%d,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f%n",
            m.callers(),
            m.rows(),
            m.imagesPerSecond(),
            m.callsPerSecond(),
            m.mean(),
            m.percentile(50),
            m.percentile(90),
            m.percentile(95),
            m.percentile(99));
      }
    }
  },
  JSON {
    @Override
    void print(PrintWriter out, String subject, List<Measurement> measurements) throws IOException {
      JsonGenerator json =
          new JsonFactory().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeStringField("subject", subject);
      json.writeArrayFieldStart("measurements");
      for (Measurement m : measurements) {
        write(json, m);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.close();
      out.println();
    }
  };

  abstract void print(PrintWriter out, String subject, List<Measurement> measurements)
      throws IOException;

  private static void table(PrintWriter out, List<Measurement> measurements) {
    out.println("workers  batch    images/s    p50 µs    p90 µs    p95 µs    p99 µs");
    for (Measurement m : measurements) {
      out.printf(
          Locale.ROOT,
          "%7d %6d %11.0f %9.0f %9.0f %9.0f %9.0f%n",
          m.callers(),
          m.rows(),
          m.imagesPerSecond(),
          m.percentile(50),
          m.percentile(90),
          m.percentile(95),
          m.percentile(99));
    }
  }

  private static void summary(PrintWriter out, List<Measurement> measurements) {
    for (Measurement m : measurements) {
      line(out, "Request concurrency: %d", m.callers());
      line(out, "  Client:");
      line(out, "    Request count: %d", m.nanos().length);
      line(
          out,
          "    Throughput: %.1f infer/sec (%.1f images/sec)",
          m.callsPerSecond(),
          m.imagesPerSecond());
      line(
          out,
          "    Avg latency: %.0f usec (standard deviation %.0f usec)",
          m.mean(),
          m.deviation());
      for (int share : new int[] {50, 90, 95, 99}) {
        line(out, "    p%d latency: %.0f usec", share, m.percentile(share));
      }
      Measurement.ServerSide server = m.server();
      line(out, "  Server:");
      line(out, "    Inference count: %d", server.images());
      line(out, "    Execution count: %d", server.batches());
      line(out, "    Successful request count: %d", server.requests());
      line(
          out,
          "    Avg request latency: %.0f usec (queue %.0f usec; compute infer %.0f usec a batch)",
          server.request(),
          server.queue(),
          server.infer());
      out.println();
    }
    line(out, "Inferences/Second vs. Client Average Batch Latency");
    for (Measurement m : measurements) {
      line(
          out,
          "Concurrency: %d, throughput: %.1f infer/sec, latency %.0f usec",
          m.callers(),
          m.callsPerSecond(),
          m.mean());
    }
  }

  private static void line(PrintWriter out, String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }

  private static void write(JsonGenerator json, Measurement m) throws IOException {
    json.writeStartObject();
    json.writeNumberField("concurrency", m.callers());
    json.writeNumberField("batch", m.rows());
    json.writeNumberField("seconds", m.seconds());
    json.writeNumberField("requests", m.nanos().length);
    json.writeNumberField("images_per_second", m.imagesPerSecond());
    json.writeNumberField("mean_us", m.mean());
    json.writeNumberField("deviation_us", m.deviation());
    for (int share : new int[] {50, 90, 95, 99}) {
      json.writeNumberField("p" + share + "_us", m.percentile(share));
    }
    if (m.server() != null) {
      json.writeObjectFieldStart("server");
      json.writeNumberField("images", m.server().images());
      json.writeNumberField("batches", m.server().batches());
      json.writeNumberField("requests", m.server().requests());
      json.writeNumberField("request_us", m.server().request());
      json.writeNumberField("queue_us", m.server().queue());
      json.writeNumberField("infer_us", m.server().infer());
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
