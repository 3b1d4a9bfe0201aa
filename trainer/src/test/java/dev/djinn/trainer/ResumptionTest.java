package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import dev.djinn.files.Folders;
import dev.djinn.run.Bf16;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumptionTest {
  @TempDir Path folder;

  @Test
  void resumedRunIsTheUninterruptedOneBitForBit() throws IOException {
    TinyRun.start(folder.resolve("whole"), TrainingRunTest.PLAIN).run();
    // Stops after 6 steps, as a crash would after step 6: the last checkpoint is of step 4.
    TinyRun.start(folder.resolve("cut"), Map.of("steps", "6")).run();
    Folders.delete(folder.resolve("cut/checkpoints/000006"));
    Files.delete(folder.resolve("cut/samples/000006.png"));
    // A checkpoint that a kill left half-written.
    Files.createDirectories(folder.resolve("cut/checkpoints/.000006.tmp"));
    Files.writeString(folder.resolve("cut/checkpoints/.000006.tmp/generator.safetensors"), "half");

    assertEquals(12, TinyRun.resume(folder.resolve("cut"), TrainingRunTest.PLAIN).run());
    Folders.delete(folder.resolve("cut/checkpoints/.000006.tmp"));
    TrainingRunTest.assertSame(folder.resolve("whole"), folder.resolve("cut"));
  }

  @Test
  void inBfloat16ItResumesExactly() throws IOException {
    assumeTrue(hasBfloat16(), "no run in bfloat16 on this processor");
    assertResumesExactly(Map.of("precision", "bf16", "penalties", "{r1: 0.1}"));
  }

  private static boolean hasBfloat16() {
    try {
      Bf16.check(Device.cpu());
      return true;
    } catch (TrainingException e) {
      return false;
    }
  }

  @Test
  void everyScheduleAndRecipeResumesExactly() throws IOException {
    for (Map<String, String> changes :
        List.of(
            Map.of(
                "schedule",
                "{adaptive: {most: 5, discriminator-until: 1.0, generator-until: 0.4}}",
                "loss",
                "minimax"),
            Map.of("generated", "once", "generator-mode", "training"),
            Map.of(
                "augment", "[translation, cutout, color]",
                "penalties", "{r1: 0.1, wgan-gp: 1}"),
            Map.of("augment", "[cutout]", "discriminator-batches", "joined"),
            Map.of(
                "augment",
                    "{mirror: 1, scale: 1, brightness: 0.5, cutout: 1, probability:"
                        + " {adaptive: {over: 100}, from: 0.5}}",
                "penalties", "{r1: 0.1, r2: 0.1}",
                "mirror", "true"),
            Map.of(
                "discriminator.layers.1.conv.spectral-norm", "true",
                "discriminator.layers.6.dense.spectral-norm", "true",
                "generator.layers.6.deconv.spectral-norm", "true",
                "average", "0.9"),
            TrainingRunTest.PLANE,
            Map.of(
                "generator.rate", "{shape: cosine, from: 2e-3, to: 1e-4, over: 70 images}",
                "generator.beta2", "{shape: linear, from: 0.9, to: 0.99, over: 10}",
                "discriminator.rate", "{shape: steps, from: 1e-3, at: {3: 5e-4, 6: 2e-4}}",
                "penalties", "{r1: {shape: cosine, from: 1, to: 0.1, over: 12}, r2: 0.1, every: 3}",
                "average", "{half-life: {shape: linear, from: 0, to: 50, over: 12}}"),
            Map.of(
                "loss", "relativistic",
                "penalties", "{r1: 0.1, r2: 0.1, wgan-gp: 1}",
                "average", "0.9",
                "rate-decay", "{shape: cosine, to: 0.1, over: 10}"))) {
      assertResumesExactly(changes);
    }
  }

  private void assertResumesExactly(Map<String, String> changes) throws IOException {
    Path whole = folder.resolve("whole" + changes.hashCode());
    Path cut = folder.resolve("cut" + changes.hashCode());
    TinyRun.start(whole, changes).run();
    Map<String, String> shorter = new HashMap<>(changes);
    shorter.put("steps", "4");
    TinyRun.start(cut, shorter).run();
    TinyRun.resume(cut, changes).run();
    TrainingRunTest.assertSame(whole, cut);
  }

  @Test
  void resumeRefusesOtherSettingsByName() {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> TinyRun.resume(folder, Map.of("generator.rate", "2e-3", "batch", "11")));
    assertTrue(e.getMessage().contains("batch was 10, now 11"), e.getMessage());
    assertTrue(e.getMessage().contains("generator.rate was 0.001, now 0.002"), e.getMessage());
    TrainingException other =
        assertThrows(
            TrainingException.class,
            () ->
                TrainingRun.resume(
                    new TrainingRun.Plan(
                        folder,
                        TinyRun.settings(TrainingRunTest.PLAIN),
                        TinyRun.source(2),
                        "cpu",
                        Optional.empty()),
                    Set.of(),
                    TinyRun.SILENT));
    assertTrue(other.getMessage().contains("data-checksum was"), other.getMessage());
    assertTrue(other.getMessage().contains("; that is still "), other.getMessage());
  }

  @Test
  void resumeTakesWhatIsAllowedAndSaysSo() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    Map<String, String> other =
        Map.of("generator.rate", "2e-3", "generator.beta1", "0.6", "batch", "11", "steps", "6");
    TrainingException e =
        assertThrows(
            TrainingException.class, () -> TinyRun.resume(folder, other, Set.of("generator.rate")));
    assertFalse(e.getMessage().contains("generator.rate was"), e.getMessage());
    assertTrue(e.getMessage().endsWith("with --allow batch,generator.beta1"), e.getMessage());
    assertEquals(6, TinyRun.resume(folder, other, Set.of("batch", "generator")).run());
    assertEquals(11, RunFolder.open(folder).settings().batch());
    String warning = Files.readString(folder.resolve("warnings.txt"));
    assertTrue(
        warning.startsWith("step 4 [settings-changed] went on from step 4 under other settings:"),
        warning);
    assertTrue(warning.contains("batch was 10, now 11"), warning);
    assertTrue(Files.readString(folder.resolve("report.html")).contains("batch was 10, now 11"));
  }

  @Test
  void averagingFromACheckpointOnStartsFromItsGenerator() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    Map<String, String> averaged = Map.of("average", "0.999", "steps", "5");
    assertEquals(5, TinyRun.resume(folder, averaged, Set.of("average")).run());
    RunFolder run = RunFolder.open(folder);
    float before = firstWeight(run.checkpoint(4), Checkpoint.GENERATOR);
    float after = firstWeight(run.checkpoint(5), Checkpoint.GENERATOR);
    // The step is the fifth: d = (1 + 4) / (10 + 4).
    assertEquals(
        before + (1 - 5 / 14.0) * (after - before),
        firstWeight(run.checkpoint(5), Checkpoint.AVERAGE),
        1e-6);
    assertTrue(Math.abs(after - before) > 1e-4, before + " did not move");
  }

  private static float firstWeight(Checkpoint checkpoint, String part) {
    return checkpoint.read(part).get("01.weight").values().get(0);
  }

  @Test
  void aResumptionThatCannotLoadLeavesTheRunAsItWas() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    String before = Files.readString(folder.resolve("run.yaml"));
    TrainingRun wider =
        TinyRun.resume(
            folder, Map.of("discriminator.layers.1.conv.channels", "5"), Set.of("discriminator"));
    TrainingException e = assertThrows(TrainingException.class, wider::run);
    assertTrue(e.getMessage().contains("is of another network: discriminator"), e.getMessage());
    TrainingRun adam =
        TinyRun.resume(
            folder,
            Map.of(
                "discriminator",
                "{optimizer: adam, rate: 1e-3, beta1: 0.5, beta2: 0.9, epsilon: 1e-7, layers:"
                    + " [label-channel, {conv: {channels: 4, kernel: 3, stride: 2}}, batch-norm,"
                    + " {leaky-relu: 0.2}, {dropout: 0.2}, flatten, {dense: {units: 1}}]}"),
            Set.of("discriminator"));
    e = assertThrows(TrainingException.class, adam::run);
    assertTrue(e.getMessage().contains("is of another optimizer: keep"), e.getMessage());
    assertEquals(before, Files.readString(folder.resolve("run.yaml")));
    assertEquals(12, TinyRun.resume(folder, TrainingRunTest.PLAIN).run());
  }

  @Test
  void aPartThatACheckpointLacksIsNamed() {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    Checkpoint checkpoint = RunFolder.open(folder).checkpoint(4);
    TrainingException e =
        assertThrows(TrainingException.class, () -> checkpoint.read(Checkpoint.AVERAGE));
    assertEquals("checkpoint " + checkpoint.folder() + " has no part average", e.getMessage());
  }

  @Test
  void timeBeforeAResumptionIsTheCheckpoints() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4", "log-every", "3")).run();
    Path state = folder.resolve("checkpoints/000004/state.yaml");
    String text = Files.readString(state);
    Files.writeString(state, text.replaceFirst("(milliseconds): [0-9]+", "$1: 5000000"));
    TinyRun.resume(folder, Map.of("steps", "8")).run();
    assertEquals(5000, seconds(5), 100);
    // An older checkpoint has no such counter: the last row of the log has to do.
    Path older = folder.resolve("checkpoints/000008/state.yaml");
    Files.writeString(older, TrainingRunTest.withoutClock(older));
    TinyRun.resume(folder, TrainingRunTest.PLAIN).run();
    assertEquals(seconds(8), seconds(9), 100);
  }

  private double seconds(int step) throws IOException {
    return Files.readAllLines(folder.resolve("log.csv")).stream()
        .map(line -> line.split(",", -1))
        .filter(cells -> cells[0].equals("" + step))
        .mapToDouble(cells -> Double.parseDouble(cells[2]))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aResumptionThatWouldEndBeforeItBeginsIsRefused() throws IOException {
    TinyRun.start(folder, Map.of("steps", "8")).run();
    String before = Files.readString(folder.resolve("run.yaml"));
    TrainingRun shorter = TinyRun.resume(folder, Map.of("steps", "7"));
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, shorter::run);
    assertEquals(
        folder
            + " has trained 8 steps already, more than the 7 it is to train; give more --steps or"
            + " --epochs, or leave them out",
        e.getMessage());
    assertEquals(before, Files.readString(folder.resolve("run.yaml")));
    assertEquals(8, TinyRun.resume(folder, Map.of("steps", "8")).run());
  }

  @Test
  void anAllowedKeyThatIsNoneIsNamed() {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    for (String key : List.of("nonsense", "generator.rat", "rate")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> TinyRun.resume(folder, TrainingRunTest.PLAIN, Set.of("batch", key)));
      assertTrue(e.getMessage().startsWith("--allow " + key + ": no setting"), e.getMessage());
    }
    TinyRun.resume(
        folder,
        TrainingRunTest.PLAIN,
        Set.of("generator", "generator.layers.1", "batch", "device", "libtorch"));
  }

  @Test
  void anAllowedKeyThatCouldDoNothingIsRefused() {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    assertEquals("--allow steps: it may differ in any case; leave it out", refusedToAllow("steps"));
    assertEquals("--allow penalties: no setting of this run", refusedToAllow("penalties"));
    assertEquals(
        "--allow generator.raet: no setting of this run; did you mean generator.rate?",
        refusedToAllow("generator.raet"));
  }

  private String refusedToAllow(String key) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> TinyRun.resume(folder, TrainingRunTest.PLAIN, Set.of(key)))
        .getMessage();
  }

  @Test
  void anotherKindOfDeviceIsRefusedByName() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    assertEquals(Optional.of("cpu"), RunFolder.open(folder).facts().device());
    assertTrue(Files.readString(folder.resolve("report.html")).contains(" --device cpu "));
    Path description = folder.resolve("run.yaml");
    String text = Files.readString(description);
    Files.writeString(description, text.replace("device: cpu", "device: gpu"));
    TrainingException e =
        assertThrows(TrainingException.class, () -> TinyRun.resume(folder, TrainingRunTest.PLAIN));
    assertTrue(e.getMessage().contains("device was gpu, now cpu"), e.getMessage());
    TinyRun.resume(folder, TrainingRunTest.PLAIN, Set.of("device"));
    // An older run does not say.
    Files.writeString(description, text.replace("device: cpu", ""));
    assertEquals(Optional.empty(), RunFolder.open(folder).facts().device());
    assertEquals(12, TinyRun.resume(folder, TrainingRunTest.PLAIN).run());
    assertEquals(Optional.of("cpu"), RunFolder.open(folder).facts().device());
    assertFalse(Files.exists(folder.resolve("warnings.txt")));
  }
}
