package dev.djinn.trainer.sweep;

import dev.djinn.files.AtomicFile;
import dev.djinn.files.FileProblem;
import dev.djinn.network.YamlCursor;
import dev.djinn.run.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which runs there are, and how far each goes before the worse half of the settings is left out.
 * Runs are numbered from 0, the seeds of one setting side by side.
 *
 * @param choices every combination of values, in the order in which they were given
 * @param seeds runs of each
 * @param rungs steps after which all are judged that are still in; the last is a run's length
 */
record SweepPlan(List<Map<String, String>> choices, int seeds, List<Long> rungs) {
  static final String FILE = "plan.yaml";
  private static final String RUNGS = "rungs: ";

  /** Every combination. */
  static List<Map<String, String>> combine(List<Vary> vary) {
    List<Map<String, String>> all = List.of(Map.of());
    for (Vary one : vary) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> before : all) {
        for (String value : one.values()) {
          Map<String, String> choice = new LinkedHashMap<>(before);
          if (choice.put(one.key(), value) != null) {
            throw new IllegalArgumentException("--vary %s: given twice".formatted(one.key()));
          }
          longer.add(choice);
        }
      }
      all = longer;
    }
    return all;
  }

  /** The plan for runs of a length: each rung is half of the one after it. */
  static SweepPlan of(List<Map<String, String>> choices, int seeds, int halvings, long length) {
    List<Long> rungs = new ArrayList<>();
    for (int left = halvings; left >= 0; left--) {
      long steps = Math.max(1, Math.round(length / Math.pow(2, left)));
      if (rungs.isEmpty() || rungs.get(rungs.size() - 1) < steps) {
        rungs.add(steps);
      }
    }
    return new SweepPlan(choices, seeds, rungs);
  }

  /** How many settings are judged at a rung. */
  int kept(int rung) {
    int kept = choices.size();
    for (int i = 0; i < rung; i++) {
      kept = (kept + 1) / 2;
    }
    return kept;
  }

  int runs() {
    return choices.size() * seeds;
  }

  int choice(int index) {
    return index / seeds;
  }

  /** From 1. */
  int seed(int index) {
    return index % seeds + 1;
  }

  /** The runs of a setting. */
  List<Integer> indexes(int choice) {
    return IntStream.range(choice * seeds, (choice + 1) * seeds).boxed().toList();
  }

  /** A setting in words. */
  static String name(Map<String, String> choice) {
    return choice.isEmpty()
        ? "as it is"
        : choice.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
  }

  /** A line a run. */
  String list() {
    return IntStream.range(0, runs())
        .mapToObj(
            index ->
                String.format(
                    Locale.ROOT,
                    "%d  %s  seed %d%n",
                    index,
                    name(choices.get(choice(index))),
                    seed(index)))
        .collect(Collectors.joining());
  }

  /** How many runs train to how many steps. */
  String told() {
    List<String> parts = new ArrayList<>();
    for (int rung = 0; rung < rungs.size(); rung++) {
      parts.add(String.format(Locale.ROOT, "%d to step %,d", kept(rung) * seeds, rungs.get(rung)));
    }
    return "%d runs: %s".formatted(runs(), String.join(", ", parts));
  }

  /**
   * The steps of a plan that is there already.
   *
   * @param file its file
   * @param wish what it must have been made for
   * @throws TrainingException if it is another sweep's
   */
  static List<Long> rungs(Path file, String wish) {
    try {
      String text = Files.readString(file);
      int end = text.lastIndexOf(RUNGS);
      if (end < 0 || !text.substring(0, end).equals(wish)) {
        List<String> mine = wish.lines().toList();
        String other =
            text.lines()
                .filter(line -> !line.startsWith(RUNGS) && !mine.contains(line))
                .findFirst()
                .orElse("less than is asked for now");
        throw new TrainingException(
            "%s is of another sweep (it has: %s); ask as before, or choose another --out"
                .formatted(file, other.strip()));
      }
      return YamlCursor.parse(text.substring(end), file.toString()).get("rungs").list().stream()
          .map(step -> step.integer(1, Long.MAX_VALUE))
          .toList();
    } catch (IOException e) {
      throw new TrainingException("cannot read " + file + ": " + FileProblem.reason(e), e);
    }
  }

  void write(Path file, String wish) throws IOException {
    AtomicFile.write(file, wish + RUNGS + rungs + "\n");
  }
}
