package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.files.Folders;
import dev.djinn.files.Sha256;
import dev.djinn.run.RunFolder;
import dev.djinn.run.SafeTensors;
import dev.djinn.run.TrainingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  static final Map<String, String> PLAIN = Map.of();
  static final Map<String, String> PLANE =
      Map.of("latent.size", "2", "manifold-every", "2 until 4, then 3");
  @TempDir Path folder;

  /** Everything that must be equal bit for bit: parameters, optimiser state, samples, losses. */
  private static Map<String, String> outcome(Path run) throws IOException {
    Map<String, String> outcome = new HashMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = run.relativize(file).toString();
        if (name.endsWith("log.csv")) {
          // The clock differs; step, epoch, losses and accuracy may not.
          outcome.put(
              name,
              String.join(
                  "\n",
                  Files.readAllLines(file).stream()
                      .map(line -> line.replaceAll("^([^,]*,[^,]*),[^,]*,[^,]*,", "$1,"))
                      .toList()));
        } else if (name.endsWith("state.yaml")) {
          outcome.put(name, withoutClock(file));
        } else if (name.equals("report.html")) {
          // The clock again, and the folder's own name in titles and the command.
          String own = run.getFileName().toString();
          outcome.put(
              name,
              Files.readString(file)
                  .replaceFirst("( steps in )[0-9:]+", "$1")
                  .replace(run.toString(), "")
                  .replace("<title>" + own + "<", "<title><")
                  .replace("<h1>" + own + "<", "<h1><"));
        } else if (!name.equals("run.yaml")) {
          outcome.put(name, Sha256.of(file));
        }
      }
    }
    return outcome;
  }

  /** A checkpoint's step, counters and hashes. */
  static String withoutClock(Path state) throws IOException {
    return Files.readString(state).replaceFirst("milliseconds: [0-9]+", "");
  }

  static void assertSame(Path expected, Path actual) throws IOException {
    Map<String, String> one = outcome(expected);
    Map<String, String> other = outcome(actual);
    assertEquals(one.keySet(), other.keySet());
    // The log first: its first differing row says where two runs parted.
    assertEquals(one.get("log.csv"), other.get("log.csv"));
    one.forEach((file, content) -> assertEquals(content, other.get(file), file));
  }

  @Test
  void leavesTheRunFolderOfTheContract() throws IOException {
    assertEquals(12, TinyRun.start(folder.resolve("run"), PLAIN).run());
    for (String file :
        List.of(
            "run.yaml",
            "log.csv",
            "losses.png",
            "samples.gif",
            "report.html",
            "samples/000000.png",
            "samples/000004.png",
            "samples/000012.png",
            "checkpoints/000012/generator.safetensors",
            "checkpoints/000012/discriminator.safetensors",
            "checkpoints/000012/optimizers.safetensors",
            "checkpoints/000012/state.yaml")) {
      assertTrue(Files.size(folder.resolve("run").resolve(file)) > 0, file);
    }
    List<String> log = Files.readAllLines(folder.resolve("run/log.csv"));
    assertEquals(RunLog.HEADER, log.get(0));
    assertEquals(13, log.size());
    // 57 pictures in batches of 10: five steps an epoch.
    assertTrue(log.get(5).startsWith("5,1,"), log.get(5));
    assertTrue(log.get(6).startsWith("6,2,"), log.get(6));
    RunFolder run = RunFolder.open(folder.resolve("run"));
    assertEquals(TinyRun.settings(PLAIN), run.settings());
    assertEquals(List.of(4L, 8L, 12L), run.checkpoints());
  }

  @Test
  void sameSeedSameRunAndAnotherSeedAnother() throws IOException {
    TinyRun.start(folder.resolve("a"), PLAIN).run();
    TinyRun.start(folder.resolve("b"), PLAIN).run();
    TinyRun.start(folder.resolve("c"), Map.of("seed", "6")).run();
    assertSame(folder.resolve("a"), folder.resolve("b"));
    assertNotEquals(outcome(folder.resolve("a")), outcome(folder.resolve("c")));
  }

  @Test
  void interruptedRunSavesACheckpointAndGoesOn() throws Exception {
    TrainingRun run = TinyRun.start(folder.resolve("run"), Map.of("steps", "1000000"));
    Thread thread = new Thread(run::run);
    thread.start();
    while (!Files.exists(folder.resolve("run/checkpoints/000004"))) {
      Thread.sleep(10);
    }
    assertTrue(run.interrupt(60));
    thread.join();
    RunFolder left = RunFolder.open(folder.resolve("run"));
    long step = left.lastCheckpoint().orElseThrow().step();
    assertTrue(step >= 4, "step " + step);
    Map<String, String> longer = Map.of("steps", Long.toString(step + 3));
    assertEquals(step + 3, TinyRun.resume(folder.resolve("run"), longer).run());
  }

  /** Sheets, rows and checkpoints are due at none of the steps in which it may end. */
  @Test
  void aRunThatEndsEarlyShowsWhatThereIsAndGoesOnAsIfItHadNotEnded() throws Exception {
    Map<String, String> seldom =
        Map.of(
            "steps", "1000000",
            "sample-every", "1000000",
            "checkpoint-every", "1000000",
            "log-every", "1000000");
    Path ended = folder.resolve("ended");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    long step =
        TrainingRun.start(
                TinyRun.plan(ended, seldom, Optional.empty()),
                PrintedProgress.to(new PrintStream(said, true, StandardCharsets.UTF_8)))
            .run(Duration.ofSeconds(1));
    assertTrue(Files.exists(ended.resolve(String.format(Locale.ROOT, "samples/%06d.png", step))));
    List<String> log = Files.readAllLines(ended.resolve("log.csv"));
    assertEquals(2, log.size(), log.toString());
    assertTrue(log.get(1).startsWith(step + ","), log.get(1));
    assertTrue(Files.exists(ended.resolve("losses.png")));
    assertTrue(Files.readString(ended.resolve("report.html")).contains("<h1>ended</h1>"));
    List<String> lines = said.toString(StandardCharsets.UTF_8).lines().toList();
    String form =
        "time is over after step %d, [0-9,]+ steps? in 0:0[1-9]: %s".formatted(step, ended);
    assertTrue(lines.get(lines.size() - 3).matches(form), lines.toString());
    assertEquals(
        List.of(
            "report: " + ended.resolve("report.html"),
            "go on with: djinn train --resume --out " + ended),
        lines.subList(lines.size() - 2, lines.size()));

    Map<String, String> longer = with(seldom, "steps", Long.toString(step + 5));
    TinyRun.resume(ended, longer).run();
    Path whole = folder.resolve("whole");
    TinyRun.start(whole, longer).run();
    // An extra checkpoint stays, as a checkpoint out of its turn always has.
    Folders.delete(RunFolder.open(ended).checkpointFolder(step));
    assertSame(whole, ended);
  }

  @Test
  void aFolderOfOtherThingsIsRefusedAndLeftAlone() throws IOException {
    Path other = Files.writeString(folder.resolve(".mine.tmp.txt"), "mine");
    TrainingException e = assertThrows(TrainingException.class, () -> TinyRun.start(folder, PLAIN));
    assertEquals(
        folder + " is not empty, it holds .mine.tmp.txt; choose a new folder as --out",
        e.getMessage());
    assertEquals(List.of(other), filesOf(folder));
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void aRunThatWasKilledBeforeItBeganCanBeStartedAgain() throws IOException {
    Files.writeString(folder.resolve(".lock"), "");
    Files.writeString(folder.resolve(".run.yaml.0f.part"), "half");
    assertEquals(1, TinyRun.start(folder, Map.of("steps", "1")).run());
    assertFalse(Files.exists(folder.resolve(".run.yaml.0f.part")));
  }

  @Test
  void whatOthersPutIntoARunsFolderStays() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    Path notes = Files.createDirectories(folder.resolve("notes"));
    Files.writeString(notes.resolve(".swap.tmp"), "mine");
    TinyRun.resume(folder, PLAIN).run();
    assertTrue(Files.exists(notes.resolve(".swap.tmp")));
  }

  @Test
  void aSecondRunInTheSameFolderIsRefused() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    try (FileChannel other = RunFolder.open(folder).lock()) {
      assertTrue(other.isOpen());
      TrainingRun second = TinyRun.resume(folder, PLAIN);
      TrainingException e = assertThrows(TrainingException.class, second::run);
      assertEquals(
          folder + " is in use by another djinn train; wait for it or choose another --out",
          e.getMessage());
    }
    assertEquals(12, TinyRun.resume(folder, PLAIN).run());
  }

  @Test
  void epochsFollowTheBatchesThatAdaptiveStepsTake() throws IOException {
    // Bounds that are never met: ten batches a step, of which an epoch has five.
    TinyRun.start(
            folder,
            Map.of(
                "steps",
                "3",
                "schedule",
                "{adaptive: {most: 5, discriminator-until: 0, generator-until: 1e9}}"))
        .run();
    assertEquals(
        List.of("1,2", "2,4", "3,6"),
        Files.readAllLines(folder.resolve("log.csv")).stream()
            .skip(1)
            .map(line -> line.replaceFirst("^([0-9]+,[0-9]+),.*", "$1"))
            .toList());
  }

  @Test
  void imagesPerSecondAreOfTheBatchesTaken() {
    TrainingProgress progress = new TrainingProgress(TinyRun.SILENT, 0, 10, 7);
    double one = progress.imagesPerSecond(1) * progress.seconds();
    assertTrue(one > 6.9, "7 pictures, a moment later, got " + one);
    assertEquals(0, progress.imagesPerSecond(0));
  }

  @Test
  void aRunInEpochsSaysHowEachEndedAndHowLongItTook() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    TrainingRun.Plan plan =
        new TrainingRun.Plan(
            folder,
            TinyRun.settings(Map.of("epochs", "2")),
            TinyRun.source(1),
            "cpu",
            Optional.empty());
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    TrainingRun.start(plan, new PrintedProgress(out, false)).run();
    List<String> lines =
        said.toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("epoch"))
            .toList();
    assertEquals(2, lines.size(), lines.toString());
    for (int epoch = 1; epoch <= 2; epoch++) {
      String form = "epoch " + epoch + "/2  d_loss [0-9.]+  g_loss [0-9.]+  [0-9]+[.][0-9] s";
      assertTrue(lines.get(epoch - 1).matches(form), lines.toString());
    }
  }

  /** Digits of the user's language may reach neither names nor scripts nor pages. */
  @Test
  void aRunIsTheSameInEveryLanguage() throws IOException {
    Map<String, String> upsampling =
        Map.of(
            "generator.layers",
            "[{label-one-hot: 2}, {dense: {units: 64}}, {reshape: [4, 4, 4]}, {upsample: 2},"
                + " {conv: {channels: 1, kernel: 3}}, tanh]",
            "discriminator.layers.0",
            "label-one-hot");
    Locale before = Locale.getDefault();
    for (Map<String, String> changes : List.of(PLAIN, upsampling)) {
      Path here = folder.resolve("here" + changes.size());
      Path there = folder.resolve("there" + changes.size());
      TinyRun.start(here, changes).run();
      Locale.setDefault(Locale.forLanguageTag("fa"));
      try {
        assertEquals("\u06f1", String.format("%d", 1), "this Java has no Persian digits");
        TinyRun.start(there, changes).run();
      } finally {
        Locale.setDefault(before);
      }
      assertSame(here, there);
    }
  }

  @Test
  void refusesAFolderThatHoldsARun() {
    TinyRun.start(folder, Map.of("steps", "1")).run();
    TrainingException e = assertThrows(TrainingException.class, () -> TinyRun.start(folder, PLAIN));
    assertTrue(e.getMessage().contains("already holds a run"), e.getMessage());
  }

  @Test
  void corruptedCheckpointIsNamed() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    Path file = folder.resolve("checkpoints/000004/generator.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    TrainingRun resumed = TinyRun.resume(folder, PLAIN);
    TrainingException e = assertThrows(TrainingException.class, resumed::run);
    assertTrue(e.getMessage().contains("generator.safetensors is corrupted"), e.getMessage());
    assertTrue(
        e.getMessage()
            .endsWith("; delete " + file.getParent() + " to go on from the checkpoint before it"),
        e.getMessage());
  }

  @Test
  void nonFiniteLossStopsTheRunWithAdvice() {
    // Weights so large that the logits overflow.
    Map<String, String> broken =
        Map.of("discriminator.layers.6", "{dense: {units: 1, init: normal 1e38}}");
    TrainingRun run = TinyRun.start(folder, broken);
    TrainingException e = assertThrows(TrainingException.class, run::run);
    assertTrue(e.getMessage().contains("no longer finite"), e.getMessage());
    assertTrue(e.getMessage().contains("generator.rate="), e.getMessage());
  }

  @Test
  void nonFiniteParameterIsFoundBeforeACheckpointIsWritten() {
    // Weights of 0 have gradients of 0 through the ReLU, which Adam divides by their size, 0.
    Map<String, String> broken =
        Map.of(
            "generator.epsilon", "0",
            "checkpoint-every", "1",
            "generator.layers.1", "{dense: {units: 4*side/2*side/2, init: constant 0}}");
    TrainingRun run = TinyRun.start(folder, broken);
    TrainingException e = assertThrows(TrainingException.class, run::run);
    assertTrue(
        e.getMessage().startsWith("step 1: generator.00.embedding has NaN at element 0"),
        e.getMessage());
    assertTrue(e.getMessage().contains("last checkpoint: none"), e.getMessage());
    assertEquals(List.of(), RunFolder.open(folder).checkpoints());
  }

  @Test
  void timeThatIsOverEndsTheRunWithACheckpoint() {
    long done = TinyRun.start(folder, Map.of("steps", "1000000")).run(Duration.ofSeconds(3));
    assertTrue(done > 0 && done < 1_000_000, "steps " + done);
    assertEquals(done, RunFolder.open(folder).lastCheckpoint().orElseThrow().step());
    assertTrue(Files.exists(folder.resolve("report.html")));
  }

  @Test
  void keepsOnlyTheNewestCheckpoints() {
    TinyRun.start(folder, Map.of("keep-checkpoints", "2", "checkpoint-every", "3")).run();
    assertEquals(List.of(9L, 12L), RunFolder.open(folder).checkpoints());
  }

  @Test
  void safeTensorsComeBackAndCutFilesAreRefused() throws IOException {
    TinyRun.start(folder, Map.of("steps", "4")).run();
    Path file = folder.resolve("checkpoints/000004/generator.safetensors");
    Map<String, SafeTensors.Tensor> tensors = SafeTensors.read(file);
    assertEquals(
        TinyRun.settings(PLAIN).generator().network().parameters().stream()
            .map(p -> p.name())
            .toList(),
        List.copyOf(tensors.keySet()));
    // The format, by hand: eight bytes of length, the header, then the first array's bytes.
    byte[] bytes = Files.readAllBytes(file);
    int header = (bytes[0] & 0xff) | (bytes[1] & 0xff) << 8;
    float first =
        Float.intBitsToFloat(
            (bytes[8 + header] & 0xff)
                | (bytes[9 + header] & 0xff) << 8
                | (bytes[10 + header] & 0xff) << 16
                | (bytes[11 + header] & 0xff) << 24);
    assertArrayEquals(
        new float[] {first}, new float[] {tensors.values().iterator().next().values().get(0)});
    for (int length : new int[] {0, 5, 9, 40, bytes.length - 1}) {
      Path cut = folder.resolve("cut");
      Files.write(cut, java.util.Arrays.copyOf(bytes, length));
      assertThrows(TrainingException.class, () -> SafeTensors.read(cut), "length " + length);
    }
  }

  @Test
  void lossesInInferenceModeStandBesideTheStepsAndChangeNothing() throws IOException {
    TinyRun.start(folder.resolve("plain"), PLAIN).run();
    Map<String, String> more = new HashMap<>(PLAIN);
    more.put("inference-losses", "true");
    TinyRun.start(folder.resolve("more"), more).run();
    List<String> log = Files.readAllLines(folder.resolve("more/log.csv"));
    assertEquals(RunLog.HEADER + ",d_loss_inference,g_loss_inference", log.get(0));
    assertEquals(
        outcome(folder.resolve("plain")).get("log.csv"),
        outcome(folder.resolve("more")).get("log.csv").replaceAll("(?m),[^,]+,[^,]+$", ""));
    // Batch norm and dropout differ, so the losses do, too.
    String[] cells = log.get(12).split(",", -1);
    assertNotEquals(cells[4], cells[7]);
    TinyRun.start(folder.resolve("half"), with(more, "steps", "4")).run();
    TinyRun.resume(folder.resolve("half"), more).run();
    assertEquals(
        outcome(folder.resolve("more")).get("log.csv"),
        outcome(folder.resolve("half")).get("log.csv"));
  }

  static Map<String, String> with(Map<String, String> settings, String key, String value) {
    Map<String, String> changed = new HashMap<>(settings);
    changed.put(key, value);
    return changed;
  }
}
