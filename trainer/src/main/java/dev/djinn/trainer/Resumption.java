package dev.djinn.trainer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a run may go on under other settings: only what does not change its course may differ.
 */
final class Resumption {
  /** Settings that decide when something is written or when the run ends, not what it computes. */
  private static final Set<String> FREE =
      Set.of(
          "summary",
          "steps",
          "epochs",
          "sample-every",
          "sample-count",
          "sample-columns",
          "dark-on-light",
          "manifold-every",
          "log-every",
          "checkpoint-every",
          "keep-checkpoints");

  private Resumption() {}

  /**
   * Refuses a resumption that would not continue the same computation.
   *
   * @param old the run as it was
   * @param now the run as it would be
   * @throws TrainingException naming each difference with both values
   */
  static void check(RunFolder old, RunFolder now) {
    List<String> differences = differences(old, now);
    if (!differences.isEmpty()) {
      throw new TrainingException(
          "cannot resume "
              + old.path()
              + " under other settings: "
              + String.join("; ", differences)
              + "; use the run's own settings or start a new run");
    }
  }

  static List<String> differences(RunFolder old, RunFolder now) {
    Map<String, Object> before = flat(old);
    Map<String, Object> after = flat(now);
    List<String> differences = new ArrayList<>();
    before.forEach(
        (key, value) -> {
          if (!value.equals(after.get(key))) {
            differences.add(key + " was " + value + ", now " + after.get(key));
          }
        });
    after.forEach(
        (key, value) -> {
          if (!before.containsKey(key)) {
            differences.add(key + " was not set, now " + value);
          }
        });
    return differences;
  }

  private static Map<String, Object> flat(RunFolder run) {
    Map<String, Object> flat = new LinkedHashMap<>();
    Map<String, Object> settings = SettingsFile.write(run.settings());
    settings.keySet().removeAll(FREE);
    flatten("", settings, flat);
    flat.put("data checksum", run.facts().dataChecksum());
    flat.put("threads", run.facts().threads());
    flat.put("libtorch", run.facts().versions().getOrDefault("libtorch", "unknown"));
    return flat;
  }

  private static void flatten(String prefix, Object value, Map<String, Object> flat) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, item) -> flatten(prefix.isEmpty() ? "" + key : prefix + "." + key, item, flat));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        flatten(prefix + "." + i, list.get(i), flat);
      }
    } else {
      flat.put(prefix, value);
    }
  }
}
