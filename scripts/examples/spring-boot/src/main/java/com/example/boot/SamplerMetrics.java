package com.example.boot;

import dev.djinn.sampler.Sampler;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** What the sampler counts, as meters. */
@Component
class SamplerMetrics implements MeterBinder {
  private final Sampler sampler;

  SamplerMetrics(Sampler sampler) {
    this.sampler = sampler;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("djinn.samples", sampler, s -> s.statistics().rows())
        .description("Images made")
        .register(registry);
    FunctionCounter.builder("djinn.rejected", sampler, s -> s.statistics().rejected())
        .description("Requests refused because the queue was full")
        .register(registry);
    Gauge.builder("djinn.waiting.rows", sampler, s -> s.statistics().waitingRows())
        .description("Images that wait for a worker")
        .register(registry);
    FunctionTimer.builder(
            "djinn.batch",
            sampler,
            s -> s.statistics().runs().count(),
            s -> s.statistics().runs().nanos(),
            TimeUnit.NANOSECONDS)
        .description("Batches in the model")
        .register(registry);
  }
}
