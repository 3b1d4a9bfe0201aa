package dev.djinn.trainer;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.evaluation.Evaluation;
import dev.djinn.evaluation.Quality;
import dev.djinn.evaluation.QualitySummary;
import dev.djinn.evaluation.RandomFeatures;
import dev.djinn.files.AtomicFile;
import dev.djinn.network.NetworkBlock;
import dev.djinn.report.RunReport;
import dev.djinn.run.RunFacts;
import dev.djinn.settings.Recording;
import dev.djinn.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** {@code metrics.csv}: how good the generator is at every checkpoint. */
final class RunMetrics implements AutoCloseable {
  /** Pictures of each side: fewer than {@code djinn evaluate} takes, so its figures differ. */
  static final int SAMPLES = 5000;

  private static final List<String> COLUMNS =
      List.of(
          "fcd",
          "kid",
          "precision",
          "recall",
          "density",
          "coverage",
          "label_accuracy",
          "classes_found",
          "least_class",
          "class_kl");

  private final Path file;
  private final List<List<String>> rows = new ArrayList<>();
  private final Settings settings;
  private final List<String> classes;
  private final RunFacts.Metrics wish;
  private final NDManager manager;
  private final Evaluation evaluation;

  private List<String> notes = List.of();

  /** Before the names of figures that are not a classifier's. */
  private final String space;

  /**
   * Opens the classifier and looks at the real pictures; nothing is read or written yet.
   *
   * @param file {@code metrics.csv}, new or old
   * @param settings of the run
   * @param real what the run learns from
   * @param wish what to measure with
   * @param parent its device is used
   */
  RunMetrics(Path file, Settings settings, ImageSet real, RunFacts.Metrics wish, NDManager parent) {
    this.file = file;
    this.settings = settings;
    this.classes = real.classes();
    this.wish = wish;
    manager = parent.newSubManager();
    evaluation =
        new Evaluation(
            real,
            SAMPLES,
            Classifiers.extractor(wish.classifier(), real, manager),
            settings.seed(),
            manager);
    space = wish.classifier().equals(RandomFeatures.NAME) ? Quality.RANDOM : "";
  }

  /**
   * Opens the file and drops rows beyond a checkpoint, which the resumed run will write again.
   *
   * @param step finished steps
   * @throws IOException if the file cannot be read or written
   */
  void rewind(long step) throws IOException {
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        List<String> cells = List.of(line.split(",", -1));
        if (cells.size() == COLUMNS.size() + 1
            && cells.get(0).matches("[0-9]{1,18}")
            && Long.parseLong(cells.get(0)) <= step) {
          rows.add(cells);
        }
      }
    }
    save();
  }

  /**
   * Measures and writes a row.
   *
   * @param generator run in inference mode
   * @param step finished steps
   * @return the Fréchet distance
   */
  double measure(NetworkBlock generator, long step) throws IOException {
    ImageSet pictures =
        new TrainedGenerator(settings, classes, generator, manager)
            .draw(evaluation.samples(), settings.seed());
    Quality quality = evaluation.judge(pictures, false);
    Map<String, Double> figures = quality.figures();
    notes = new QualitySummary(List.of(quality), OptionalDouble.empty()).notes();
    List<String> row = new ArrayList<>();
    row.add(Long.toString(step));
    for (String column : COLUMNS) {
      Double value = figures.getOrDefault(space + column, figures.get(column));
      row.add(value == null ? "" : String.format(Locale.ROOT, "%.6g", value));
    }
    rows.add(row);
    save();
    return figures.get(space + "fcd");
  }

  /** The newest row by the file's columns. */
  Map<String, Double> last() {
    Map<String, Double> last = new LinkedHashMap<>();
    List<String> row = rows.get(rows.size() - 1);
    List<String> columns = columns();
    for (int i = 0; i < columns.size(); i++) {
      if (!row.get(i + 1).isEmpty()) {
        last.put(columns.get(i), Double.valueOf(row.get(i + 1)));
      }
    }
    return last;
  }

  /** The Fréchet distance of a step, empty if it has no row. */
  OptionalDouble fcd(long step) {
    return rows.stream()
        .filter(row -> row.get(0).equals(Long.toString(step)))
        .mapToDouble(row -> Double.parseDouble(row.get(1)))
        .findFirst();
  }

  /** The first step that no other is better than by a figure; empty if nothing was measured. */
  Optional<Long> best(Recording.BestBy by) {
    int column = 1 + COLUMNS.indexOf(by.name().toLowerCase(Locale.ROOT));
    List<String> best = null;
    for (List<String> row : rows) {
      if (best == null
          || by.better(Double.parseDouble(row.get(column)), Double.parseDouble(best.get(column)))) {
        best = row;
      }
    }
    return Optional.ofNullable(best).map(row -> Long.parseLong(row.get(0)));
  }

  /** Whether a distance is what the run was to reach. */
  boolean reached(double fcd) {
    return wish.targetFcd().isPresent() && fcd <= wish.targetFcd().getAsDouble();
  }

  /** The rows so far, for the report. */
  RunReport.Table table() {
    List<String> columns = new ArrayList<>(List.of("step"));
    columns.addAll(columns());
    return new RunReport.Table(columns, rows);
  }

  /** What is to be known beside the last row, if this process measured it. */
  List<String> notes() {
    return notes;
  }

  /** The columns as the file names them: figures in random features are named so. */
  private List<String> columns() {
    return COLUMNS.stream()
        .map(column -> Quality.TITLES.containsKey(space + column) ? space + column : column)
        .toList();
  }

  private void save() throws IOException {
    AtomicFile.write(
        file,
        "step,"
            + String.join(",", columns())
            + "\n"
            + rows.stream().map(row -> String.join(",", row) + "\n").collect(Collectors.joining()));
  }

  @Override
  public void close() {
    evaluation.close();
    manager.close();
  }
}
