package com.example.boot;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerException;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A digit's picture by its label and seed. */
@RestController
class DigitsController {
  private final Sampler sampler;

  DigitsController(Sampler sampler) {
    this.sampler = sampler;
  }

  /** No thread of the web server waits: requests that come together are one batch. */
  @GetMapping(path = "/digits/{label}", produces = MediaType.IMAGE_PNG_VALUE)
  CompletableFuture<byte[]> digit(
      @PathVariable String label, @RequestParam(defaultValue = "0") long seed) {
    int number = sampler.contract().label(label);
    return sampler
        .sampleAsync(SampleRequest.of(1).withSeed(seed).withLabel(number))
        .thenApply(samples -> samples.toGridPng(1));
  }

  /** The reason of an error says who can mend it. */
  @ExceptionHandler
  ProblemDetail refused(SamplerException e) {
    HttpStatus status =
        switch (e.reason()) {
          case INVALID_REQUEST -> HttpStatus.BAD_REQUEST;
          case OVERLOADED -> HttpStatus.SERVICE_UNAVAILABLE;
          default -> HttpStatus.INTERNAL_SERVER_ERROR;
        };
    return ProblemDetail.forStatusAndDetail(status, e.getMessage());
  }
}
