package dev.djinn.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The recipes beside the presets, which are not shipped but must read. */
class RecipesTest {
  private static final Path RECIPE = Path.of("../scripts/recipes/modern-next.yaml");

  @ParameterizedTest
  @CsvSource({"16, 16, 1, 0", "32, 32, 3, 5", "45, 45, 3, 0", "64, 96, 4, 10", "256, 20, 3, 2"})
  void theCandidateTakesEveryShape(int height, int width, int channels, int classes) {
    assertTrue(Files.exists(RECIPE));
    Map<String, String> changes =
        Map.of(
            "image.height", "" + height,
            "image.width", "" + width,
            "image.channels", "" + channels);
    Settings settings = Presets.settings(RECIPE.toString(), changes, classes);
    assertEquals(channels, settings.generator().network().output().get(0));
    assertEquals(classes > 0, settings.discriminator().network().conditional());
  }
}
