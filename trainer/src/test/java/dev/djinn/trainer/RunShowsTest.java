package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.files.Folders;
import dev.djinn.network.Layer;
import dev.djinn.network.NetworkFile;
import dev.djinn.report.Png;
import dev.djinn.report.SampleGrid;
import dev.djinn.settings.LatentSpec;
import dev.djinn.settings.LatentSpec.Distribution;
import dev.djinn.settings.SettingsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves to look at. */
class RunShowsTest {
  private static final Map<String, String> PLANE =
      Map.of("latent.size", "2", "manifold-every", "2 until 4, then 8");

  @TempDir Path folder;

  private static int frames(Path gif) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(gif.toFile())) {
      reader.setInput(in);
      return reader.getNumImages(true);
    } finally {
      reader.dispose();
    }
  }

  @Test
  void manifoldsComeALabelAtTheirOwnRhythm() throws IOException {
    TinyRun.start(folder, PLANE).run();
    for (String label : List.of("a", "b")) {
      assertEquals(
          List.of(0L, 2L, 4L, 8L, 12L),
          new FrameFolder(folder.resolve("manifold").resolve(label)).steps());
      assertEquals(5, frames(folder.resolve("manifold-" + label + ".gif")));
      // 15 pictures of 8 pixels either way, beside the widest number and above a line of them: -1.6
      // is 4 · 6 − 1 wide, and 3 pixels are left free on either side.
      assertEquals(120 + 23 + 6, Png.size(folder.resolve("manifold-" + label + ".png")).width);
      assertEquals(120 + 9 + 6, Png.size(folder.resolve("manifold-" + label + ".png")).height);
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("manifold").resolve(label).resolve("000012.png")),
          Files.readAllBytes(folder.resolve("manifold-" + label + ".png")));
    }
    assertEquals(4, frames(folder.resolve("samples.gif")));
    String report = Files.readString(folder.resolve("report.html"));
    assertTrue(report.contains("<figcaption>manifold-b</figcaption>"));
    assertTrue(report.contains("12 of 12 steps in 0:0"), report.substring(0, 200));
  }

  @Test
  void withoutLabelsThereIsOneManifold() throws IOException {
    TinyRun.start(
            folder,
            Map.of(
                "classes", "0",
                "latent", "{size: 2, distribution: uniform, low: 0, high: 1}",
                "manifold-every", "12",
                "generator.layers.0", "{dense: {units: 6}}",
                "discriminator.layers.0", "relu"))
        .run();
    assertEquals(2, frames(folder.resolve("manifold.gif")));
    assertTrue(Files.exists(folder.resolve("manifold.png")));
  }

  @Test
  void latentsOfAManifoldAreQuantilesOfThePrior() {
    float[] normal = Manifold.latents(new LatentSpec(2, Distribution.NORMAL, 0, 0));
    float[] uniform = Manifold.latents(new LatentSpec(2, Distribution.UNIFORM, -1, 1));
    for (int i = 0; i < 225; i++) {
      double x = 0.05 + 0.9 * (i % 15) / 14;
      int row = i / 15;
      double y = 0.05 + 0.9 * row / 14;
      assertEquals(x, distribution(normal[2 * i]), 1e-6, "x of " + i);
      assertEquals(y, distribution(normal[2 * i + 1]), 1e-6, "y of " + i);
      assertEquals(2 * x - 1, uniform[2 * i], 1e-6);
      assertEquals(2 * y - 1, uniform[2 * i + 1], 1e-6);
    }
  }

  /** The normal distribution function by Simpson's rule. */
  private static double distribution(double x) {
    int n = 200;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double t = x * i / n;
      double weight = i == 0 || i == n ? 1 : i % 2 == 0 ? 2 : 4;
      sum += weight * Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
    }
    return 0.5 + sum * x / n / 3;
  }

  @Test
  void aResumedRunDropsWhatLiesBeyondItsCheckpoint() throws IOException {
    TinyRun.start(folder, Map.of("steps", "6")).run();
    Folders.delete(folder.resolve("checkpoints/000006"));
    Files.writeString(folder.resolve("samples/.000006.png.0f.part"), "half");
    TinyRun.resume(folder, Map.of("steps", "5", "sample-every", "5")).run();
    assertEquals(List.of(0L, 4L, 5L), new FrameFolder(folder.resolve("samples")).steps());
    assertFalse(Files.exists(folder.resolve("samples/.000006.png.0f.part")));
  }

  @Test
  void animationsLeaveOutPicturesOfAnotherLayout() throws IOException {
    FrameFolder frames = new FrameFolder(folder.resolve("samples"));
    for (int step = 0; step < 4; step++) {
      byte[] images = new byte[step == 1 ? 32 : 16];
      frames.write(SampleGrid.columns(2).ofBytes(images, 1, 4, 4), step);
    }
    frames.animate(folder.resolve("samples.gif"), "");
    assertEquals(3, frames(folder.resolve("samples.gif")));
  }

  @Test
  void layersInsideALayerAreInTheWordsOfTheFile() {
    Layer inner = new Layer.Pool(Layer.Pool.Kind.MAX, 2, 2);
    Object written =
        NetworkFile.write(List.of(new Layer.Residual(List.of(inner, inner), List.of()))).get(0);
    assertEquals(
        "residual: body [max-pool: kernel 2, stride 2; max-pool: kernel 2, stride 2], shortcut []",
        SettingsTable.words(written));
    assertEquals("reshape [4, 2, 2]", SettingsTable.words(Map.of("reshape", List.of(4, 2, 2))));
  }
}
