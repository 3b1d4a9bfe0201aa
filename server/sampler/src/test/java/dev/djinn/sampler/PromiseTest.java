package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that promise more than they keep: the same picture, a picture at all, an end. */
class PromiseTest {
  private static final SamplerOptions OPTIONS =
      SamplerOptions.DEFAULT.withForeign(
          ForeignModel.of(Latent.normal(8), List.of(), new Image(3, 4, 4), -1, 1));

  @TempDir Path folder;

  @Test
  void findsRandomnessInsideWhenItOpensAModelAndSaysSo() throws Exception {
    Path file = AnyGeneratorTest.met("random_noise.onnx");
    String why = "it draws another picture each time, so there is something random inside";
    try (Sampler sampler = Sampler.open(file, OPTIONS)) {
      assertEquals(Optional.of(why), sampler.contract().brokenSeed());
      assertEquals(why, sampler.contract().parity().get("seed"));
    }
    SamplerException e =
        assertThrows(SamplerException.class, () -> Sampler.open(file, strict(OPTIONS)));
    assertEquals(file + ": it breaks the promise of the seed: " + why, e.getMessage());
    assertEquals(Reason.INVALID_MODEL, e.reason());
  }

  @Test
  void findsAPictureThatDependsOnItsBatch() {
    Path file = new ForeignGraph().centredBatch().write(folder.resolve("centred.onnx"));
    try (Sampler sampler = Sampler.open(file, OPTIONS)) {
      assertEquals(
          Optional.of("a picture depends on those that are drawn beside it"),
          sampler.contract().brokenSeed());
    }
  }

  @Test
  void aModelThatKeepsThePromisePassesStrictly() {
    Path file = TestModels.write(folder, TestModels.CONDITIONAL);
    try (Sampler sampler = Sampler.open(file, strict(SamplerOptions.DEFAULT))) {
      assertEquals(Optional.empty(), sampler.contract().brokenSeed());
      assertEquals(0, sampler.statistics().rows()); // The first samples were nobody's.
    }
  }

  @Test
  void whatIsNotANumberIsAnErrorForItsOwnRowsAndNobodyElses() throws Exception {
    try (Sampler sampler =
        Sampler.open(AnyGeneratorTest.met("rare_nan.onnx"), OPTIONS.withWorkers(1))) {
      List<Integer> bad = new ArrayList<>();
      List<Integer> good = new ArrayList<>();
      for (int seed = 0; seed < 60; seed++) {
        try {
          sampler.sample(SampleRequest.of(1).withSeed(seed).withOutputs(Output.PIXELS));
          good.add(seed);
        } catch (SamplerException e) {
          assertEquals(Reason.FAILED, e.reason());
          assertEquals(
              "the model made numbers that are not finite, which are no picture", e.getMessage());
          bad.add(seed);
        }
      }
      assertTrue(bad.size() > 2 && good.size() > 2, bad + " " + good);
      // All at once, so that they share batches.
      List<CompletableFuture<Samples>> all = new ArrayList<>();
      for (int seed = 0; seed < 60; seed++) {
        all.add(sampler.sampleAsync(SampleRequest.of(1).withSeed(seed)));
      }
      for (int seed = 0; seed < 60; seed++) {
        CompletableFuture<Samples> one = all.get(seed);
        if (good.contains(seed)) {
          assertEquals(1, one.join().count());
        } else {
          assertThrows(CompletionException.class, one::join);
        }
      }
    }
  }

  @Test
  void anOwnModelThatDrawsNoNumbersIsRefused() {
    Path file = TestModels.writeNotANumber(folder.resolve("model.onnx"));
    SamplerException e = assertThrows(SamplerException.class, () -> Sampler.open(file));
    assertEquals(
        file + ": the model made numbers that are not finite, which are no picture",
        e.getMessage());
    assertEquals(Reason.INVALID_MODEL, e.reason());
  }

  @Test
  void givesAModelUpThatNeverDrawsItsFirstPicture() throws Exception {
    Path file = AnyGeneratorTest.met("endless-loop.onnx");
    SamplerOptions options = SamplerOptions.DEFAULT.withBounds(bounds(300));
    SamplerException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(30),
            () -> assertThrows(SamplerException.class, () -> Sampler.open(file, options)));
    assertEquals(file + ": the model did not answer within 300 ms and was stopped", e.getMessage());
    assertEquals(Reason.INVALID_MODEL, e.reason());
  }

  @Test
  void stopsARunThatDoesNotEndAndGoesOnWithTheNext() {
    Path file = new ForeignGraph().endlessBelow(-1000).write(folder.resolve("sometimes.onnx"));
    try (Sampler sampler = Sampler.open(file, OPTIONS.withBounds(bounds(400)))) {
      Samples before = sampler.sample(SampleRequest.of(3));
      SampleRequest never = SampleRequest.of(1).withLatents(-2000, -2000, -2000, -2000, 0, 0, 0, 0);
      SamplerException e =
          assertTimeoutPreemptively(
              Duration.ofSeconds(30),
              () -> assertThrows(SamplerException.class, () -> sampler.sample(never)));
      assertEquals(Reason.TIMED_OUT, e.reason());
      assertEquals("the model did not answer within 400 ms and was stopped", e.getMessage());
      assertEquals(before, sampler.sample(SampleRequest.of(3)));
    }
  }

  @Test
  void closingDoesNotWaitForARunThatDoesNotEnd() {
    Path file = new ForeignGraph().endlessBelow(-1000).write(folder.resolve("sometimes.onnx"));
    Sampler sampler = Sampler.open(file, OPTIONS.withBounds(bounds(3_600_000)));
    float[] latent = {-2000, -2000, -2000, -2000, 0, 0, 0, 0};
    CompletableFuture<Void> running =
        sampler.submit(Rows.of(1, FloatBuffer.wrap(latent)).toImage(FloatBuffer.allocate(48)));
    assertTimeoutPreemptively(Duration.ofSeconds(25), sampler::close);
    assertThrows(CompletionException.class, running::join);
  }

  @Test
  void givesUpReadingAModelAfterItsTime() {
    Path file = TestModels.writePerceptron(folder);
    ModelBounds none = new ModelBounds(Duration.ofNanos(1), Duration.ofSeconds(1), false);
    SamplerException e =
        assertThrows(
            SamplerException.class,
            () -> Sampler.open(file, SamplerOptions.DEFAULT.withBounds(none)));
    assertEquals(file + " was not loaded within 0 s and is given up", e.getMessage());
    assertEquals(Reason.INVALID_MODEL, e.reason());
  }

  private static SamplerOptions strict(SamplerOptions options) {
    return options.withBounds(new ModelBounds(Duration.ofMinutes(1), Duration.ofMinutes(1), true));
  }

  private static ModelBounds bounds(long runMillis) {
    return new ModelBounds(Duration.ofMinutes(1), Duration.ofMillis(runMillis), false);
  }
}
