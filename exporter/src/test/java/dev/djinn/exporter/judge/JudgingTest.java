package dev.djinn.exporter.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.djinn.data.DataOptions;
import dev.djinn.exporter.ExportOptions;
import dev.djinn.exporter.OnnxExporter;
import dev.djinn.exporter.SmallRun;
import dev.djinn.exporter.TrainedRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command does, called as a program would. */
class JudgingTest {
  private static final int SAMPLES = 60;

  @TempDir static Path shared;
  private static Path run;
  private static Path file;

  @BeforeAll
  static void train() {
    run = SmallRun.train("quick", shared.resolve("run"));
    file =
        OnnxExporter.export(
                TrainedRun.last(run), ExportOptions.defaults(), shared.resolve("exported"))
            .file();
  }

  private static Judging judging(String source, int repeats, boolean untrained) {
    return new Judging(
        new Judging.Generated(source, OptionalLong.empty()),
        new Judging.Real(Optional.empty(), JudgingTest::asItIs, Optional.empty()),
        new Judging.Effort(
            OptionalInt.of(SAMPLES), 5, repeats, new Judging.Scores(false, untrained)),
        "cpu");
  }

  private static DataOptions asItIs(Map<String, String> remembered) {
    return DataOptions.defaults();
  }

  private static double fcd(Judgement judgement) {
    return judgement.toJson().get("fcd").getAsDouble();
  }

  @Test
  void aFileIsAsGoodAsTheRunThatItIsOf() {
    List<String> log = new ArrayList<>();
    Judgement ofRun = judging(run.toString(), 2, true).run(log::add);
    assertEquals(List.of("judged 1 of 2", "judged 2 of 2"), log);
    Judgement ofFile = judging(file.toString(), 2, false).run(log::add);
    assertEquals(SAMPLES, ofRun.shown().count());
    // Both draw by seed, but not the same latents: the run's come from the trainer's generator.
    assertEquals(fcd(ofRun), fcd(ofFile), 0.2 * fcd(ofRun));
    JsonObject json = ofRun.toJson();
    assertEquals(run.toString(), json.get("source").getAsString());
    assertEquals("mnist", json.get("classifier").getAsString());
    assertEquals(64, json.get("classifier_sha256").getAsString().length());
    assertTrue(json.get("fcd").getAsDouble() > json.get("real_fcd").getAsDouble(), json.toString());
    assertTrue(json.keySet().stream().anyMatch(key -> key.contains("untrained")), json.toString());
    assertTrue(
        ofRun.text().startsWith(SAMPLES + " pictures of " + run + " against as many of "),
        ofRun.text());
  }

  @Test
  void theSameSeedJudgesTheSame() {
    Judgement once = judging(file.toString(), 1, false).run(line -> {});
    assertEquals(once.toJson(), judging(file.toString(), 1, false).run(line -> {}).toJson());
  }

  @Test
  void refusesWhatCannotBeHadBeforeAnythingIsLoaded() {
    assertEquals(
        "--checkpoint and --untrained are for a run, and nothing is none",
        assertThrows(IllegalArgumentException.class, () -> judging("nothing", 1, true))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> judging("nothing", 0, false));
    Judging pictures = judging(shared.resolve("missing.npy").toString(), 1, false);
    assertThrows(RuntimeException.class, () -> pictures.run(line -> {}));
    Judging early =
        new Judging(
            new Judging.Generated(run.toString(), OptionalLong.of(77)),
            Judging.of(run.toString()).real(),
            Judging.of(run.toString()).effort(),
            "cpu");
    RuntimeException e = assertThrows(RuntimeException.class, () -> early.run(line -> {}));
    assertTrue(e.getMessage().contains("no checkpoint of step 77"), e.getMessage());
  }
}
