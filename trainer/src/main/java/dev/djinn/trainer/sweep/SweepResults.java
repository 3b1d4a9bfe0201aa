package dev.djinn.trainer.sweep;

import dev.djinn.files.AtomicFile;
import dev.djinn.files.FileProblem;
import dev.djinn.network.YamlCursor;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Recording.BestBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What is known of the runs so far: a file a run and rung, so that machines that share a folder can
 * each do some.
 */
final class SweepResults {
  private static final String DIVERGED = "diverged";

  private final Path folder;
  private final SweepPlan plan;
  private final BestBy by;

  SweepResults(Path folder, SweepPlan plan, BestBy by) {
    this.folder = folder;
    this.plan = plan;
    this.by = by;
  }

  /** The figure in words. */
  String judgedBy() {
    return by.name().toLowerCase(Locale.ROOT)
        + (by.better(0, 1) ? ", lower is better" : ", higher is better");
  }

  private Path file(int index, int rung) {
    return folder.resolve(
        String.format(Locale.ROOT, "%03d-%06d.yaml", index, plan.rungs().get(rung)));
  }

  boolean has(int index, int rung) {
    return Files.exists(file(index, rung));
  }

  void write(int index, int rung, Map<String, Double> figures) throws IOException {
    StringBuilder text = new StringBuilder();
    figures.forEach((name, value) -> text.append(name + ": " + value + "\n"));
    save(index, rung, text.toString());
  }

  /** A run whose numbers are no longer finite is worse than any other. */
  void writeDiverged(int index, int rung) throws IOException {
    save(index, rung, DIVERGED + ": true\n");
  }

  private void save(int index, int rung, String text) throws IOException {
    Files.createDirectories(folder);
    AtomicFile.write(file(index, rung), text);
  }

  /** The figure that judges; empty if the run diverged. */
  OptionalDouble figure(int index, int rung) {
    Path file = file(index, rung);
    try {
      YamlCursor figures = YamlCursor.parse(Files.readString(file), file.toString());
      return figures.find(DIVERGED).isPresent()
          ? OptionalDouble.empty()
          : OptionalDouble.of(figures.get(by.name().toLowerCase(Locale.ROOT)).real(-1e30, 1e30));
    } catch (IOException e) {
      throw new TrainingException("cannot read " + file + ": " + FileProblem.reason(e), e);
    }
  }

  /**
   * The settings that are judged at a rung, best of the rung before first.
   *
   * @return empty while some of the rung before are not known
   */
  Optional<List<Integer>> judged(int rung) {
    if (rung == 0) {
      return Optional.of(IntStream.range(0, plan.choices().size()).boxed().toList());
    }
    return ranked(rung - 1).map(all -> all.subList(0, plan.kept(rung)));
  }

  /** Those of a rung, best first; empty while some are not known. */
  Optional<List<Integer>> ranked(int rung) {
    Optional<List<Integer>> at = judged(rung);
    if (at.isEmpty() || missing(rung, at.get()) > 0) {
      return Optional.empty();
    }
    List<Integer> order = new ArrayList<>(at.get());
    order.sort(Comparator.naturalOrder());
    order.sort(Comparator.comparingDouble(choice -> worth(choice, rung)));
    return Optional.of(order);
  }

  long missing(int rung, List<Integer> choices) {
    return choices.stream()
        .flatMap(choice -> plan.indexes(choice).stream())
        .filter(index -> !has(index, rung))
        .count();
  }

  /** The mean over seeds, less is better; infinite if one diverged. */
  private double worth(int choice, int rung) {
    Spread spread = spread(choice, rung);
    if (spread.diverged() > 0) {
      return Double.POSITIVE_INFINITY;
    }
    return by.better(0, 1) ? spread.mean() : -spread.mean();
  }

  /**
   * A figure over the seeds of a setting.
   *
   * @param values of the seeds that did not diverge
   * @param diverged how many did
   */
  record Spread(List<Double> values, int diverged) {
    double mean() {
      return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** The sample's standard deviation; NaN of a single value. */
    double deviation() {
      double mean = mean();
      double sum = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
      return values.size() < 2 ? Double.NaN : Math.sqrt(sum / (values.size() - 1));
    }
  }

  Spread spread(int choice, int rung) {
    List<Double> values = new ArrayList<>();
    int diverged = 0;
    for (int index : plan.indexes(choice)) {
      OptionalDouble figure = figure(index, rung);
      if (figure.isPresent()) {
        values.add(figure.getAsDouble());
      } else {
        diverged++;
      }
    }
    return new Spread(values, diverged);
  }
}
