package dev.djinn.evaluation;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.djinn.report.RunReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    for (int i = 0; i < first.classNames().size(); i++) {
      classes.put(first.classNames().get(i), first.generated().classes().counts().get(i));
    }
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
          if (means.containsKey(name)) {
            rows.add(List.of(title, cell(name), cell("real_" + name)));
          }
        });
    return new RunReport.Table(List.of("", "generated", "real"), rows);
  }

  private String cell(String name) {
    Double mean = means.get(name);
    if (mean == null) {
      return "";
    }
    // Four digits, wherever they begin: a good kernel distance is a few millionths.
    String form = name.endsWith("classes_found") ? "%.0f" : mean >= 100 ? "%.1f" : "%.4g";
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
    JsonArray counts = new JsonArray();
    all.get(0).generated().classes().counts().forEach(counts::add);
    json.add("class_counts", counts);
  }
}
