package dev.djinn.sampler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowsTest {
  @TempDir Path folder;

  @Test
  void writesIntoDirectBuffersAtTheirPositionsAndNowhereElse() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.CONDITIONAL))) {
      Samples expected = sampler.sample(SampleRequest.of(200).withSeed(5).withLabel(2));
      FloatBuffer latents = direct(200 * 10 * 4).asFloatBuffer();
      Latents.fill(5, 0, 200, latents, sampler.contract().latent());
      LongBuffer labels = LongBuffer.allocate(200);
      while (labels.hasRemaining()) {
        labels.put(2);
      }
      labels.flip();
      FloatBuffer image = direct((200 * 16 + 6) * 4).asFloatBuffer().position(3);
      ByteBuffer pixels = direct(200 * 16 + 10).position(5);
      Rows rows = Rows.of(200, latents).withLabels(labels).toImage(image).toPixels(pixels);
      sampler.submit(rows).join();
      for (int i = 0; i < image.capacity(); i++) {
        boolean inside = i >= 3 && i < 3 + 3200;
        assertEquals(inside ? expected.image()[i - 3] : 0, image.get(i), "image " + i);
      }
      for (int i = 0; i < pixels.capacity(); i++) {
        boolean inside = i >= 5 && i < 5 + 3200;
        assertEquals(inside ? expected.pixels()[i - 5] : 0, pixels.get(i), "pixels " + i);
      }
      assertEquals(0, latents.position());
      assertEquals(0, labels.position());
      assertEquals(3, image.position());
      assertEquals(5, pixels.position());
    }
  }

  @Test
  void takesBigEndianBuffersAsNumbersNotAsBytes() {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, TestModels.UNCONDITIONAL))) {
      Samples expected = sampler.sample(SampleRequest.of(2).withSeed(5));
      FloatBuffer latents = ByteBuffer.allocate(80).order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
      Latents.fill(5, 0, 2, latents, sampler.contract().latent());
      FloatBuffer image = ByteBuffer.allocate(128).order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
      sampler.run(Rows.of(2, latents).toImage(image));
      float[] actual = new float[32];
      image.get(actual);
      assertArrayEquals(expected.image(), actual);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    FloatBuffer two = FloatBuffer.allocate(20);
    ByteBuffer pixels = ByteBuffer.allocate(32);
    refuses(
        "latents hold 20 numbers, but 3 x 10 are needed",
        TestModels.UNCONDITIONAL,
        Rows.of(3, two).toPixels(pixels));
    refuses(
        "neither image nor pixels wanted: ask for at least one",
        TestModels.UNCONDITIONAL,
        Rows.of(2, two));
    refuses(
        "buffer for pixels has room for 31 of 32",
        TestModels.UNCONDITIONAL,
        Rows.of(2, two).toPixels(ByteBuffer.allocate(31)));
    refuses(
        "buffer for image has room for 0 of 32",
        TestModels.UNCONDITIONAL,
        Rows.of(2, two).toPixels(pixels).toImage(FloatBuffer.allocate(0)));
    refuses(
        "buffer for pixels is read-only",
        TestModels.UNCONDITIONAL,
        Rows.of(2, two).toPixels(pixels.asReadOnlyBuffer()));
    refuses(
        "labels given, but this generator is unconditional",
        TestModels.UNCONDITIONAL,
        Rows.of(2, two).toPixels(pixels).withLabels(LongBuffer.allocate(2)));
    refuses(
        "no labels given, but this generator needs one a row",
        TestModels.CONDITIONAL,
        Rows.of(2, two).toPixels(pixels));
    refuses(
        "3 labels given for 2 rows",
        TestModels.CONDITIONAL,
        Rows.of(2, two).toPixels(pixels).withLabels(LongBuffer.allocate(3)));
    refuses(
        "label 3 is not between 0 and 2",
        TestModels.CONDITIONAL,
        Rows.of(2, two).toPixels(pixels).withLabels(LongBuffer.wrap(new long[] {0, 3})));
    refuses(
        "label -1 is not between 0 and 2",
        TestModels.CONDITIONAL,
        Rows.of(2, two).toPixels(pixels).withLabels(LongBuffer.wrap(new long[] {-1, 0})));
    FloatBuffer infinite = FloatBuffer.allocate(20).put(13, Float.NaN);
    refuses(
        "latent 1 holds NaN at 3: numbers must be finite",
        TestModels.UNCONDITIONAL,
        Rows.of(2, infinite).toPixels(pixels));
  }

  private void refuses(String message, GeneratorContract contract, Rows rows) {
    try (Sampler sampler = Sampler.open(TestModels.write(folder, contract))) {
      SamplerException now = assertThrows(SamplerException.class, () -> sampler.run(rows));
      assertEquals(message, now.getMessage());
      assertEquals(Reason.INVALID_REQUEST, now.reason());
      CompletionException later =
          assertThrows(CompletionException.class, () -> sampler.submit(rows).join());
      assertEquals(message, later.getCause().getMessage());
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
