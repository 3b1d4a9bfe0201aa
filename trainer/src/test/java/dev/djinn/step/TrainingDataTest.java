package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Settings;
import dev.djinn.trainer.TinyRun;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
}
