package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.SamplerException.Reason;
import java.nio.file.Path;
import java.util.Arrays;
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

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 128, 129, 300})
  void aSampleHasTheSamePixelsInEveryBatch(int count) {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.CONDITIONAL))) {
      byte[] all = sampler.sample(SampleRequest.of(count).withSeed(9)).pixels();
      for (int i : new int[] {0, count / 2, count - 1}) {
        byte[] alone = sampler.sample(SampleRequest.of(1).withSeed(9).withFirstIndex(i)).pixels();
        assertArrayEquals(alone, Arrays.copyOfRange(all, i * 16, i * 16 + 16), "sample " + i);
      }
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
