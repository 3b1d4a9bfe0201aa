package com.example.boot;

import dev.djinn.sampler.Sampler;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the model answers: down while all workers are long at one batch. */
@Component
class SamplerHealth implements HealthIndicator {
  private static final Duration MOST = Duration.ofSeconds(10);

  private final Sampler sampler;

  SamplerHealth(Sampler sampler) {
    this.sampler = sampler;
  }

  @Override
  public Health health() {
    Duration stalled = sampler.stalled();
    return (stalled.compareTo(MOST) < 0 ? Health.up() : Health.down())
        .withDetail("provider", sampler.provider())
        .withDetail("stalledMillis", stalled.toMillis())
        .build();
  }
}
