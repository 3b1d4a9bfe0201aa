package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.graph.OnnxChecker;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.Samples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransparentExportTest {
  private static final int HEIGHT = 5;
  private static final int WIDTH = 7;
  private static final int PLANE = HEIGHT * WIDTH;
  private static final int PICTURES = 300;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(PixelRange.class)
  void givesAPictureThatItKnowsBackByteForByte(PixelRange range) {
    byte[] pictures = pictures();
    ExportResult made =
        OnnxExporter.export(knowing(pictures, range), ExportOptions.defaults(), folder);
    OnnxChecker.check(made.file());
    assertEquals(0, made.parity().pixelLevels());
    try (Sampler sampler = Sampler.open(made.file())) {
      assertEquals(2, sampler.contract().version());
      assertEquals(new GeneratorContract.Image(4, HEIGHT, WIDTH), sampler.contract().image());
      Samples drawn =
          sampler.sample(
              SampleRequest.of(PICTURES)
                  .withLabels(IntStream.range(0, PICTURES).toArray())
                  .withOutputs(Output.IMAGE, Output.PIXELS));
      assertArrayEquals(pictures, drawn.pixels());
      for (int i = 0; i < pictures.length; i++) {
        int at = (i / 4 / PLANE * 4 + i % 4) * PLANE + i / 4 % PLANE;
        assertEquals((pictures[i] & 0xff) / 255f, drawn.image()[at], 2e-5f);
      }
    }
  }

  /** What alpha says is not there has no colour, and colours stay in their range. */
  @Test
  void aPixelThatIsClearInBytesIsBlack() {
    // Premultiplied red, green, blue and alpha, next to where alpha × 255 rounds to 0.
    float[][] made = {
      {0.5f, 0.25f, -0.1f, 0},
      {0.001f, 0, 0, 0.5f / 255},
      {0.001f, 0, 0.5f, 0.501f / 255},
      {2, 0.5f, -1, 0.5f},
      {1.5f, 0.3f, 0, 1.5f}
    };
    float[][] expected = {
      {0, 0, 0, 0},
      {0, 0, 0, 0.5f / 255},
      {0.001f * 255 / 0.501f, 0, 1, 0.501f / 255},
      {1, 1, 0, 0.5f},
      {1, 0.3f, 0, 1}
    };
    for (int i = 0; i < made.length; i++) {
      Generator one = constant(made[i]);
      Path file = OnnxExporter.export(one, ExportOptions.defaults(), folder).file();
      try (Sampler sampler = Sampler.open(file)) {
        Samples drawn =
            sampler.sample(SampleRequest.of(1).withOutputs(Output.IMAGE, Output.PIXELS));
        assertArrayEquals(expected[i], drawn.image(), 1e-6f, Arrays.toString(drawn.image()));
        for (int c = 0; c < 4; c++) {
          assertEquals(Math.rint(drawn.image()[c] * 255f), drawn.pixels()[c] & 0xff);
        }
      }
    }
  }

  @Test
  void verifyTellsOtherColoursAndOtherAlpha() {
    byte[] pictures = pictures();
    Path file =
        OnnxExporter.export(
                knowing(pictures, PixelRange.ZERO_TO_ONE), ExportOptions.defaults(), folder)
            .file();
    OnnxExporter.verify(file, knowing(pictures, PixelRange.ZERO_TO_ONE));
    for (int channel : new int[] {0, 3}) {
      byte[] other = pictures.clone();
      int at = 4 * 3 + channel; // an opaque pixel
      other[at] ^= 1;
      ExportException e =
          assertThrows(
              ExportException.class,
              () -> OnnxExporter.verify(file, knowing(other, PixelRange.ZERO_TO_ONE)));
      assertTrue(e.getMessage().contains("not the trained network"), e.getMessage());
    }
  }

  /** Bytes (n, height, width, 4), some clear, some opaque, some between, straight. */
  private static byte[] pictures() {
    byte[] pictures = new byte[PICTURES * PLANE * 4];
    Random random = new Random(5);
    random.nextBytes(pictures);
    for (int i = 0; i < pictures.length; i += 4) {
      switch (i / 4 % 4) {
        case 0 -> Arrays.fill(pictures, i, i + 4, (byte) 0);
        case 1, 2 -> pictures[i + 3] = (byte) Math.max(1, pictures[i + 3] & 0xff);
        default -> pictures[i + 3] = -1;
      }
    }
    return pictures;
  }

  /** A network that draws the picture that the label says: its rows are what networks learn. */
  private static Generator knowing(byte[] pictures, PixelRange range) {
    int count = pictures.length / PLANE / 4;
    float[] rows = new float[pictures.length];
    for (int i = 0; i < pictures.length; i++) {
      int pixel = i / 4;
      float alpha = (pictures[4 * pixel + 3] & 0xff) / 255f;
      float value = i % 4 == 3 ? alpha : (pictures[i] & 0xff) / 255f * alpha;
      int at = (pixel / PLANE * 4 + i % 4) * PLANE + pixel % PLANE;
      rows[at] = range == PixelRange.ZERO_TO_ONE ? value : 2 * value - 1;
    }
    Network network =
        new Network(
            "knowing",
            new Shape(1),
            count,
            List.of(
                new Layer.LabelOneHot(1),
                new Layer.Dense(4 * PLANE, WeightSpec.of(WeightInit.ZEROS).withoutBias()),
                new Layer.Reshape(List.of(4, HEIGHT, WIDTH))));
    // Weights are (made, read); the latent comes first and changes nothing.
    float[] weights = new float[4 * PLANE * (1 + count)];
    for (int unit = 0; unit < 4 * PLANE; unit++) {
      for (int label = 0; label < count; label++) {
        weights[unit * (1 + count) + 1 + label] = rows[label * 4 * PLANE + unit];
      }
    }
    List<String> labels = new ArrayList<>();
    IntStream.range(0, count).forEach(i -> labels.add("picture " + i));
    return new Generator(
        network,
        Weights.of(network, Map.of("01.weight", Tensor.floats(weights, 4 * PLANE, 1 + count))),
        range,
        GeneratorContract.Latent.normal(1),
        labels,
        Map.of());
  }

  /** One pixel, whatever the latent. */
  private static Generator constant(float... pixel) {
    Network network =
        new Network(
            "constant",
            new Shape(1),
            0,
            List.of(
                new Layer.Dense(4, WeightSpec.of(WeightInit.ZEROS)),
                new Layer.Reshape(List.of(4, 1, 1))));
    return new Generator(
        network,
        Weights.of(
            network,
            Map.of(
                "00.weight",
                Tensor.floats(new float[4], 4, 1),
                "00.bias",
                Tensor.floats(pixel, 4))),
        PixelRange.ZERO_TO_ONE,
        GeneratorContract.Latent.normal(1),
        List.of(),
        Map.of());
  }
}
