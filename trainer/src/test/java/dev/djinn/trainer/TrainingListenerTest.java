package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingListenerTest {
  @TempDir Path folder;

  /** Keeps what it is told. */
  private static final class Kept implements TrainingListener {
    private final List<Progress> steps = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Consumer<Progress> then;
    private int ends;

    Kept(Consumer<Progress> then) {
      this.then = then;
    }

    @Override
    public void step(Progress progress) {
      steps.add(progress);
      then.accept(progress);
    }

    @Override
    public void line(String line) {
      lines.add(line);
    }

    @Override
    public void ended() {
      ends++;
    }
  }

  private TrainingRun.Plan plan(String name) {
    return new TrainingRun.Plan(
        folder.resolve(name),
        TinyRun.settings(Map.of()),
        TinyRun.source(1),
        "cpu",
        Optional.empty());
  }

  @Test
  void isToldOfEveryStepWhatTheLogSays() throws IOException {
    Kept kept = new Kept(step -> {});
    TrainingRun.start(plan("run"), kept).run();

    List<String> log = Files.readAllLines(folder.resolve("run/log.csv"));
    assertEquals(12, kept.steps.size());
    for (int i = 0; i < 12; i++) {
      TrainingListener.Progress step = kept.steps.get(i);
      String[] row = log.get(1 + i).split(",", -1);
      assertEquals(i + 1, step.done());
      assertEquals(12, step.last());
      assertEquals(row[4], Float.toString(step.discriminatorLoss()));
      assertEquals(row[5], Float.toString(step.generatorLoss()));
      assertEquals(row[6], Float.toString(step.accuracy()));
    }
    assertEquals(0, kept.steps.get(11).secondsLeft());
    assertTrue(kept.steps.get(3).secondsLeft() > 0);
    assertTrue(kept.lines.get(0).startsWith("device cpu"), kept.lines.toString());
    String end = kept.lines.get(kept.lines.size() - 1);
    assertTrue(end.contains(folder.resolve("run").toString()), end);
    assertEquals(1, kept.ends);
  }

  @Test
  void mayStopTheRunWhichThenGoesOnAsIfItHadNot() throws IOException {
    TrainingRun.start(plan("whole"), TinyRun.SILENT).run();
    TrainingRun[] run = new TrainingRun[1];
    Kept kept =
        new Kept(
            step -> {
              if (step.done() == 5) {
                run[0].stop();
              }
            });
    run[0] = TrainingRun.start(plan("parts"), kept);
    assertEquals(5, run[0].run());
    assertEquals(12, TrainingRun.resume(plan("parts"), Set.of(), TinyRun.SILENT).run());
    assertArrayEquals(generator("whole"), generator("parts"));
  }

  @Test
  void anInterruptEndsTheRunSavedAndIsGivenBack() {
    Kept kept =
        new Kept(
            step -> {
              if (step.done() == 3) {
                Thread.currentThread().interrupt();
              }
            });
    TrainingRun run = TrainingRun.start(plan("run"), kept);
    assertEquals(3, run.run());
    assertTrue(Thread.interrupted());
    assertEquals(List.of(3L), RunFolder.open(run.folder()).checkpoints());
  }

  @Test
  void whatItThrowsEndsTheRunAndLeavesCheckpointsWhole() {
    Kept kept =
        new Kept(
            step -> {
              if (step.done() == 6) {
                throw new IllegalStateException("enough");
              }
            });
    TrainingRun run = TrainingRun.start(plan("run"), kept);
    assertThrows(IllegalStateException.class, run::run);
    assertEquals(1, kept.ends);
    assertEquals(List.of(4L), RunFolder.open(run.folder()).checkpoints());
    assertFalse(Thread.interrupted());
  }

  private byte[] generator(String run) throws IOException {
    return Files.readAllBytes(folder.resolve(run + "/checkpoints/000012/generator.safetensors"));
  }
}
