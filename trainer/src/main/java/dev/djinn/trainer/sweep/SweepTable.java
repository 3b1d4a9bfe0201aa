package dev.djinn.trainer.sweep;

import dev.djinn.files.AtomicFile;
import dev.djinn.files.StepNames;
import dev.djinn.network.YamlOutput;
import dev.djinn.report.QualityPage;
import dev.djinn.report.RunReport;
import dev.djinn.run.RunFolder;
import dev.djinn.settings.SettingsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * The outcome of a sweep: a row for each combination of settings, best first; those that were left
 * out earlier come later.
 *
 * @param summary what was trained, in a line
 * @param rows best first
 * @param notes what is to be known beside them
 */
public record SweepTable(String summary, List<Row> rows, List<String> notes) {
  /** Copies the lists. */
  public SweepTable {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /**
   * A combination of settings.
   *
   * @param settings in words, such as {@code generator.rate=2e-3}
   * @param steps how far its runs went
   * @param mean of the figure over seeds, NaN if all diverged
   * @param deviation the sample's standard deviation over seeds, NaN of a single run
   * @param values each seed's figure
   * @param diverged how many runs stopped since their numbers were no longer finite
   * @param run the first seed's run, by number
   */
  public record Row(
      String settings,
      long steps,
      double mean,
      double deviation,
      List<Double> values,
      int diverged,
      int run) {
    private List<String> cells() {
      return List.of(
          settings,
          String.format(Locale.ROOT, "%,d", steps),
          number(mean),
          number(deviation),
          Stream.concat(
                  values.stream().map(Row::number),
                  Stream.generate(() -> "diverged").limit(diverged))
              .collect(Collectors.joining(" ")));
    }

    private static String number(double value) {
      return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4g", value);
    }
  }

  static SweepTable of(SweepPlan plan, SweepResults results, List<Integer> best) {
    List<Row> rows = new ArrayList<>();
    List<Integer> told = new ArrayList<>();
    for (int rung = plan.rungs().size() - 1; rung >= 0; rung--) {
      List<Integer> ranked =
          rung == plan.rungs().size() - 1 ? best : results.ranked(rung).orElseThrow();
      for (int choice : ranked) {
        if (!told.contains(choice)) {
          told.add(choice);
          SweepResults.Spread spread = results.spread(choice, rung);
          rows.add(
              new Row(
                  SweepPlan.name(plan.choices().get(choice)),
                  plan.rungs().get(rung),
                  spread.mean(),
                  spread.deviation(),
                  spread.values(),
                  spread.diverged(),
                  plan.indexes(choice).get(0)));
        }
      }
    }
    return new SweepTable(plan.told() + "; by " + results.judgedBy(), rows, notes(plan, results));
  }

  /** What the spread says of the first two that were compared, at whichever rung that was. */
  private static List<String> notes(SweepPlan plan, SweepResults results) {
    for (int rung = plan.rungs().size() - 1; rung >= 0; rung--) {
      List<Integer> ranked = results.ranked(rung).orElseThrow();
      if (ranked.size() < 2) {
        continue;
      }
      SweepResults.Spread first = results.spread(ranked.get(0), rung);
      SweepResults.Spread second = results.spread(ranked.get(1), rung);
      double spread = Math.max(first.deviation(), second.deviation());
      if (plan.seeds() == 1) {
        return List.of("One seed each says nothing of chance; --seeds 3 would.");
      }
      if (Math.abs(first.mean() - second.mean()) < spread) {
        return List.of(
            "The first two are nearer to each other than their seeds are; more --seeds would tell.");
      }
      return List.of();
    }
    return List.of();
  }

  private static final List<String> COLUMNS = List.of("settings", "steps", "mean", "±", "seeds");

  /** {@return the table as text, each line with its end} */
  public String text() {
    List<List<String>> all = new ArrayList<>(List.of(COLUMNS));
    rows.forEach(row -> all.add(row.cells()));
    int widest = all.stream().mapToInt(cells -> cells.get(0).length()).max().orElse(0);
    StringBuilder text = new StringBuilder(summary + System.lineSeparator());
    for (List<String> cells : all) {
      String line =
          String.format(
              Locale.ROOT,
              "%-" + widest + "s  %9s  %9s  %9s  %s",
              cells.get(0),
              cells.get(1),
              cells.get(2),
              cells.get(3),
              cells.get(4));
      text.append(line.stripTrailing()).append(System.lineSeparator());
    }
    notes.forEach(note -> text.append(note).append(System.lineSeparator()));
    return text.toString();
  }

  Path write(Path folder, String command) throws IOException {
    StringBuilder csv = new StringBuilder("settings,steps,mean,deviation,diverged,seeds\n");
    for (Row row : rows) {
      csv.append('"').append(row.settings().replace("\"", "\"\"")).append('"');
      csv.append(
          ",%d,%s,%s,%d,%s\n"
              .formatted(
                  row.steps(),
                  row.mean(),
                  row.deviation(),
                  row.diverged(),
                  row.values().stream().map(String::valueOf).collect(Collectors.joining(" "))));
    }
    AtomicFile.write(folder.resolve("table.csv"), csv.toString());
    Map<String, BufferedImage> pictures = new LinkedHashMap<>();
    for (Row row : rows) {
      Optional<Path> sheet = lastSheet(home(folder, row));
      if (sheet.isPresent()) {
        pictures.put(
            "%s, the first seed after %,d steps".formatted(row.settings(), row.steps()),
            ImageIO.read(sheet.get().toFile()));
      }
    }
    RunReport.Table table = new RunReport.Table(COLUMNS, rows.stream().map(Row::cells).toList());
    new QualityPage(
            "Sweep in " + folder.toAbsolutePath().normalize().getFileName(),
            summary,
            table,
            notes,
            Map.of(),
            pictures,
            command)
        .write(folder.resolve("sweep.html"));
    Path best = folder.resolve("best.yaml");
    AtomicFile.write(
        best,
        YamlOutput.file(SettingsFile.write(RunFolder.open(home(folder, rows.get(0))).settings())));
    return best;
  }

  private static Path home(Path folder, Row row) {
    return folder.resolve("runs").resolve(String.format(Locale.ROOT, "%03d", row.run()));
  }

  /** The last sample sheet that the run has drawn. */
  private static Optional<Path> lastSheet(Path run) throws IOException {
    Path samples = run.resolve("samples");
    List<Long> steps = StepNames.in(samples, ".png");
    return steps.isEmpty()
        ? Optional.empty()
        : Optional.of(samples.resolve(StepNames.of(steps.get(steps.size() - 1)) + ".png"));
  }
}
