package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.data.ImageSet;
import dev.djinn.network.Network;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import dev.djinn.trainer.TinyRun;
import dev.djinn.trainer.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
  /** The same layers on small pictures, so that even the heaviest preset takes a moment. */
  @ParameterizedTest
  @MethodSource("names")
  void trainsTwoSteps(String name, @TempDir Path folder) throws IOException {
    // modern halves the side until it is 8 or less; 17 is drawn as 20 and cropped.
    int side = name.equals("modern") ? 17 : 8;
    Map<String, String> small =
        Map.of("image.side", "" + side, "batch", "4", "steps", "2", "log-every", "1");
    Settings settings = Presets.settings(name, small, 10);
    Random random = new Random(3);
    byte[] pixels = new byte[20 * side * side];
    random.nextBytes(pixels);
    ImageSet images =
        new ImageSet(
            "noise",
            1,
            side,
            side,
            pixels,
            IntStream.range(0, 20).map(i -> i % 10).toArray(),
            IntStream.range(0, 10).mapToObj(Integer::toString).toList());
    TrainingRun.Source source = new TrainingRun.Source(images, "noise", Map.of(), 1);
    assertEquals(
        2,
        TrainingRun.start(
                new TrainingRun.Plan(folder, settings, source, "cpu", Optional.empty()),
                TinyRun.SILENT)
            .run());
    RunFolder run = RunFolder.open(folder);
    Checkpoint checkpoint = run.lastCheckpoint().orElseThrow();
    assertEquals(2, checkpoint.step());
    checkpoint.read(Checkpoint.GENERATOR, settings.generator().network());
    assertEquals(3, Files.readAllLines(folder.resolve("log.csv")).size());
    assertTrue(Files.exists(folder.resolve("samples/000002.png")));
  }

  static List<String> names() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void runYamlGivesTheSameSettingsBack(String name) {
    Settings settings = DocumentedPresetsTest.preset(name);
    String yaml =
        new RunFolder(
                Path.of("run"),
                settings,
                new RunFacts(
                    "d",
                    Map.of(),
                    "c",
                    1,
                    List.of("a"),
                    2,
                    Optional.of("cpu"),
                    Map.of("djinn", "0"),
                    Optional.empty()))
            .describe();
    assertEquals(settings, SettingsFile.read(YamlCursor.parse(yaml, "run.yaml"), 10));
  }

  @ParameterizedTest
  @MethodSource("names")
  void scalesToLargerColourPictures(String name) {
    Settings settings =
        Presets.settings(name, Map.of("image.side", "64", "image.channels", "3"), 10);
    assertEquals(new Shape(3, 64, 64), settings.generator().network().output());
  }

  /** Sizes that cannot be halved down to 8, odd ones and 2 · 31 among them, are drawn larger. */
  @ParameterizedTest
  @CsvSource({"29, 8, 2", "30, 8, 2", "33, 5, 3", "62, 8, 3", "100, 7, 4", "127, 8, 4"})
  void modernCropsWhereItCannotHalve(int side, int base, int stages) {
    Settings settings = Presets.settings("modern", Map.of("image.side", "" + side), 10);
    List<Network.Step> steps = settings.generator().network().steps();
    assertEquals(new Shape(64 << (stages - 1), base, base), steps.get(3).output());
    int drawn = base << stages;
    assertEquals(new Shape(32, drawn, drawn), steps.get(steps.size() - 4).output());
    assertEquals(new Shape(1, side, side), settings.generator().network().output());
    // Strided convolutions round up as well, so both networks meet at the base.
    assertTrue(
        settings.discriminator().network().steps().stream()
            .anyMatch(step -> step.output().equals(new Shape(32 << (stages - 1), base, base))));
  }

  /** The longer side says how often both are halved; what is drawn too large is cropped. */
  @ParameterizedTest
  @CsvSource({
    "16, 16, 4, 8, 8, 1",
    "96, 64, 3, 4, 6, 4",
    "64, 96, 3, 6, 4, 4",
    "256, 48, 4, 2, 8, 5",
    "17, 23, 4, 6, 5, 2",
    "256, 256, 3, 8, 8, 5"
  })
  void modernTakesAnyShape(
      int width, int height, int channels, int baseHeight, int baseWidth, int stages) {
    Settings settings =
        Presets.settings(
            "modern",
            Map.of(
                "image.height", "" + height,
                "image.width", "" + width,
                "image.channels", "" + channels),
            5);
    Shape picture = new Shape(channels, height, width);
    assertEquals(picture, settings.generator().network().output());
    assertEquals(picture, settings.discriminator().network().input());
    assertEquals(
        new Shape(64 << (stages - 1), baseHeight, baseWidth),
        settings.generator().network().steps().get(3).output());
  }

  @Test
  void modernFollowsPictureSizeAndLabels() {
    for (int side : new int[] {28, 32, 64, 128}) {
      Map<String, String> changes =
          Map.of("image.side", Integer.toString(side), "image.channels", "3");
      Settings labelled = Presets.settings("modern", changes, 10);
      assertEquals(new Shape(3, side, side), labelled.generator().network().output());
      assertTrue(
          labelled.generator().network().conditional()
              && labelled.discriminator().network().conditional());
      Settings plain = Presets.settings("modern", changes, 0);
      assertEquals(new Shape(3, side, side), plain.generator().network().output());
      assertTrue(
          !plain.generator().network().conditional()
              && !plain.discriminator().network().conditional());
      // The same where the data has labels that are to be left alone.
      changes = new LinkedHashMap<>(changes);
      changes.put("classes", "0");
      assertEquals(plain, Presets.settings("modern", changes, 10));
    }
    Network generator = DocumentedPresetsTest.preset("modern").generator().network();
    // 7 × 7 doubled twice; widths 128, 64 and 32.
    assertEquals(new Shape(128, 7, 7), generator.steps().get(3).output());
    assertEquals(new Shape(64, 14, 14), generator.steps().get(7).output());
    assertEquals(new Shape(32, 28, 28), generator.steps().get(12).output());
    // dense 74·6272 + 6272; residual 2·(128·128·9 + 128); 3×3 128·64·9 + 64; residual
    // 2·(64·64·9 + 64); 3×3 64·32·9 + 32; 3×3 32·9 + 1.
    assertEquals(
        470_400 + 295_168 + 73_792 + 73_856 + 18_464 + 289,
        DocumentedPresetsTest.trained(generator));
    Network discriminator = DocumentedPresetsTest.preset("modern").discriminator().network();
    // 3×3 9·32 + 32; residual 2·(32·32·9 + 32); 3×3 32·64·9 + 64; residual 2·(64·64·9 + 64);
    // dense 7·7·64·128 + 128; embedding 10·128; its dense 128; dense 128 + 1.
    assertEquals(
        320 + 18_496 + 18_496 + 73_856 + 401_536 + 1_280 + 128 + 129,
        DocumentedPresetsTest.trained(discriminator));
  }

  @Test
  void unknownPresetNamesTheKnownOnes() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> DocumentedPresetsTest.preset("dcgn"));
    assertTrue(
        e.getMessage().contains("unknown preset 'dcgn'; did you mean dcgan? Known are quick"),
        e.getMessage());
  }
}
