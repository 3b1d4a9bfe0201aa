package dev.djinn.trainer;

import dev.djinn.report.EventFile;
import dev.djinn.report.Png;
import dev.djinn.step.AdversarialStep;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run writes down, as TensorBoard's events: a file a process, in the run's folder. */
final class RunEvents implements AutoCloseable {
  private final EventFile file;

  private RunEvents(EventFile file) {
    this.file = file;
  }

  /** Opens a new file; what older ones have beyond the step is void. */
  static RunEvents open(Path run, long step) throws IOException {
    long seconds = System.currentTimeMillis() / 1000;
    Path path;
    do {
      // Ten digits first, then anything: TensorBoard reads the files of a folder by name.
      path =
          run.resolve(
              String.format(
                  Locale.ROOT,
                  "events.out.tfevents.%010d.djinn.%d",
                  seconds++,
                  ProcessHandle.current().pid()));
    } while (Files.exists(path));
    EventFile file = EventFile.create(path);
    try {
      if (step > 0) {
        file.restart(step + 1);
      }
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return new RunEvents(file);
  }

  /** A row of the log, with its further columns. */
  void row(
      long step,
      AdversarialStep.Result result,
      double imagesPerSecond,
      List<String> columns,
      List<String> more)
      throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/discriminator", (double) result.discriminatorLoss());
    values.put("loss/generator", (double) result.generatorLoss());
    values.put("accuracy/discriminator", (double) result.accuracy());
    values.put("speed/images_per_second", imagesPerSecond);
    for (int i = 0; i < columns.size(); i++) {
      values.put("more/" + columns.get(i), Double.valueOf(more.get(i)));
    }
    file.scalars(step, values);
  }

  /** A sample sheet. */
  void sheet(long step, Path png) throws IOException {
    BufferedImage sheet = Png.read(png);
    file.picture(
        step,
        "samples",
        Files.readAllBytes(png),
        sheet.getWidth(),
        sheet.getHeight(),
        sheet.getRaster().getNumBands());
  }

  /** Figures of a checkpoint. */
  void figures(long step, Map<String, Double> figures) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    figures.forEach((name, value) -> values.put("quality/" + name, value));
    file.scalars(step, values);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
