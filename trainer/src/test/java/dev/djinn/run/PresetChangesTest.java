package dev.djinn.run;

import static dev.djinn.settings.Course.Span.Unit.EPOCHS;
import static dev.djinn.settings.Course.Span.Unit.STEPS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.NetworkException;
import dev.djinn.settings.Course;
import dev.djinn.settings.Interval;
import dev.djinn.settings.LatentSpec;
import dev.djinn.settings.LatentSpec.Distribution;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetChangesTest {
  @Test
  void aUsersFileWorksAsAPresetDoes(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(file, Presets.text("cgan").replace("channels: 128", "channels: 12"));
    Settings mine = Presets.settings(file.toString(), Map.of("batch", "7"), 4);
    assertEquals(7, mine.batch());
    assertEquals(4, mine.classes());
    assertEquals(new Shape(12, 14, 14), mine.generator().network().steps().get(3).output());
  }

  /** Every value of run.yaml by its dotted key. */
  private static void leaves(String prefix, Object value, Map<String, Object> leaves) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> leaves(prefix + key + ".", item, leaves));
    } else if (value instanceof List<?> list && !prefix.endsWith(".reshape.")) {
      for (int i = 0; i < list.size(); i++) {
        leaves(prefix + i + ".", list.get(i), leaves);
      }
    } else {
      leaves.put(prefix.substring(0, prefix.length() - 1), value);
    }
  }

  /** As a value of YAML, in which a text with a colon needs quotes. */
  private static String text(Object value) {
    return ("" + value).contains(": ") && value instanceof String ? "'" + value + "'" : "" + value;
  }

  @ParameterizedTest
  @MethodSource("dev.djinn.run.PresetsTest#names")
  void setReachesEveryKeyOfRunYaml(String name) {
    Settings settings = DocumentedPresetsTest.preset(name);
    Map<String, Object> leaves = new LinkedHashMap<>();
    leaves("", SettingsFile.write(settings), leaves);
    if (Presets.text(name).contains("- repeat:")) {
      // run.yaml has the layers that a repetition makes, the preset what is repeated.
      leaves.keySet().removeIf(key -> key.contains(".layers."));
    }
    assertTrue(leaves.size() > 30, leaves.size() + " keys");
    leaves.forEach(
        (key, value) -> {
          Map<String, String> set = new LinkedHashMap<>(Map.of(key, text(value)));
          // What a deconvolution cuts and what it adds are one choice.
          String added = key.replaceFirst("padding$", "output-padding");
          if (key.endsWith(".deconv.padding")) {
            set.put(added, "" + leaves.get(added));
          }
          assertEquals(settings, Presets.settings(name, set, 10), key);
        });
  }

  @Test
  void setChangesWhatItNames() {
    Settings changed =
        Presets.settings(
            "upsampling-gan",
            Map.of(
                "generator.layers.1.batch-norm.momentum", "0.8",
                "discriminator.layers.3.conv.channels", "32",
                "discriminator.rate", "3e-4",
                "latent", "{size: 64, distribution: normal}",
                "dark-on-light", "false"),
            0);
    assertEquals(new Layer.BatchNorm(0.8, 1e-3), changed.generator().network().layers().get(1));
    assertEquals(new Shape(32, 7, 7), changed.discriminator().network().steps().get(3).output());
    assertEquals(3e-4, changed.discriminator().optimizer().rate().start());
    assertEquals(new LatentSpec(64, Distribution.NORMAL, 0, 0), changed.latent());
    assertFalse(changed.recording().samples().darkOnLight());
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
  void ratesDecayOverTheWholeRunUnlessToldOtherwise() {
    assertEquals(new Course.Span(6000, STEPS), decay(Map.of()));
    assertEquals(new Course.Span(9000, STEPS), decay(Map.of("steps", "9000")));
    assertEquals(new Course.Span(20, EPOCHS), decay(Map.of("epochs", "20")));
    assertEquals(
        new Course.Span(5, EPOCHS),
        decay(Map.of("rate-decay", "{shape: linear, to: 0, over: 5 epochs}")));
    Map<String, String> two =
        Map.of("rate-decay", "{shape: linear, to: 0, over: '5 until 9, then 2'}");
    NetworkException e = assertThrows(NetworkException.class, () -> decay(two));
    assertTrue(e.getMessage().contains("must be one number"), e.getMessage());
  }

  /**
   * A run's folder states it, so that a longer run goes on at the rate that this one ended with.
   */
  @Test
  void aLongerRunKeepsTheDecayOfTheFirst() {
    Map<String, Object> written = SettingsFile.write(DocumentedPresetsTest.preset("modern"));
    assertEquals(Map.of("shape", "cosine", "to", 0.1, "over", 6000), written.get("rate-decay"));
  }

  private static Course.Span decay(Map<String, String> changes) {
    return Presets.settings("modern", changes, 10).rules().rateDecay().over();
  }

  @Test
  void epochsReplaceSteps() {
    assertEquals(
        new Interval(3, true), Presets.settings("quick", Map.of("epochs", "3"), 10).length());
  }
}
