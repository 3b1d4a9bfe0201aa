package dev.djinn.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.run.SafeTensors;
import dev.djinn.run.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierHoldOutTest {
  @TempDir Path folder;

  @Test
  void aTenthOfEachClassIsHeldOut() {
    ImageSet set = stripes(40);
    ClassifierTraining.Split split = ClassifierTraining.Split.of(set, 1);
    assertArrayEquals(new int[] {18, 18}, split.train().classCounts());
    assertArrayEquals(new int[] {2, 2}, split.held().classCounts());
    assertEquals(split.held().checksum(), ClassifierTraining.Split.of(set, 1).held().checksum());
  }

  /** Stripes that run across or down: 36 of them, fewer than a batch, are enough to tell. */
  @Test
  void learnsFromFewerPicturesThanABatchAndStoresHowOftenItIsRight() throws IOException {
    ClassifierTraining.Split split = ClassifierTraining.Split.of(stripes(40), 1);
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Classifier classifier =
            ClassifierTraining.train(split.train(), 60, false, 1, manager, line -> {})) {
      Classifier.Accuracy accuracy =
          ClassifierTraining.accuracies(classifier, split.held(), manager);
      assertEquals(1, accuracy.all());
      assertEquals(List.of(1.0, 1.0), accuracy.byClass());
      Path file = folder.resolve("c.safetensors");
      classifier.write(file, Optional.of(accuracy));
      Map<String, SafeTensors.Tensor> stored = SafeTensors.read(file);
      assertEquals(1f, stored.get("accuracy").values().get(0));
      assertEquals(4f, stored.get("accuracy").values().get(1));
      assertEquals(2, stored.get("class_accuracy").values().remaining());
      try (Classifier again = Classifier.parse("c", Files.readAllBytes(file), manager)) {
        assertEquals(2, again.classes());
      }
    }
  }

  private static ImageSet stripes(int count) {
    byte[] pixels = new byte[count * 64];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
      for (int p = 0; p < 64; p++) {
        int along = labels[i] == 0 ? p / 8 : p % 8;
        pixels[i * 64 + p] = (byte) ((along + i / 2) % 4 < 2 ? 230 - i : 20 + i);
      }
    }
    return new ImageSet("stripes", 1, 8, 8, pixels, labels, Arrays.asList("across", "down"));
  }
}
