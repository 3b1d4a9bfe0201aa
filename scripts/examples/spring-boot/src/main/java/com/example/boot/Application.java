package com.example.boot;

import dev.djinn.sampler.Sampler;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Pictures of digits over HTTP. */
@SpringBootApplication
public class Application {
  /** Runs it. */
  public static void main(String[] args) {
    SpringApplication.run(Application.class, args);
  }

  /** One for all threads. Spring closes it at the end, which waits for running calls. */
  @Bean
  Sampler sampler(@Value("${digits.model}") String model) {
    return Sampler.open(Path.of(model));
  }
}
