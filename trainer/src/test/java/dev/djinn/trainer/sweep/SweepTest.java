package dev.djinn.trainer.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.Presets;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Recording.BestBy;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.TrainingRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  private static final TrainingListener SILENT = new TrainingListener() {};

  /** Trained in a moment. */
  private static final String TINY =
      """
      name: tiny
      summary: tiny
      image: {side: 16, channels: 1, pixels: 0..1}
      latent: {size: 4, distribution: normal}
      batch: 8
      steps: 8
      loss: non-saturating
      discriminator-batches: separate
      generator-mode: inference
      generated: twice
      schedule: alternating
      sample-every: 100
      sample-count: 4
      sample-columns: 2
      log-every: 1
      checkpoint-every: 3
      generator:
        optimizer: adam
        rate: 1e-3
        beta1: 0.5
        beta2: 0.999
        epsilon: 1e-7
        layers: [dense: {units: 256}, sigmoid, reshape: [1, 16, 16]]
      discriminator:
        optimizer: adam
        rate: 1e-3
        beta1: 0.5
        beta2: 0.999
        epsilon: 1e-7
        layers: [flatten, dense: {units: 1}]
      """;

  @TempDir Path folder;
  private Path recipe;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    recipe = folder.resolve("tiny.yaml");
    Files.writeString(recipe, TINY);
    data = folder.resolve("noise.npy");
    Files.write(data, noise(200));
  }

  /** Pictures as NPY, uint8 (count, 16, 16). */
  private static byte[] noise(int count) {
    String header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 16, 16), }".formatted(count);
    header += " ".repeat(117 - header.length()) + "\n";
    ByteBuffer npy = ByteBuffer.allocate(10 + header.length() + count * 256);
    npy.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1);
    npy.put((byte) 0).putShort(Short.reverseBytes((short) header.length()));
    npy.put(header.getBytes(StandardCharsets.US_ASCII));
    byte[] pixels = new byte[count * 256];
    new Random(3).nextBytes(pixels);
    return npy.put(pixels).array();
  }

  private TrainingRequest recipe() {
    return TrainingRequest.of(recipe.toString()).withData(data.toString());
  }

  private SweepWish wish(String rates, int seeds, Optional<Duration> budget) {
    return new SweepWish(
        recipe(),
        List.of(Vary.parse("generator.rate=" + rates)),
        new SweepWish.Effort(seeds, OptionalInt.empty(), budget, BestBy.FCD));
  }

  private SweepWish wish() {
    return wish("1e-3,1e-2,1e-1", 2, Optional.empty());
  }

  private SweepTable run(String name) {
    try (Sweep sweep = Sweep.open(wish(), folder.resolve(name), SILENT)) {
      return sweep.run();
    }
  }

  private byte[] weights(Path run, long step) throws IOException {
    return Files.readAllBytes(
        RunFolder.open(run).checkpointFolder(step).resolve("generator.safetensors"));
  }

  @Test
  void theBetterHalfGoesOnAndIsWhatARunThatNeverStoppedIs() throws IOException {
    SweepTable table = run("sweep");

    // log2 of 3 is 1: three settings to step 4, two to step 8.
    assertEquals(List.of(8L, 8L, 4L), table.rows().stream().map(SweepTable.Row::steps).toList());
    assertTrue(table.rows().get(0).mean() <= table.rows().get(1).mean());
    for (SweepTable.Row row : table.rows()) {
      assertEquals(2, row.values().size());
      assertEquals((row.values().get(0) + row.values().get(1)) / 2, row.mean(), 1e-12);
      // Of two values it is their distance over the root of 2.
      assertEquals(
          Math.abs(row.values().get(0) - row.values().get(1)) / Math.sqrt(2),
          row.deviation(),
          1e-9);
    }
    int best = table.rows().get(0).run();
    String rate = table.rows().get(0).settings().replace("generator.rate=", "");
    TrainingRequest alone =
        recipe().with("generator.rate", rate).with("seed", 1).into(folder.resolve("alone"));
    try (TrainingRun run = alone.prepare(SILENT)) {
      run.run();
    }
    assertArrayEquals(
        weights(folder.resolve("alone"), 8), weights(folder.resolve("sweep/runs/00" + best), 8));
  }

  @Test
  void runsByNumberInAnyOrderGiveTheSameTable() {
    SweepTable whole = run("whole");
    Path parts = folder.resolve("parts");
    Optional<SweepTable> last = Optional.empty();
    for (int round = 0; round < 2; round++) {
      for (int index : new int[] {5, 0, 3, 1, 4, 2}) {
        try (Sweep sweep = Sweep.open(wish(), parts, SILENT)) {
          last = sweep.run(index);
        }
      }
    }
    assertEquals(whole, last.orElseThrow());
  }

  @Test
  void calledAgainAfterAKillItGivesTheSameTable() throws IOException {
    SweepTable whole = run("whole");
    Path killed = folder.resolve("killed");
    int[] steps = new int[1];
    TrainingListener kill =
        new TrainingListener() {
          @Override
          public void step(Progress at) {
            if (++steps[0] == 9) {
              throw new IllegalStateException("killed");
            }
          }
        };
    try (Sweep sweep = Sweep.open(wish(), killed, kill)) {
      assertThrows(IllegalStateException.class, sweep::run);
    }
    try (Sweep sweep = Sweep.open(wish(), killed, SILENT)) {
      assertEquals(whole, sweep.run());
    }
    assertEquals(
        Files.readString(folder.resolve("whole/plan.yaml")),
        Files.readString(killed.resolve("plan.yaml")));
  }

  @Test
  void leavesTableAndPageAndSettingsThatTrain() throws IOException {
    try (Sweep sweep = Sweep.open(wish(), folder.resolve("sweep"), SILENT)) {
      SweepTable table = sweep.run();
      Path best = sweep.write(table, "djinn sweep 'tiny'");
      assertEquals(4, Files.readAllLines(folder.resolve("sweep/table.csv")).size());
      String page = Files.readString(folder.resolve("sweep/sweep.html"));
      assertTrue(page.contains(table.rows().get(0).settings()), page);
      assertTrue(page.contains("data:image/png"), page);
      String rate = table.rows().get(0).settings().replace("generator.rate=", "");
      assertEquals(
          Double.parseDouble(rate),
          Presets.settings(best.toString(), Map.of(), 0).generator().optimizer().rate().start());
      assertTrue(table.text().contains("lower is better"), table.text());
    }
  }

  @Test
  void aRunThatDivergesIsWorstAndEndsNothing() {
    // Weights so large that the logits overflow.
    Vary last =
        Vary.parse(
            "discriminator.layers.1={dense: {units: 1}},{dense: {units: 1, init: normal 1e38}}");
    SweepWish wish =
        new SweepWish(
            recipe(),
            List.of(last),
            new SweepWish.Effort(1, OptionalInt.empty(), Optional.empty(), BestBy.FCD));
    try (Sweep sweep = Sweep.open(wish, folder.resolve("sweep"), SILENT)) {
      SweepTable table = sweep.run();
      assertFalse(table.rows().get(0).settings().contains("1e38"), table.text());
      assertEquals(1, table.rows().get(1).diverged());
      assertTrue(table.text().contains("diverged"), table.text());
    }
  }

  @Test
  void aBudgetShortensRunsOrIsRefused() {
    SweepPlan plan = SweepPlan.of(List.of(Map.of(), Map.of(), Map.of(), Map.of()), 2, 1, 1000);
    assertEquals(List.of(500L, 1000L), plan.rungs());
    // 8 runs of half the length and 4 of the other half are 6 full ones; 12 judgements.
    SweepBudget takes = new SweepBudget(0.5, 2);
    assertEquals(100, takes.steps(Duration.ofSeconds(12 * 2 + 6 * 100 / 2), plan));
    assertEquals(1000, takes.steps(Duration.ofHours(9), plan));
    TrainingException refused =
        assertThrows(TrainingException.class, () -> takes.steps(Duration.ofSeconds(25), plan));
    assertTrue(refused.getMessage().contains("8 runs do not fit into 25 s"), refused.getMessage());
  }

  @Test
  void anotherSweepIsRefusedByWhatDiffers() {
    Path place = folder.resolve("sweep");
    Sweep.open(wish(), place, SILENT).close();
    TrainingException refused =
        assertThrows(
            TrainingException.class,
            () -> Sweep.open(wish("1e-3,1e-2,1e-1", 3, Optional.empty()), place, SILENT));
    assertTrue(refused.getMessage().contains("seeds: 2"), refused.getMessage());
  }

  @Test
  void mistakesAreToldBeforeAnythingIsTrained() {
    assertThrows(IllegalArgumentException.class, () -> Vary.parse("generator.rate"));
    assertThrows(IllegalArgumentException.class, () -> Vary.parse("generator.rate=1e-3,1e-3"));
    assertThrows(IllegalArgumentException.class, () -> Vary.parse("seed=1,2"));
    assertEquals(List.of("{relu: 1, a: 2}", "tanh"), Vary.parse("k={relu: 1, a: 2},tanh").values());
    Exception told =
        assertThrows(
            RuntimeException.class,
            () -> Sweep.open(wish("1e-3,fast", 1, Optional.empty()), folder.resolve("s"), SILENT));
    assertTrue(told.getMessage().contains("fast"), told.getMessage());
    assertFalse(Files.exists(folder.resolve("s")));
  }
}
