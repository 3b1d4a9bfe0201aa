package dev.djinn.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.djinn.sampler.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed without warning while they write. */
class KilledExportTest {
  private static final int KILLS = 8;
  private static final int WRITES = 20;
  private static final int BYTES = 3_000_000;

  @TempDir Path folder;

  /** Writes one file again and again, now of one content, now of another. */
  static final class Writer {
    private Writer() {}

    /** Takes the file. */
    public static void main(String[] args) {
      while (true) {
        ExportFiles.write(Path.of(args[0]), filled(1));
        ExportFiles.write(Path.of(args[0]), filled(2));
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
  void anExportThatIsKilledLeavesAWholeFileAndNoProofOfAnother()
      throws IOException, InterruptedException {
    Path run = SmallRun.train("quick", folder.resolve("run"));
    Path out = folder.resolve("out");
    OnnxExporter.export(TrainedRun.at(run, 1), ExportOptions.defaults(), out);
    Path proof = out.resolve(ExportFiles.PROOF);
    String old = Files.readString(proof);
    Process exporter = start(Exporter.class, run, out);
    try {
      // When all is proven, the old proof goes.
      while (Files.exists(proof) && Files.readString(proof).equals(old)) {
        assertTrue(exporter.isAlive(), "ended by itself with the old proof in place");
        Thread.sleep(1);
      }
    } catch (NoSuchFileException e) {
      // Gone between a look and the next.
    } finally {
      exporter.destroyForcibly().waitFor();
    }
    Path file = out.resolve(ModelFiles.FILE);
    long steps = (Long) OnnxExporter.contract(file).provenance().get("steps");
    assertTrue(OnnxExporter.verify(file, TrainedRun.at(run, steps)).holds());
    if (Files.exists(proof)) {
      assertTrue(Files.readString(proof).contains(", steps=" + steps + ","), "of another file");
    }
    // What was left behind is in nobody's way, and goes when it is a day old.
    Path left = Files.writeString(out.resolve(".model.onnx.0123456789abcdef.part"), "half");
    Path running = Files.writeString(out.resolve(".model.onnx.fedcba9876543210.part"), "half");
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(25, ChronoUnit.HOURS)));
    ExportResult again = OnnxExporter.export(TrainedRun.last(run), ExportOptions.defaults(), out);
    assertTrue(again.parity().holds());
    assertFalse(Files.exists(left));
    assertTrue(Files.exists(running));
  }

  @Test
  void twoWritersOfOneFileAreInNobodysWay() throws Exception {
    Path file = folder.resolve("model.onnx");
    ExecutorService writers = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int value = 1; value <= 2; value++) {
        byte[] bytes = filled(value);
        ends.add(
            writers.submit(
                () -> {
                  for (int i = 0; i < WRITES; i++) {
                    ExportFiles.write(file, bytes);
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      writers.shutdownNow();
    }
    byte[] left = Files.readAllBytes(file);
    assertTrue(Arrays.equals(left, filled(1)) || Arrays.equals(left, filled(2)), "a torn file");
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
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
