package dev.djinn.exporter.doctor;

import dev.djinn.exporter.ExportResult;
import dev.djinn.exporter.RunExport;
import dev.djinn.files.Folders;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

/** Trains a moment, exports, which proves the file, and draws from it. */
final class SelfTest {
  private final BiConsumer<String, String> out;

  SelfTest(BiConsumer<String, String> out) {
    this.out = out;
  }

  /** Whether all three work. */
  boolean run() {
    Path folder;
    try {
      folder = Files.createTempDirectory("djinn-doctor");
    } catch (IOException e) {
      out.accept("cannot begin:", e.getMessage());
      return false;
    }
    try {
      Path run = folder.resolve("run");
      return part("training", () -> train(run))
          && part("export", () -> export(run))
          && part("sampling", () -> sample(run));
    } finally {
      delete(folder);
    }
  }

  private static String train(Path run) {
    TrainingRequest request =
        TrainingRequest.of("quick").with("steps", 2).with("batch", 16).into(run);
    try (TrainingRun training = request.prepare(new TrainingListener() {})) {
      return training.run() + " steps";
    }
  }

  private static String export(Path run) {
    ExportResult made = RunExport.of(run).write();
    return made.parity().toString();
  }

  private static String sample(Path run) {
    try (Sampler sampler = Sampler.open(run.resolve("export"))) {
      return sampler.sample(SampleRequest.of(64).withSeed(42)).count()
          + " pictures on "
          + sampler.provider();
    }
  }

  private boolean part(String name, Callable<String> work) {
    long start = System.nanoTime();
    try {
      String found = work.call();
      out.accept(
          name,
          String.format(
              Locale.ROOT, "works: %s, in %.1f s", found, (System.nanoTime() - start) / 1e9));
      return true;
    } catch (Exception e) {
      out.accept(name, "fails: " + e.getMessage());
      return false;
    }
  }

  private void delete(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      out.accept("leaves", folder + ": " + e.getMessage());
    }
  }
}
