package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SamplerException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleStreamTest {
  @TempDir Path folder;

  @Test
  void givesInOrderWhatOneCallGives() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.CONDITIONAL))) {
      int count = 5 * sampler.batchRows() + 3;
      int[] labels = new int[count];
      float[] latents = new float[count * 10];
      for (int i = 0; i < count; i++) {
        labels[i] = i % 3;
        latents[i * 10 + i % 10] = i / 100f;
      }
      SampleRequest drawn = SampleRequest.of(count).withSeed(4).withFirstIndex(70);
      for (SampleRequest request :
          List.of(drawn, drawn.withLabel(2), drawn.withLabels(labels).withLatents(latents))) {
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        try (Stream<Samples> parts = sampler.stream(request)) {
          parts.forEachOrdered(part -> pixels.writeBytes(part.pixels()));
        }
        assertArrayEquals(sampler.sample(request).pixels(), pixels.toByteArray());
      }
    }
  }

  @Test
  void canBeLeftBeforeItsEnd() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNCONDITIONAL))) {
      try (Stream<Samples> parts = sampler.stream(SampleRequest.of(Integer.MAX_VALUE))) {
        assertEquals(3, parts.limit(3).count());
      }
      assertEquals(1, sampler.sample(SampleRequest.of(1)).count());
    }
  }

  @Test
  void failsWhenTheSamplerIsClosedMeanwhile() {
    Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNCONDITIONAL));
    Iterator<Samples> parts = sampler.stream(SampleRequest.of(1 << 20)).iterator();
    parts.next();
    sampler.close();
    SamplerException e =
        assertThrows(
            SamplerException.class,
            () -> {
              while (parts.hasNext()) {
                parts.next();
              }
            });
    assertEquals(Reason.CLOSED, e.reason());
  }

  @Test
  void refusesAtOnceWhatDoesNotFit() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNCONDITIONAL))) {
      refuses(sampler, SampleRequest.of(3).withLabel(1), "this generator is unconditional");
      refuses(sampler, SampleRequest.of(3).withLatents(1, 2), "latents hold 2 numbers");
      float[] latents = new float[30];
      latents[12] = Float.NaN;
      refuses(sampler, SampleRequest.of(3).withLatents(latents), "latent 1 holds NaN at 2");
    }
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.CONDITIONAL))) {
      SampleRequest request = SampleRequest.of(3).withLabels(0, 2, 3);
      refuses(sampler, request, "label 3 is not between 0 and 2");
    }
  }

  private static void refuses(Sampler sampler, SampleRequest request, String why) {
    SamplerException e = assertThrows(SamplerException.class, () -> sampler.stream(request));
    assertEquals(Reason.INVALID_REQUEST, e.reason());
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  @Test
  void takesBackWhatItAskedForInAdvanceWhenItIsLeft() {
    SamplerOptions one = SamplerOptions.DEFAULT.withWorkers(1);
    Path file = TestModels.write(folder, TestModels.UNCONDITIONAL);
    Sampler sampler = Sampler.open(file, one);
    assertEquals(0, sampler.statistics().rows()); // What was drawn to try it is not counted.
    Stream<Samples> stream = sampler.stream(SampleRequest.of(1 << 20));
    Iterator<Samples> parts = stream.iterator();
    int taken = parts.next().count();
    CompletableFuture<Samples> large = sampler.sampleAhead(SampleRequest.of(200_000));
    taken += parts.next().count(); // This one was asked for before the large one, the next after.
    stream.close();
    large.join();
    sampler.close();
    assertEquals(taken + 200_000, sampler.statistics().rows());
  }
}
