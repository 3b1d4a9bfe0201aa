package dev.djinn.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code scripts/try-gpu} judges with, since where it was made it could not be run whole. */
@DisabledOnOs(OS.WINDOWS)
class TryGpuTest {
  private static final String SCRIPT = "../try-gpu";

  @TempDir Path folder;

  private record Said(int code, String text) {}

  @Test
  void saysThatThereIsNoCudaAndEndsWith77() throws IOException, InterruptedException {
    // A path without nvidia-smi, so that a machine with a GPU tests the same.
    Path bin = Files.createDirectory(folder.resolve("bin"));
    for (String tool : new String[] {"bash", "env", "dirname", "readlink"}) {
      Path found = Path.of("/usr/bin", tool);
      Files.createSymbolicLink(
          bin.resolve(tool), Files.exists(found) ? found : Path.of("/bin", tool));
    }
    Said said = run(Map.of("PATH", bin.toString()), "/bin/bash", SCRIPT);
    assertEquals(77, said.code(), said.text());
    assertTrue(said.text().contains("skipped: no CUDA here"), said.text());
  }

  @Test
  void refusesAnOddNumberOfSteps() throws IOException, InterruptedException {
    Said said = run(Map.of(), "bash", SCRIPT, "-s", "7");
    assertEquals(2, said.code(), said.text());
  }

  @Test
  void takesTheMeansOfALogsQuarters() throws IOException, InterruptedException {
    StringBuilder log = new StringBuilder("step,epoch,seconds,images_per_second,d_loss\n");
    for (int step = 1; step <= 8; step++) {
      log.append(step).append(",1,").append(step / 2.0).append(",9,").append(step).append('\n');
    }
    Path file = Files.writeString(folder.resolve("log.csv"), log);
    assertEquals(new Said(0, "1.5000 7.5000\n"), call("means " + file + " d_loss"));
    assertEquals(new Said(0, "2.00\n"), call("rate " + file));
    assertEquals(1, call("means " + file + " g_loss").code());
  }

  @ParameterizedTest
  @CsvSource({
    "0.9, 1.3, 0",
    "0.9, 1.5, 1",
    "8, 9.9, 0",
    "8, 11, 1",
    "-8, -9.9, 0",
    "-1, 1, 1",
    "nan, 1, 1",
    "NaN, NaN, 1"
  })
  void tellsLossesOfOneTrainingFromOthers(String a, String b, int code)
      throws IOException, InterruptedException {
    assertEquals(code, call("alike " + a + " " + b).code());
  }

  @Test
  void countsPixelsThatDifferAndAllowsForRounding() throws IOException, InterruptedException {
    byte[] pixels = new byte[1000];
    Path a = Files.write(folder.resolve("a"), pixels);
    for (int i = 0; i < 10; i++) {
      pixels[i * 7] = 1;
    }
    Path rounded = Files.write(folder.resolve("rounded"), pixels);
    pixels[999] = 1;
    Path many = Files.write(folder.resolve("many"), pixels);
    pixels[999] = (byte) 200;
    Path far = Files.write(folder.resolve("far"), pixels);
    Path longer = Files.write(folder.resolve("longer"), new byte[1001]);
    assertEquals(new Said(0, "11 200\n"), call("differing " + a + " " + far));
    assertEquals(0, call("parity " + a + " " + a).code());
    assertEquals(0, call("parity " + a + " " + rounded).code());
    for (Path other : new Path[] {many, far, longer}) {
      assertEquals(1, call("parity " + a + " " + other).code(), other.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "100 500 500 510 520, 0",
    "100 500 500 510 530, 1",
    "500 600 700 800 900, 1",
    "500 500, 1"
  })
  void tellsFlatMemoryFromGrowing(String megabytes, int code)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("mb"), megabytes.replace(' ', '\n') + "\n");
    assertEquals(code, call("flat " + file).code());
  }

  private Said call(String function) throws IOException, InterruptedException {
    return run(Map.of(), "bash", "-c", "source " + SCRIPT + "; set +e; " + function);
  }

  private Said run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process.environment().remove("TRY_GPU_REHEARSAL");
    process.environment().putAll(environment);
    Process running = process.start();
    String text = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(running.waitFor(), text);
  }
}
