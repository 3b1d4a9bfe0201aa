package dev.djinn.trainer;

import dev.djinn.progress.ProgressLine;
import dev.djinn.report.CurvePoint;
import dev.djinn.report.RunReport;
import dev.djinn.run.RunFacts;
import dev.djinn.run.RunFolder;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import dev.djinn.settings.SettingsTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The words of {@code report.html}: title, summary, settings and how to have the run again. */
final class RunPage {
  private RunPage() {}

  /** The report of a run after some steps. */
  static RunReport of(
      RunFolder folder,
      long step,
      long last,
      double seconds,
      List<String> warnings,
      List<RunReport.Sample> samples,
      List<Path> manifolds,
      List<CurvePoint> points,
      RunReport.Measured measured) {
    RunFacts facts = folder.facts();
    Settings.Image image = folder.settings().image();
    String summary =
        String.format(
            Locale.ROOT,
            "%s, %,d of %,d steps in %s on %s: %,d pictures of %d×%d×%d%s",
            folder.settings().name(),
            step,
            last,
            ProgressLine.clock((long) seconds),
            facts.data(),
            facts.dataCount(),
            image.width(),
            image.height(),
            image.channels(),
            facts.labels().isEmpty() ? "" : ", " + facts.labels().size() + " classes");
    return new RunReport(
        folder.name(),
        summary,
        warnings,
        samples,
        manifolds.stream().filter(Files::exists).toList(),
        points,
        measured,
        settings(folder),
        commands(folder));
  }

  private static Map<String, Map<String, String>> settings(RunFolder folder) {
    Map<String, Map<String, String>> groups = new LinkedHashMap<>();
    Map<String, String> training = new LinkedHashMap<>();
    groups.put("Training", training);
    SettingsFile.write(folder.settings())
        .forEach(
            (key, value) -> {
              if (value instanceof Map<?, ?> map && map.containsKey("layers")) {
                groups.put(
                    key.substring(0, 1).toUpperCase(Locale.ROOT) + key.substring(1), network(map));
              } else if (!key.equals("summary")) {
                training.put(key, SettingsTable.words(value));
              }
            });
    RunFacts facts = folder.facts();
    Map<String, String> run = new LinkedHashMap<>();
    run.put("data", facts.data());
    run.put("data checksum", facts.dataChecksum());
    run.put("threads", Integer.toString(facts.threads()));
    facts.device().ifPresent(device -> run.put("device", device));
    run.putAll(facts.versions());
    groups.put("Run", run);
    return groups;
  }

  private static Map<String, String> network(Map<?, ?> network) {
    Map<String, String> rows = new LinkedHashMap<>();
    network.forEach(
        (key, value) -> {
          if (value instanceof List<?> layers) {
            for (int i = 0; i < layers.size(); i++) {
              rows.put("layer " + i, SettingsTable.words(layers.get(i)));
            }
          } else {
            rows.put(key.toString(), SettingsTable.words(value));
          }
        });
    return rows;
  }

  /**
   * What to type to have the same run again: its own {@code run.yaml} states every setting, the
   * rest says what to learn from, on how many threads and what device.
   */
  private static List<String> commands(RunFolder folder) {
    RunFacts facts = folder.facts();
    List<String> words = new ArrayList<>(List.of("djinn", "train"));
    words.add(RunReport.quoted(folder.path().resolve("run.yaml").toString()));
    words.add("--data");
    words.add(RunReport.quoted(facts.data()));
    facts
        .dataOptions()
        .forEach(
            (option, value) -> {
              words.add("--" + option);
              words.add(RunReport.quoted(value));
            });
    words.add("--threads");
    words.add(Integer.toString(facts.threads()));
    facts.device().ifPresent(device -> words.addAll(List.of("--device", device)));
    words.add("--out");
    words.add(RunReport.quoted(folder.path() + "-again"));
    return List.of(String.join(" ", words));
  }
}
