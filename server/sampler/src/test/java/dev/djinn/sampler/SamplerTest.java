package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SamplerException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
  @TempDir Path folder;

  @Test
  void pixelsAreTheImageTimes255RoundedAndChannelsLast() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNIFORM))) {
      Samples samples = sampler.sample(SampleRequest.of(5).withSeed(3));
      for (int n = 0; n < 5; n++) {
        for (int channel = 0; channel < 3; channel++) {
          for (int at = 0; at < 16; at++) {
            float image = samples.image()[(n * 3 + channel) * 16 + at];
            assertTrue(image >= 0 && image <= 1);
            assertEquals(
                (int) Math.rint(image * 255f), samples.pixels()[(n * 16 + at) * 3 + channel] & 255);
          }
        }
      }
    }
  }

  @Test
  void aSampleHasTheSamePixelsInEveryBatch() {
    SamplerOptions oneWorker = SamplerOptions.DEFAULT.withWorkers(1); // one batch up to 128 rows
    Path file = TestModels.writePerceptron(folder);
    try (Sampler sampler = Sampler.open(file, oneWorker)) {
      int most = 512;
      byte[][] alone = new byte[most][];
      for (int i = 0; i < most; i++) {
        SampleRequest one = SampleRequest.of(1).withSeed(9).withFirstIndex(i);
        alone[i] = sampler.sample(one).pixels();
      }
      for (int count = 1; count <= most; count += count < sampler.batchRows() ? 1 : 37) {
        byte[] all = sampler.sample(SampleRequest.of(count).withSeed(9)).pixels();
        for (int i = 0; i < count; i++) {
          int from = i * 784;
          assertArrayEquals(
              alone[i], Arrays.copyOfRange(all, from, from + 784), i + " among " + count);
        }
      }
      assertTrue(sampler.statistics().batchSizes().keySet().containsAll(List.of(1, 2, 127, 128)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void manyThreadsGetTheirOwnSamplesFromSharedBatches(int workers) throws Exception {
    SamplerOptions options = SamplerOptions.DEFAULT.withWorkers(workers);
    Path file = TestModels.write(folder, TestModels.CONDITIONAL);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Sampler sampler = Sampler.open(file, options)) {
      List<Callable<Void>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        SampleRequest request =
            SampleRequest.of(1 + i % 37).withSeed(i % 5).withFirstIndex(i).withLabel(i % 3);
        Samples expected = sampler.sample(request);
        boolean wait = i % 2 == 0;
        calls.add(
            () -> {
              Samples actual = wait ? sampler.sample(request) : sampler.sampleAsync(request).get();
              assertEquals(expected, actual);
              return null;
            });
      }
      for (Future<Void> call : threads.invokeAll(calls)) {
        call.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void closesTwiceAndRefusesWorkAfterwards() {
    Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNCONDITIONAL));
    sampler.close();
    sampler.close();
    SamplerException e =
        assertThrows(SamplerException.class, () -> sampler.sample(SampleRequest.of(1)));
    assertEquals(Reason.CLOSED, e.reason());
    assertEquals("the sampler is closed", e.getMessage());
  }
}
