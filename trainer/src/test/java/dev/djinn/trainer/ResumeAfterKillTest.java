package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.run.RunFolder;
import dev.djinn.trainer.cli.TrainerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed without warning while they train and write. */
class ResumeAfterKillTest {
  private static final int STEPS = 400;
  private static final int KILLS = 3;

  /** Saves so often that a kill is likely to hit a checkpoint being written. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "steps", "" + STEPS,
          "latent.size", "2",
          "checkpoint-every", "3",
          "keep-checkpoints", "2",
          "sample-every", "20",
          "manifold-every", "25 until 100, then 50");

  @TempDir Path folder;

  /** What runs in the process that is killed. */
  static final class Victim {
    private Victim() {}

    /** Starts the run of a folder, or goes on with it. */
    public static void main(String[] args) {
      train(Path.of(args[0]));
    }
  }

  private static long train(Path run) {
    return (RunFolder.holdsRun(run) ? TinyRun.resume(run, SETTINGS) : TinyRun.start(run, SETTINGS))
        .run();
  }

  private static long lastCheckpoint(Path run) {
    List<Long> steps =
        RunFolder.holdsRun(run) ? RunFolder.open(run).checkpoints() : List.<Long>of();
    return steps.isEmpty() ? 0 : steps.get(steps.size() - 1);
  }

  @Test
  void aRunThatIsKilledAgainAndAgainEndsAsOneThatIsNot() throws Exception {
    Path whole = folder.resolve("whole");
    assertEquals(STEPS, train(whole));
    Path killed = folder.resolve("killed");
    Random random = new Random(5);
    for (int kill = 0; kill < KILLS; kill++) {
      kill(killed, random.nextInt(150));
    }
    assertTrue(lastCheckpoint(killed) < STEPS, "it ended before the last kill");
    assertEquals(STEPS, train(killed));
    TrainingRunTest.assertSame(whole, killed);
  }

  @Test
  void aRunThatIsAskedToEndSavesDrawsAndSaysHowToGoOn() throws Exception {
    Path run = folder.resolve("asked");
    Path output = folder.resolve("asked.log");
    Process process =
        java(
            output,
            TrainerMain.class,
            "train quick --steps 1000000 --batch 8 --threads 1 --set checkpoint-every=2"
                + " --set sample-every=2 --set generator.layers.0.dense.units=16*7*7"
                + " --set generator.layers.3.reshape=[16,7,7] --out "
                + run);
    try {
      awaitCheckpointAfter(0, run, process);
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> read(output));
    } finally {
      process.destroyForcibly();
    }
    assertTrue(
        read(output).contains("interrupted after step " + lastCheckpoint(run) + ","),
        () -> read(output));
    assertTrue(read(output).contains("go on with: djinn train --resume --out"));
    assertTrue(Files.size(run.resolve("samples.gif")) > 0);
  }

  /** Trains in a process of its own and kills it some time after its first new checkpoint. */
  private static void kill(Path run, int milliseconds) throws IOException, InterruptedException {
    long before = lastCheckpoint(run);
    Path output = Files.createTempFile(run.getParent(), "victim", ".log");
    Process process = java(output, Victim.class, run.toString());
    try {
      awaitCheckpointAfter(before, run, process);
      Thread.sleep(milliseconds);
    } finally {
      process.destroyForcibly();
    }
    assertNotEquals(0, process.waitFor(), () -> "it was over already: " + read(output));
    assertTrue(lastCheckpoint(run) > before, () -> read(output));
  }

  private static Process java(Path output, Class<?> main, String line) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
    command.addAll(List.of(line.split(" ")));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  private static void awaitCheckpointAfter(long before, Path run, Process process)
      throws InterruptedException {
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (process.isAlive() && lastCheckpoint(run) <= before) {
      assertTrue(System.nanoTime() < patience, "no checkpoint after " + before);
      Thread.sleep(5);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
