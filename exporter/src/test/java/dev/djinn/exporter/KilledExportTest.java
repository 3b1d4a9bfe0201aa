package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed without warning while they write. */
class KilledExportTest {
  private static final int KILLS = 8;
  private static final int BYTES = 3_000_000;

  @TempDir Path folder;

  /** Writes one file again and again, now of one content, now of another. */
  static final class Writer {
    private Writer() {}

    /** Takes the file. */
    public static void main(String[] args) {
      while (true) {
        AtomicFile.write(Path.of(args[0]), filled(1));
        AtomicFile.write(Path.of(args[0]), filled(2));
      }
    }
  }

  /** Exports the last checkpoint of a run. */
  static final class Exporter {
    private Exporter() {}

    /** Takes the run and the folder for the file. */
    public static void main(String[] args) {
      OnnxExporter.export(
          TrainedRun.last(Path.of(args[0])), ExportOptions.defaults(), Path.of(args[1]));
    }
  }

  @Test
  void aFileIsWholeWheneverItsWriterIsKilled() throws IOException, InterruptedException {
    Random random = new Random(20_261_122);
    Path file = folder.resolve("model.onnx");
    for (int kill = 0; kill < KILLS; kill++) {
      Files.deleteIfExists(file);
      Process writer = start(Writer.class, file);
      try {
        await(writer, file);
        Thread.sleep(random.nextInt(120));
      } finally {
        writer.destroyForcibly().waitFor();
      }
      byte[] left = Files.readAllBytes(file);
      assertTrue(
          Arrays.equals(left, filled(1)) || Arrays.equals(left, filled(2)),
          "kill " + kill + " left " + left.length + " bytes");
    }
  }

  @Test
  void anExportThatIsKilledBeforeItsFileIsWholeLeavesNoFile()
      throws IOException, InterruptedException {
    Path run = SmallRun.train("quick", folder.resolve("run"));
    Path out = folder.resolve("out");
    Process exporter = start(Exporter.class, run, out);
    try {
      await(exporter, out); // the folder is made when all is proven, for the report
    } finally {
      exporter.destroyForcibly().waitFor();
    }
    Path file = out.resolve(OnnxExporter.FILE_NAME);
    if (Files.exists(file)) {
      assertTrue(OnnxExporter.verify(file, TrainedRun.last(run)).holds());
    }
    // What was left behind is in nobody's way.
    ExportResult again = OnnxExporter.export(TrainedRun.last(run), ExportOptions.defaults(), out);
    assertTrue(again.parity().holds());
    assertFalse(Files.exists(out.resolve("." + OnnxExporter.FILE_NAME + ".part")));
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[BYTES];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void await(Process process, Path path) throws InterruptedException {
    while (!Files.exists(path)) {
      assertTrue(process.isAlive(), "ended by itself with " + path + " missing");
      Thread.sleep(1);
    }
  }

  private static Process start(Class<?> main, Path... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    for (Path argument : arguments) {
      builder.command().add(argument.toString());
    }
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
