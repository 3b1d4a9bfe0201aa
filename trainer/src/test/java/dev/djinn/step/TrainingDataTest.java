package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Rules;
import dev.djinn.settings.Settings;
import dev.djinn.trainer.TinyRun;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingDataTest {
  @Test
  void dataIsAPermutationEachEpochInTheNetworksRange() {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      Settings settings = TinyRun.settings(Map.of("batch", "19"));
      byte[] pixels = new byte[57 * 64];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) (i / 64 * 4);
      }
      TrainingData data =
          new TrainingData(
              new ImageSet("ramp", 1, 8, 8, pixels, new int[57], List.of("a", "b")),
              settings,
              manager);
      assertEquals(3, data.batchesPerEpoch());
      float[] first = seen(data, manager, 0);
      float[] second = seen(data, manager, 3);
      assertFalse(Arrays.equals(first, second));
      for (float[] epoch : List.of(first, second)) {
        Arrays.sort(epoch);
        for (int i = 0; i < 57; i++) {
          assertEquals(i * 4 / 127.5f - 1, epoch[i], 1e-6f);
        }
      }
    }
  }

  /** Colours times alpha; the colour of a clear pixel is that of black. */
  @Test
  void transparentPicturesArePremultiplied() {
    TorchEngine.get();
    byte[] pixels = {(byte) 200, 100, 50, (byte) 255, 0, (byte) 255, 51, 0};
    ImageSet set = new ImageSet("two", 4, 1, 2, pixels, new int[0], List.of());
    try (NDManager manager = NDManager.newBaseManager()) {
      for (double low : new double[] {0, -1}) {
        TrainingData data =
            new TrainingData(set, low, false, 1, 1, Rules.RealBatches.SHUFFLED, manager);
        float[] made = data.batch(manager, 0).images().toFloatArray();
        double[] expected = {200 * 51 / 65025.0, 0, 50 * 51 / 65025.0, 0, 0, 0, 51 / 255.0, 0};
        for (int i = 0; i < expected.length; i++) {
          assertEquals(low + expected[i] * (1 - low), made[i], 1e-6, "at " + i);
        }
      }
    }
  }

  private static float[] seen(TrainingData data, NDManager manager, int from) {
    float[] seen = new float[57];
    for (int b = 0; b < 3; b++) {
      try (NDManager scope = manager.newSubManager()) {
        float[] batch = data.batch(scope, from + b).images().toFloatArray();
        for (int i = 0; i < 19; i++) {
          seen[b * 19 + i] = batch[i * 64];
        }
      }
    }
    return seen;
  }

  /** With replacement, a batch of all 57 misses a picture with a probability of 1/e. */
  @Test
  void drawnBatchesHavePicturesTwiceAndDependOnTheirNumberAlone() {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      Settings settings = TinyRun.settings(Map.of("batch", "57", "real-batches", "drawn"));
      byte[] pixels = new byte[57 * 64];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) (i / 64 * 4);
      }
      ImageSet set = new ImageSet("ramp", 1, 8, 8, pixels, new int[57], List.of("a", "b"));
      TrainingData data = new TrainingData(set, settings, manager);
      float[] third = values(data, manager, 3);
      int distinct = 0;
      for (int batch = 0; batch < 20; batch++) {
        distinct +=
            (int) IntStream.range(0, 57).map(indices(data, manager, batch)).distinct().count();
      }
      // 57 (1 − (56/57)⁵⁷) = 36.2 a batch; the deviation of the sum of twenty is about 12.
      assertEquals(20 * 36.2, distinct, 60);
      assertArrayEquals(third, values(new TrainingData(set, settings, manager), manager, 3));
      assertFalse(Arrays.equals(third, values(data, manager, 4)));
    }
  }

  private static IntUnaryOperator indices(TrainingData data, NDManager manager, int batch) {
    float[] values = values(data, manager, batch);
    return i -> Math.round((values[i] + 1) * 127.5f / 4);
  }

  private static float[] values(TrainingData data, NDManager manager, int number) {
    try (NDManager scope = manager.newSubManager()) {
      float[] batch = data.batch(scope, number).images().toFloatArray();
      float[] first = new float[57];
      for (int i = 0; i < 57; i++) {
        first[i] = batch[i * 64];
      }
      return first;
    }
  }
}
