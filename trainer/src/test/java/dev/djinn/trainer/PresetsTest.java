package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkException;
import dev.djinn.network.ParameterSpec;
import dev.djinn.network.YamlCursor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Presets against numbers worked out by hand from their documents. */
class PresetsTest {
  private static Settings preset(String name) {
    return Presets.settings(name, Map.of(), 10);
  }

  private static long trained(Network network) {
    return network.parameters().stream()
        .filter(ParameterSpec::trained)
        .mapToLong(spec -> spec.shape().size())
        .sum();
  }

  private static List<Shape> shapes(Network network) {
    return network.steps().stream().map(Network.Step::output).distinct().toList();
  }

  @Test
  void quickHasItsSizes() {
    Settings quick = preset("quick");
    // dense 100·6272; bn 2·6272; deconv 128·64·16; bn 2·64; deconv 64·1·16 + 1.
    assertEquals(627_200 + 12_544 + 131_072 + 128 + 1_025, trained(quick.generator()));
    // conv 32·16 + 32; conv 32·64·16; bn 2·64; dense 3136 + 1.
    assertEquals(544 + 32_768 + 128 + 3_137, trained(quick.discriminator()));
    assertEquals(
        List.of(new Shape(6272), new Shape(128, 7, 7), new Shape(64, 14, 14), new Shape(1, 28, 28)),
        shapes(quick.generator()));
  }

  @Test
  void dcganHasItsSizes() {
    Settings dcgan = preset("dcgan");
    // dense 100·12544 + 12544; deconv 256·128·9 + 128; bn 2·128; deconv 128·64·9 + 64; bn 2·64;
    // deconv 64·9 + 1.
    assertEquals(
        1_254_400 + 12_544 + 294_912 + 128 + 256 + 73_728 + 64 + 128 + 577,
        trained(dcgan.generator()));
    assertEquals(
        List.of(
            new Shape(12_544),
            new Shape(256, 7, 7),
            new Shape(128, 14, 14),
            new Shape(64, 14, 14),
            new Shape(1, 28, 28)),
        shapes(dcgan.generator()));
    // conv 9·32 + 32; conv 32·64·9 + 64; bn 2·64; conv 64·128·9 + 128; bn 2·128; dense 4·4·128 + 1.
    assertEquals(320 + 18_496 + 128 + 73_856 + 256 + 2_049, trained(dcgan.discriminator()));
    assertEquals(
        List.of(
            new Shape(32, 14, 14),
            new Shape(64, 7, 7),
            new Shape(128, 4, 4),
            new Shape(2048),
            new Shape(1)),
        shapes(dcgan.discriminator()));
    assertEquals(new OptimizerSpec.Adam(1e-3, 0.9, 0.999, 1e-7), dcgan.generatorOptimizer());
    assertEquals(dcgan.generatorOptimizer(), dcgan.discriminatorOptimizer());
    assertEquals(Settings.GeneratorMode.INFERENCE, dcgan.generatorMode());
    assertEquals(Settings.DiscriminatorBatches.SEPARATE, dcgan.discriminatorBatches());
    assertEquals(128, dcgan.batch());
    assertEquals(new Interval(20_000, false), dcgan.length());
  }

  static List<String> names() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void runYamlGivesTheSameSettingsBack(String name) {
    Settings settings = preset(name);
    String yaml =
        RunFolder.describe(
            settings,
            new RunFolder.Facts("d", Map.of(), "c", 1, List.of("a"), 2, Map.of("djinn", "0")));
    assertEquals(settings, SettingsFile.read(YamlCursor.parse(yaml, "run.yaml"), 10));
  }

  @ParameterizedTest
  @MethodSource("names")
  void scalesToLargerColourPictures(String name) {
    Settings settings =
        Presets.settings(name, Map.of("image.side", "64", "image.channels", "3"), 10);
    assertEquals(new Shape(3, 64, 64), settings.generator().output());
  }

  @Test
  void modernFollowsPictureSizeAndLabels() {
    for (int side : new int[] {28, 32, 64, 128}) {
      Map<String, String> changes =
          Map.of("image.side", Integer.toString(side), "image.channels", "3");
      Settings labelled = Presets.settings("modern", changes, 10);
      assertEquals(new Shape(3, side, side), labelled.generator().output());
      assertTrue(labelled.generator().conditional() && labelled.discriminator().conditional());
      Settings plain = Presets.settings("modern", changes, 0);
      assertEquals(new Shape(3, side, side), plain.generator().output());
      assertTrue(!plain.generator().conditional() && !plain.discriminator().conditional());
    }
    Network generator = preset("modern").generator();
    // 7 × 7 doubled twice; widths 96, 48 and 24.
    assertEquals(new Shape(96, 7, 7), generator.steps().get(3).output());
    assertEquals(new Shape(48, 14, 14), generator.steps().get(6).output());
    // dense 74·4704 + 4704; residual 2·(96·96·9 + 96); 1×1 96·48 + 48; residual 2·(48·48·9 + 48);
    // 1×1 48·24 + 24; residual 2·(24·24·9 + 24); 3×3 24·9 + 1.
    assertEquals(352_800 + 166_080 + 4_656 + 41_568 + 1_176 + 10_416 + 217, trained(generator));
  }

  @Test
  void unknownPresetNamesTheKnownOnes() {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> preset("dcgn"));
    assertTrue(
        e.getMessage().contains("unknown preset 'dcgn', expected one of quick"), e.getMessage());
  }

  @Test
  void changesAreCheckedLikeTheFile() {
    NetworkException e =
        assertThrows(
            NetworkException.class,
            () -> Presets.settings("quick", Map.of("image.side", "30"), 10));
    assertTrue(e.getMessage().contains("is not a multiple of 4"), e.getMessage());
    NetworkException unknown =
        assertThrows(
            NetworkException.class, () -> Presets.settings("quick", Map.of("bach", "3"), 10));
    assertTrue(unknown.getMessage().contains("unknown key 'bach'"), unknown.getMessage());
  }

  @Test
  void epochsReplaceSteps() {
    assertEquals(
        new Interval(3, true), Presets.settings("quick", Map.of("epochs", "3"), 10).length());
  }
}
