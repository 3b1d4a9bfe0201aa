package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.Preset;
import dev.djinn.run.Presets;
import dev.djinn.settings.Recording;
import dev.djinn.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RhythmTest {
  private static final int STEPS_PER_EPOCH = 550;

  @TempDir Path folder;

  private static Map<String, String> of(String preset, String... changes) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String change : changes) {
      String[] parts = change.split("=", 2);
      all.put(parts[0], parts[1]);
    }
    Preset recipe = Presets.open(preset);
    Settings settings = recipe.settings(all, 10);
    return Rhythm.of(recipe, all, settings, STEPS_PER_EPOCH);
  }

  @Test
  void aShorterRunShowsTenSheetsFiftyRowsAndFiveCheckpoints() {
    assertEquals(
        Map.of("sample-every", "20", "log-every", "4", "checkpoint-every", "40"),
        of("cgan", "steps=200"));
    // Quick's own row every 10 steps is often enough in 700, its checkpoint every 200 is not.
    assertEquals(Map.of("sample-every", "70", "checkpoint-every", "140"), of("quick", "steps=700"));
    assertEquals(
        Map.of("sample-every", "1", "log-every", "1", "checkpoint-every", "1"),
        of("quick", "steps=3"));
  }

  @Test
  void aRunOfThePresetsLengthOrMoreKeepsItsRhythm() {
    assertEquals(Map.of(), of("cgan"));
    assertEquals(Map.of(), of("cgan", "steps=12000"));
    assertEquals(Map.of(), of("quick", "steps=100000"));
    assertEquals(Map.of(), of("gan", "epochs=71"));
  }

  @Test
  void whatIsSetByNameStays() {
    assertEquals(
        Map.of("log-every", "4"),
        of("cgan", "steps=200", "sample-every=1000", "checkpoint-every=150"));
  }

  @Test
  void epochsStayWholeWhereTheyAreOftenEnough() {
    assertEquals(Map.of("sample-every", "4 epochs"), of("gan", "epochs=36"));
    assertEquals(
        Map.of("sample-every", "110", "log-every", "22", "checkpoint-every", "220"),
        of("gan", "epochs=2"));
  }

  @Test
  void aManifoldIsDrawnAsOftenAsASheet() {
    assertEquals("10", of("manifold-cgan", "steps=100").get("manifold-every"));
  }

  @Test
  void aFileThatSaysNothingHasARhythmOfItsLength() {
    String silent =
        Presets.open("quick").text().replaceAll("(?m)^(sample|log|checkpoint)-every:.*\n", "");
    Recording recording = new Preset("mine.yaml", silent).settings(Map.of(), 0).recording();
    assertEquals(140, recording.samples().every().amount());
    assertEquals(28, recording.log().every().amount());
    assertEquals(280, recording.checkpointEvery().amount());
  }

  @Test
  void aShortenedPresetSaysHowOftenItWrites() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    String described =
        TrainingRequest.of("quick")
            .into(folder.resolve("run"))
            .with("steps", 200)
            .describe(PrintedProgress.to(new PrintStream(said, true, StandardCharsets.UTF_8)));
    assertTrue(described.matches("(?s).*sample-every +20\\n.*"), described);
    assertTrue(
        said.toString(StandardCharsets.UTF_8)
            .contains("shorter than its preset, so that it writes more often: sample-every=20"),
        said.toString(StandardCharsets.UTF_8));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }
}
