package dev.djinn.trainer;

import dev.djinn.files.AtomicFile;
import dev.djinn.report.CurvePoint;
import dev.djinn.step.AdversarialStep;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code log.csv}: a row at every logged step, flushed as it is written. Some recipes have more
 * columns than others.
 */
final class RunLog implements AutoCloseable {
  static final String HEADER = "step,epoch,seconds,images_per_second,d_loss,g_loss,d_accuracy";

  private final BufferedWriter writer;
  private final List<CurvePoint> points = new ArrayList<>();
  private double secondsBefore;

  private RunLog(BufferedWriter writer) {
    this.writer = writer;
  }

  /**
   * Opens the log and drops rows that a resumed run writes again, or would not have written had it
   * never stopped.
   *
   * @param file the log, new or old
   * @param stays whether the row of a step stays
   * @param more columns that its rows have beside the usual ones
   * @param milliseconds of training that they took; if empty, what the last row of them says
   * @return the open log
   * @throws IOException if it cannot be written
   */
  static RunLog open(Path file, LongPredicate stays, List<String> more, Optional<Long> milliseconds)
      throws IOException {
    String header = String.join(",", Stream.concat(Stream.of(HEADER), more.stream()).toList());
    int columns = header.split(",").length;
    StringBuilder kept = new StringBuilder(header).append('\n');
    List<CurvePoint> old = new ArrayList<>();
    double seconds = 0;
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] cells = line.split(",", -1);
        if (cells.length == columns
            && cells[0].matches("[0-9]+")
            && stays.test(Long.parseLong(cells[0]))) {
          kept.append(line).append('\n');
          seconds = Double.parseDouble(cells[2]);
          old.add(
              new CurvePoint(
                  Long.parseLong(cells[0]),
                  Float.parseFloat(cells[4]),
                  Float.parseFloat(cells[5]),
                  Float.parseFloat(cells[6])));
        }
      }
    }
    AtomicFile.write(file, kept.toString());
    RunLog log = new RunLog(Files.newBufferedWriter(file, StandardOpenOption.APPEND));
    log.secondsBefore = milliseconds.isPresent() ? milliseconds.get() / 1e3 : seconds;
    log.points.addAll(old);
    return log;
  }

  void row(
      long step,
      long epoch,
      double seconds,
      double imagesPerSecond,
      AdversarialStep.Result result,
      List<String> more)
      throws IOException {
    // The shortest decimals that give the floats back, so that two logs can be compared exactly.
    writer.write(
        String.format(
            Locale.ROOT,
            "%d,%d,%.4f,%.1f,%s,%s,%s%s\n",
            step,
            epoch,
            secondsBefore + seconds,
            imagesPerSecond,
            result.discriminatorLoss(),
            result.generatorLoss(),
            result.accuracy(),
            more.stream().map(cell -> "," + cell).collect(Collectors.joining())));
    writer.flush();
    points.add(
        new CurvePoint(
            step, result.discriminatorLoss(), result.generatorLoss(), result.accuracy()));
  }

  /** The step of the last row, 0 if there is none. */
  long last() {
    return points.isEmpty() ? 0 : points.get(points.size() - 1).step();
  }

  /** Seconds of training, those before a resumption included. */
  double seconds(double now) {
    return secondsBefore + now;
  }

  List<CurvePoint> points() {
    return points;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
