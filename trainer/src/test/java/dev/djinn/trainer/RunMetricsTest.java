package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.UntrainedClassifier;
import dev.djinn.run.RunFacts;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunMetricsTest {
  @TempDir Path folder;
  private String classifier;

  @BeforeEach
  void makeClassifier() throws IOException {
    Path file = folder.resolve("tiny.safetensors");
    UntrainedClassifier.write(file, 8, 2);
    classifier = file.toString();
  }

  private static Optional<RunFacts.Metrics> measured(String classifier, OptionalDouble target) {
    return Optional.of(new RunFacts.Metrics(classifier, target));
  }

  @Test
  void everyCheckpointHasARowAndTheReportATable() throws IOException {
    Path run = folder.resolve("run");
    TinyRun.start(run, Map.of(), measured(classifier, OptionalDouble.empty())).run();
    List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
    assertEquals(
        "step,fcd,kid,precision,recall,density,coverage,label_accuracy,classes_found,least_class,class_kl",
        lines.get(0));
    assertEquals(
        List.of("4", "8", "12"),
        lines.stream().skip(1).map(l -> l.substring(0, l.indexOf(','))).toList());
    assertTrue(Files.readString(run.resolve("report.html")).contains("<th>coverage</th>"));
  }

  @Test
  void measuringChangesNothingAboutTheRunAndAResumedOneMeasuresTheSame() throws IOException {
    Path plain = folder.resolve("plain");
    Path whole = folder.resolve("whole");
    Path halves = folder.resolve("halves");
    TinyRun.start(plain, Map.of()).run();
    TinyRun.start(whole, Map.of(), measured(classifier, OptionalDouble.empty())).run();
    TinyRun.start(halves, Map.of("steps", "8"), measured(classifier, OptionalDouble.empty())).run();
    TinyRun.resume(halves, Map.of(), measured(classifier, OptionalDouble.empty())).run();
    TrainingRunTest.assertSame(
        plain.resolve("checkpoints/000012"), whole.resolve("checkpoints/000012"));
    assertEquals(
        Files.readString(whole.resolve("metrics.csv")),
        Files.readString(halves.resolve("metrics.csv")));
  }

  @Test
  void aResumedRunIsMeasuredAsItWas() throws IOException {
    Path whole = folder.resolve("whole");
    Path halves = folder.resolve("halves");
    TinyRun.start(whole, Map.of(), measured(classifier, OptionalDouble.empty())).run();
    TinyRun.start(halves, Map.of("steps", "8"), measured(classifier, OptionalDouble.of(0))).run();
    assertEquals(
        Optional.of(new RunFacts.Metrics(classifier, OptionalDouble.of(0))),
        RunFolder.open(halves).facts().metrics());
    // As if killed between saving the checkpoint of step 8 and measuring it.
    Path rows = halves.resolve("metrics.csv");
    Files.write(rows, Files.readAllLines(rows).subList(0, 2));
    TinyRun.resume(halves, Map.of()).run();
    assertEquals(Files.readString(whole.resolve("metrics.csv")), Files.readString(rows));
    assertEquals(
        OptionalDouble.of(0), RunFolder.open(halves).facts().metrics().orElseThrow().targetFcd());
  }

  @Test
  void aCheckpointThatAnInterruptionMadeIsNotMeasured() throws IOException {
    Path run = folder.resolve("run");
    TinyRun.start(run, Map.of("steps", "6")).run();
    TinyRun.resume(run, Map.of(), measured(classifier, OptionalDouble.empty())).run();
    assertEquals(
        List.of("8", "12"),
        Files.readAllLines(run.resolve("metrics.csv")).stream()
            .skip(1)
            .map(l -> l.substring(0, l.indexOf(',')))
            .toList());
  }

  @Test
  void aRunWhoseTargetIsReachedDoesNotGoOnUnlessTheTargetMoves() {
    Path run = folder.resolve("run");
    TinyRun.start(run, Map.of(), measured(classifier, OptionalDouble.of(1e6))).run();
    assertEquals(4, TinyRun.resume(run, Map.of()).run());
    assertEquals(
        12, TinyRun.resume(run, Map.of(), measured(classifier, OptionalDouble.of(0))).run());
  }

  @Test
  void aRunWithoutItsClassifierMakesNoFolder() {
    Path run = folder.resolve("run");
    assertThrows(
        IllegalArgumentException.class,
        () -> TinyRun.start(run, Map.of(), measured("nothing", OptionalDouble.empty())));
    assertFalse(Files.exists(run));
  }

  @Test
  void aTargetThatIsReachedEndsTheRunNormally() {
    Path run = folder.resolve("run");
    assertEquals(
        4, TinyRun.start(run, Map.of(), measured(classifier, OptionalDouble.of(1e6))).run());
    Path never = folder.resolve("never");
    assertEquals(
        12, TinyRun.start(never, Map.of(), measured(classifier, OptionalDouble.of(0))).run());
    assertFalse(Files.exists(run.resolve("checkpoints/000008")));
  }

  @Test
  void aClassUnderATenthOfItsShareIsMissing() {
    // 40 pictures of 4 classes: an even share is 10, a tenth of it 1.
    List<Integer> seen =
        IntStream.range(0, 40).map(i -> i == 0 ? 1 : i < 20 ? 0 : 3).boxed().toList();
    assertEquals(List.of("c"), ClassBalance.missing(seen, List.of("a", "b", "c", "d")));
  }

  /** Networks that learn nothing to speak of: their pictures are noise, and of few classes. */
  @ParameterizedTest
  @CsvSource({"mnist, true", "noise, false"})
  void aRunWithoutLabelsOnKnownDataIsWatched(String data, boolean watched) throws IOException {
    byte[] pixels = new byte[20 * 28 * 28];
    new Random(1).nextBytes(pixels);
    ImageSet images =
        new ImageSet(
            data,
            1,
            28,
            28,
            pixels,
            IntStream.range(0, 20).map(i -> i % 10).toArray(),
            IntStream.range(0, 10).mapToObj(Integer::toString).toList());
    Map<String, String> changes = new HashMap<>();
    changes.put("image.side", "28");
    changes.put("classes", "0");
    changes.put("batch", "2");
    changes.put("steps", "1000");
    changes.put("generator.layers", "[{dense: {units: 784}}, {reshape: [1, 28, 28]}, tanh]");
    changes.put("discriminator.layers", "[flatten, {dense: {units: 1}}]");
    for (String every : List.of("sample-every", "log-every", "checkpoint-every")) {
      changes.put(every, "1000");
    }
    Path run = folder.resolve("run");
    TrainingRun.Source source = new TrainingRun.Source(images, data, Map.of(), 1);
    TrainingRun.start(
            new TrainingRun.Plan(run, TinyRun.settings(changes), source, "cpu", Optional.empty()),
            TinyRun.SILENT)
        .run();
    Path file = run.resolve("warnings.txt");
    String warnings = Files.exists(file) ? Files.readString(file) : "";
    assertEquals(watched, warnings.contains("step 1000 [classes-missing] "), warnings);
  }

  @Test
  void classesThatAreMissingAreNamed() throws IOException {
    Path file = folder.resolve("warnings.txt");
    RunWarnings warnings =
        RunWarnings.open(
            file, 0, TinyRun.settings(Map.of()), new TrainingProgress(TinyRun.SILENT, 0, 10, 10));
    warnings.judgeBalance(1000, List.of());
    assertFalse(Files.exists(file));
    warnings.judgeBalance(2000, List.of("1", "7"));
    assertTrue(
        Files.readString(file)
            .startsWith("step 2000 [classes-missing] the generator hardly draws 2 classes: 1, 7"),
        Files.readString(file));
  }

  @Test
  void theBestCheckpointOutlivesTheNewestOnes() throws IOException {
    Path run = folder.resolve("run");
    Map<String, String> settings =
        Map.of("keep-best", "fcd", "keep-checkpoints", "1", "checkpoint-every", "2");
    TinyRun.start(run, settings, measured(classifier, OptionalDouble.empty())).run();
    Map<Long, Double> distances = new HashMap<>();
    for (String line : Files.readAllLines(run.resolve("metrics.csv"))) {
      if (!line.startsWith("step")) {
        distances.put(Long.valueOf(line.split(",", -1)[0]), Double.valueOf(line.split(",", -1)[1]));
      }
    }
    assertEquals(6, distances.size());
    long best = distances.keySet().stream().min(Comparator.comparing(distances::get)).orElseThrow();
    assertEquals(Stream.of(best, 12L).distinct().toList(), RunFolder.open(run).checkpoints());
  }

  @Test
  void theBestCannotBeKeptUnmeasured() {
    Path run = folder.resolve("run");
    TrainingException e =
        assertThrows(TrainingException.class, () -> TinyRun.start(run, Map.of("keep-best", "fcd")));
    assertEquals(
        "keep-best needs figures to go by; measure them with --metrics, or leave keep-best out",
        e.getMessage());
    assertFalse(Files.exists(run));
  }
}
