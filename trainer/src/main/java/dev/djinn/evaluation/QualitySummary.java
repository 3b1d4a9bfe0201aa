package dev.djinn.evaluation;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.djinn.report.RunReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Several judgements of the same generator: each figure's mean, and how far it varies. */
public final class QualitySummary {
  private final List<Quality> all;
  private final Map<String, Double> means = new LinkedHashMap<>();
  private final Map<String, Double> spreads = new LinkedHashMap<>();

  /**
   * Summarises.
   *
   * @param all at least one judgement
   * @param untrained the Fréchet distance before training, if it is known
   */
  public QualitySummary(List<Quality> all, OptionalDouble untrained) {
    this(all, untrained, Optional.empty());
  }

  /**
   * Summarises.
   *
   * @param all at least one judgement
   * @param untrained the Fréchet distance before training, if it is known
   * @param copies how near the pictures lie to those of the training, if it was looked at
   */
  public QualitySummary(List<Quality> all, OptionalDouble untrained, Optional<Copies> copies) {
    this.all = List.copyOf(all);
    List<Map<String, Double>> figures = all.stream().map(Quality::figures).toList();
    for (String name : figures.get(0).keySet()) {
      double mean = figures.stream().mapToDouble(each -> each.get(name)).sum() / all.size();
      means.put(name, mean);
      if (all.size() > 1) {
        double squares = 0;
        for (Map<String, Double> each : figures) {
          squares += (each.get(name) - mean) * (each.get(name) - mean);
        }
        // With n − 1: the judgements are a sample.
        spreads.put(name, Math.sqrt(squares / (all.size() - 1)));
      }
    }
    untrained.ifPresent(value -> means.put("untrained_fcd", value));
    copies.ifPresent(found -> means.putAll(found.figures()));
  }

  /** Pictures of each side in a judgement. */
  public int samples() {
    return all.get(0).samples();
  }

  /**
   * The classes seen in the first judgement.
   *
   * @return pictures by class name, in the order of the classes
   */
  public Map<String, Integer> classes() {
    Map<String, Integer> classes = new LinkedHashMap<>();
    Quality first = all.get(0);
    first
        .generated()
        .classes()
        .ifPresent(
            seen -> {
              for (int i = 0; i < first.classNames().size(); i++) {
                classes.put(first.classNames().get(i), seen.counts().get(i));
              }
            });
    return classes;
  }

  /**
   * The figures by their titles: generated pictures beside real ones.
   *
   * @return three columns: title, generated, real
   */
  public RunReport.Table table() {
    List<List<String>> rows = new ArrayList<>();
    Quality.TITLES.forEach(
        (name, title) -> {
          if (means.containsKey(name) || means.containsKey("real_" + name)) {
            rows.add(List.of(title, cell(name), cell("real_" + name)));
          }
        });
    return new RunReport.Table(List.of("", "generated", "real"), rows);
  }

  /**
   * What is to be known beside the figures.
   *
   * @return sentences, none if all is as one would think
   */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    boolean random = means.containsKey(Quality.RANDOM + "fcd");
    String space = random ? Quality.RANDOM : "";
    if (random) {
      notes.add(
          "There is no classifier of these pictures: they were compared in the features of a fixed"
              + " random network. Such figures compare with others of random features alone.");
    }
    if (means.get(space + "precision") > means.get("real_" + space + "precision")) {
      notes.add(
          "Precision is above what real pictures get: the samples keep to where real pictures lie"
              + " densest. That is no merit of its own; recall and coverage say what it costs.");
    }
    Double right = means.get("real_label_accuracy");
    double chance = 1.0 / Math.max(1, all.get(0).classNames().size());
    if (right != null && right < (1 + chance) / 2) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The classifier is unfit: it is right on %.3g %% of the real pictures. Train one on"
                  + " this data with djinn classifier, or compare with --classifier random.",
              100 * right));
    }
    if (means.getOrDefault("copies", 0.0) > 0) {
      notes.add(Copies.told(means) + ": look at the nearest pairs, which the page shows.");
    }
    return notes;
  }

  private String cell(String name) {
    Double mean = means.get(name);
    if (mean == null) {
      return "";
    }
    // Four digits, wherever they begin: a good kernel distance is a few millionths.
    String form =
        name.endsWith("classes_found") || name.endsWith("held_out")
            ? "%.0f"
            : mean >= 100 ? "%.1f" : "%.4g";
    String text = String.format(Locale.ROOT, form, mean);
    // One judgement has no spread but that of a kernel distance over its own subsets.
    Double spread = spreads.getOrDefault(name, means.get(name + "_spread"));
    return spread == null ? text : text + String.format(Locale.ROOT, " ± %.2g", spread);
  }

  /**
   * Every figure under its short name, with {@code _sd} for its standard deviation if there are
   * several judgements, and the first one's {@code class_counts}.
   *
   * @param json what they are added to
   */
  public void addTo(JsonObject json) {
    json.addProperty("samples", samples());
    json.addProperty("evaluations", all.size());
    means.forEach(
        (name, mean) -> {
          json.addProperty(name, mean);
          if (spreads.containsKey(name)) {
            json.addProperty(name + "_sd", spreads.get(name));
          }
        });
    all.get(0)
        .generated()
        .classes()
        .ifPresent(
            classes -> {
              JsonArray counts = new JsonArray();
              classes.counts().forEach(counts::add);
              json.add("class_counts", counts);
            });
    JsonArray notes = new JsonArray();
    notes().forEach(notes::add);
    if (!notes.isEmpty()) {
      json.add("notes", notes);
    }
  }
}
