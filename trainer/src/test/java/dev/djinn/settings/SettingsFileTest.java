package dev.djinn.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkException;
import dev.djinn.run.Presets;
import dev.djinn.trainer.TinyRun;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsFileTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "epochs | 2",
        "log-every | 1 epoch",
        "sample-every | 1 until 2, then 3 epochs",
        "checkpoint-every | 2 epochs",
        "manifold-every | 2 epochs",
        "rate-decay | {shape: linear, to: 0, over: 2 epochs}"
      })
  void anAdaptiveScheduleHasNoEpochs(String key, String value) {
    Map<String, String> changes = new HashMap<>(Map.of(key, value, "latent.size", "2"));
    TinyRun.settings(changes);
    changes.put("schedule", "{adaptive: {most: 5, discriminator-until: 1, generator-until: 0.4}}");
    String message = refusal(changes);
    assertTrue(message.startsWith("--set " + key + ": "), message);
    assertTrue(
        message.endsWith(
            "rounds of an adaptive schedule have no fixed number of batches; give steps"),
        message);
  }

  @Test
  void aBatchOfOneHasNoVarianceOverAVector() {
    Map<String, String> changes = new HashMap<>(Map.of("batch", "1"));
    String advice = ": batch-norm needs more than one value a channel; take a batch of 2 or more";
    String message = refusal(changes);
    assertTrue(message.endsWith(": generator: layer 02" + advice), message);
    // Over a picture it has, as the discriminator's, unless that is of one pixel.
    changes.put("generator.layers.2", "tanh");
    assertEquals(1, TinyRun.settings(changes).batch());
    changes.put(
        "discriminator.layers.2",
        "{residual: {body: [{conv: {channels: 4, kernel: 4, padding: 0}}, batch-norm],"
            + " shortcut: [{average-pool: {kernel: 4}}]}}");
    message = refusal(changes);
    assertTrue(message.endsWith(": discriminator: layer 02.body.01" + advice), message);
  }

  private static String refusal(Map<String, String> changes) {
    return assertThrows(NetworkException.class, () -> TinyRun.settings(changes)).getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "discriminator-batches: in-turn | loss: relativistic | in-turn needs a loss of two halves",
        "discriminator-loss: sum | loss: wasserstein | sum needs a loss of two halves",
        "discriminator-batches: in-turn | penalties: {r1: 1} | penalties do not go with"
      })
  void settingsThatContradictEachOtherAreRefused(String one, String other, String reason) {
    Map<String, String> changes = new HashMap<>();
    for (String setting : new String[] {one, other}) {
      int colon = setting.indexOf(": ");
      changes.put(setting.substring(0, colon), setting.substring(colon + 2));
    }
    String message = refusal(changes);
    assertTrue(message.contains(reason), message);
  }

  /** So that a run of an earlier version has the run.yaml that it had. */
  @Test
  void picturesAreSquareOrHaveAHeightAndAWidth() {
    Settings wide = Presets.settings("dcgan", Map.of("image.height", "64", "image.width", "96"), 0);
    assertEquals(new Settings.Image(64, 96, 1, -1), wide.image());
    assertEquals(new Shape(1, 64, 96), wide.generator().network().output());
    assertEquals(
        Map.of("height", 64, "width", 96, "channels", 1, "pixels", "-1..1"),
        SettingsFile.write(wide).get("image"));
    Settings square = Presets.settings("dcgan", Map.of("image.side", "64"), 0);
    assertEquals(
        Map.of("side", 64, "channels", 1, "pixels", "-1..1"),
        SettingsFile.write(square).get("image"));
    assertTrue(
        refusal(Map.of("image", "{height: 28, channels: 1, pixels: 0..1}"))
            .contains("give side, or height and width"));
  }

  @Test
  void sidesAreForSquares() {
    String layer = "generator.layers.1.dense.units";
    String wide = refusal(Map.of("image.width", "32", layer, "side*4"));
    assertTrue(wide.contains("side is for square pictures"), wide);
    String based = refusal(Map.of("image.width", "32", layer, "base*4"));
    assertTrue(based.contains("write baseHeight and baseWidth"), based);
  }

  @Test
  void whatEarlierVersionsDidNotHaveIsOnlyWrittenWhereItSaysSomething() {
    Map<String, Object> plain = SettingsFile.write(TinyRun.settings(Map.of()));
    Map<String, String> changes =
        Map.of(
            "discriminator-loss", "sum",
            "real-batches", "drawn",
            "discriminator-mode", "frozen",
            "sample-title", "'Digit: {label}'",
            "inference-losses", "true",
            "keep-best", "fcd");
    Map<String, Object> full = SettingsFile.write(TinyRun.settings(changes));
    for (String key : changes.keySet()) {
      assertFalse(plain.containsKey(key), key);
      assertTrue(full.containsKey(key), key);
    }
  }
}
