package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** Trains in a process of its own and kills it some time after its first new checkpoint. */
  private static void kill(Path run, int milliseconds) throws IOException, InterruptedException {
    long before = lastCheckpoint(run);
    Path output = Files.createTempFile(run.getParent(), "victim", ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Victim.class.getName(),
                run.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
      while (process.isAlive() && lastCheckpoint(run) <= before) {
        assertTrue(System.nanoTime() < patience, "no checkpoint after " + before);
        Thread.sleep(5);
      }
      Thread.sleep(milliseconds);
    } finally {
      process.destroyForcibly();
    }
    assertNotEquals(0, process.waitFor(), () -> "it was over already: " + read(output));
    assertTrue(lastCheckpoint(run) > before, () -> read(output));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
