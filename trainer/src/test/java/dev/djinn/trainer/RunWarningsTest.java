package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.report.CurvePoint;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunWarningsTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("warnings.txt");
  }

  private RunWarnings open(long step) throws IOException {
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    return RunWarnings.open(
        file,
        step,
        TinyRun.settings(Map.of()),
        new TrainingProgress(new PrintedProgress(out, false), 0, 1000, 10));
  }

  private static List<CurvePoint> log(int every, int rows, double accuracy) {
    List<CurvePoint> log = new ArrayList<>();
    for (int i = 1; i <= rows; i++) {
      log.add(new CurvePoint((long) i * every, 0.1, 3, accuracy));
    }
    return log;
  }

  @Test
  void aDiscriminatorThatIsAlwaysRightIsWarnedOfOnce() throws IOException {
    RunWarnings warnings = open(0);
    warnings.judgeAccuracy(log(20, 19, 1));
    assertEquals(List.of(), warnings.lines(), "19 rows are too few");
    warnings.judgeAccuracy(log(1, 199, 1));
    assertEquals(List.of(), warnings.lines(), "199 steps are too few");
    warnings.judgeAccuracy(log(20, 20, 0.9));
    warnings.judgeAccuracy(log(20, 20, 0.52));
    assertEquals(List.of(), warnings.lines(), "a fair fight");
    assertFalse(Files.exists(file));

    warnings.judgeAccuracy(log(20, 20, 0.995));
    warnings.judgeAccuracy(log(20, 21, 1));
    assertEquals(1, warnings.lines().size());
    String line = warnings.lines().get(0);
    assertTrue(
        line.startsWith(
            "step 400 [discriminator-won] the discriminator has been right in 99.5 % of cases since"
                + " step 20"),
        line);
    assertTrue(line.contains("--set discriminator.rate=2.5E-4"), line);
    assertEquals(line + "\n", Files.readString(file));
    assertEquals(1, said.toString(StandardCharsets.UTF_8).lines().count());
    assertTrue(said.toString(StandardCharsets.UTF_8).startsWith("warning: the discriminator"));
  }

  @Test
  void aDiscriminatorThatGuessesIsWarnedOf() throws IOException {
    RunWarnings warnings = open(0);
    warnings.judgeAccuracy(log(10, 40, 0.5));
    assertTrue(warnings.lines().get(0).startsWith("step 400 [discriminator-lost] "));
    warnings.judgeAccuracy(log(10, 40, 1));
    assertEquals(2, warnings.lines().size(), "another kind");
  }

  @Test
  void samplesThatAreAlikeAreWarnedOfUnlessTheGeneratorIsYoung() throws IOException {
    RunWarnings warnings = open(0);
    warnings.judgeDiversity(RunWarnings.YOUNG - 1, 0);
    warnings.judgeDiversity(RunWarnings.YOUNG, 0.25);
    warnings.judgeDiversity(RunWarnings.YOUNG, Double.NaN);
    assertEquals(List.of(), warnings.lines());
    warnings.judgeDiversity(RunWarnings.YOUNG, 0.124);
    assertTrue(warnings.lines().get(0).contains("differ by 12 % of what real ones do"));
  }

  @Test
  void aResumedRunKeepsWarningsUpToItsCheckpoint() throws IOException {
    RunWarnings warnings = open(0);
    warnings.judgeAccuracy(log(20, 20, 1));
    warnings.judgeDiversity(600, 0);
    assertEquals(2, open(600).lines().size());
    RunWarnings again = open(500);
    assertEquals(1, again.lines().size());
    again.judgeAccuracy(log(20, 25, 1));
    assertEquals(1, again.lines().size());
    assertEquals(List.of(), open(399).lines());
    assertFalse(Files.exists(file));
  }

  @Test
  void distanceIsTheMeanOverPairsOfAKind() {
    float[] pictures = {0, 0, 3, 4, 0, 1, 10, 10};
    // Pairs of kind 0: (0,0)–(3,4) is 5, (0,0)–(0,1) is 1, (3,4)–(0,1) is √18.
    assertEquals(
        (5 + 1 + Math.sqrt(18)) / 3,
        Diversity.meanDistance(pictures, new int[] {0, 0, 0, 1}),
        1e-12);
    assertEquals(0, Diversity.meanDistance(pictures, new int[] {0, 1, 2, 3}));
  }

  /** A generator without weights to learn draws one picture; its opponent soon knows it. */
  @Test
  void aCollapsedRunSaysSoInFileAndReport() throws IOException {
    Map<String, String> changes = new HashMap<>();
    changes.put("steps", "600");
    changes.put("log-every", "10");
    changes.put("sample-every", "300");
    changes.put("checkpoint-every", "300");
    changes.put("generator.rate", "1e-12");
    changes.put("generator.layers.1", "{dense: {units: 4*side/2*side/2, init: constant 0}}");
    changes.put("discriminator.layers.4", "relu");
    TinyRun.start(folder, changes).run();
    String written = Files.readString(file);
    assertTrue(written.contains("[discriminator-won]"), written);
    assertTrue(written.contains("[samples-alike]"), written);
    assertEquals(2, written.lines().count(), written);
    String report = Files.readString(folder.resolve("report.html"));
    assertEquals(3, report.split("class=\"warning\"", -1).length);
  }

  @Test
  void aHealthyGeneratorIsAsDiverseAsItsData() throws IOException {
    TorchEngine.get();
    try (ai.djl.ndarray.NDManager manager = ai.djl.ndarray.NDManager.newBaseManager()) {
      Settings settings =
          TinyRun.settings(
              Map.of(
                  "generator.layers.1", "{dense: {units: 4*side/2*side/2, init: normal 10}}",
                  "generator.layers.0", "{label-multiply: {init: normal 10}}"));
      dev.djinn.network.NetworkBlock generator =
          dev.djinn.network.NetworkBlock.create(settings.generator().network(), manager);
      Diversity diversity = new Diversity(settings, TinyRun.images(1), manager);
      double share = diversity.share(generator);
      assertTrue(share > 0.5, "share " + share);
      assertEquals(share, diversity.share(generator), "the same latents every time");
    }
  }
}
