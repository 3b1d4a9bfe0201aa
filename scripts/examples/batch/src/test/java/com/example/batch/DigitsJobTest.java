package com.example.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitsJobTest {
  @TempDir Path folder;

  @Test
  void writesEachLabelAsOftenAndTheSameFilesAgain() throws Exception {
    int count = 2000;
    try (Sampler sampler = Sampler.open(Path.of("cgan-mnist"))) {
      DigitsJob.write(sampler, count, 42, folder.resolve("a"));
      DigitsJob.write(sampler, count, 42, folder.resolve("b"));

      byte[] labels = Files.readAllBytes(folder.resolve("a/labels-idx1-ubyte"));
      assertEquals(8 + count, labels.length);
      int[] times = new int[10];
      for (int i = 0; i < count; i++) {
        times[labels[8 + i]]++;
      }
      for (int label = 0; label < 10; label++) {
        assertEquals(count / 10, times[label], "of " + label);
      }
      byte[] images = Files.readAllBytes(folder.resolve("a/images-idx3-ubyte"));
      assertArrayEquals(images, Files.readAllBytes(folder.resolve("b/images-idx3-ubyte")));
      assertEquals(16 + count * 28 * 28, images.length);
      assertEquals(count, ByteBuffer.wrap(images).getInt(4));

      // Picture 1234 is the one that the library draws alone.
      byte[] one =
          sampler
              .sample(SampleRequest.of(1).withSeed(42).withFirstIndex(1234).withLabel(4))
              .pixels();
      assertArrayEquals(one, java.util.Arrays.copyOfRange(images, 16 + 1234 * 784, 16 + 1235 * 784));
    }
  }
}
