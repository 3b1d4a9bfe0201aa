package dev.djinn.trainer;

import dev.djinn.names.Names;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.SettingsFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
          "tensorboard",
          "checkpoint-every",
          "keep-checkpoints");

  private static final String DATA = "data-checksum";

  private Resumption() {}

  /**
   * What differs between a run as it was and as it would be.
   *
   * @param key the setting, as {@code --set} and {@code --allow} name it
   * @param change both values in words
   */
  private record Difference(String key, String change) {
    /** Whether it, or the part that it belongs to, is among these. */
    boolean in(Set<String> keys) {
      return keys.stream().anyMatch(allowed -> isPart(key, allowed));
    }

    @Override
    public String toString() {
      return key + " " + change;
    }
  }

  /**
   * Refuses a resumption that would not continue the same computation.
   *
   * @param old the run as it was
   * @param now the run as it would be
   * @param allowed keys that may differ all the same; a part's name allows all of it
   * @return the differences that were allowed, in words
   * @throws TrainingException naming each other difference with both values
   * @throws IllegalArgumentException naming an allowed key that is none of the run
   */
  static List<String> check(RunFolder old, RunFolder now, Set<String> allowed) {
    Map<String, Object> before = flat(old);
    Map<String, Object> after = flat(now);
    for (String key : allowed) {
      if (FREE.contains(key)) {
        throw new IllegalArgumentException(
            "--allow " + key + ": it may differ in any case; leave it out");
      }
      if (!known(key, before) && !known(key, after)) {
        throw new IllegalArgumentException(
            "--allow "
                + key
                + ": no setting of this run"
                + Names.hint(
                    key,
                    Stream.concat(before.keySet().stream(), after.keySet().stream()).toList()));
      }
    }
    if (old.facts().device().isEmpty()) {
      // An older run does not say what it computed on.
      after.remove("device");
    }
    List<Difference> differences =
        differences(before, after).stream()
            .map(
                difference ->
                    difference.key().equals(DATA) ? told(difference, old, now) : difference)
            .toList();
    List<Difference> refused = differences.stream().filter(d -> !d.in(allowed)).toList();
    if (!refused.isEmpty()) {
      throw new TrainingException(
          "cannot resume "
              + old.path()
              + " under other settings: "
              + refused.stream().map(Difference::toString).collect(Collectors.joining("; "))
              + "; use the run's own settings, start a new run, or accept the change with --allow "
              + refused.stream().map(Difference::key).collect(Collectors.joining(",")));
    }
    return differences.stream().map(Difference::toString).toList();
  }

  /** Which pictures it was, beside their checksums. */
  private static Difference told(Difference checksums, RunFolder old, RunFolder now) {
    String pictures = old.facts().comparedTo(now.facts().dataCount(), now.facts().labels());
    return new Difference(DATA, "%s; that is %s".formatted(checksums.change(), pictures));
  }

  private static boolean known(String key, Map<String, Object> flat) {
    return flat.keySet().stream().anyMatch(name -> isPart(name, key));
  }

  /** Whether a setting is another or belongs to it. */
  private static boolean isPart(String name, String of) {
    return name.equals(of) || name.startsWith(of + ".");
  }

  private static List<Difference> differences(
      Map<String, Object> before, Map<String, Object> after) {
    List<Difference> differences = new ArrayList<>();
    before.forEach(
        (key, value) -> {
          if (!value.equals(after.get(key))) {
            differences.add(
                new Difference(
                    key, "was " + value + ", now " + after.getOrDefault(key, "not set")));
          }
        });
    after.forEach(
        (key, value) -> {
          if (!before.containsKey(key)) {
            differences.add(new Difference(key, "was not set, now " + value));
          }
        });
    return differences;
  }

  private static Map<String, Object> flat(RunFolder run) {
    Map<String, Object> flat = new LinkedHashMap<>();
    Map<String, Object> settings = SettingsFile.write(run.settings());
    settings.keySet().removeAll(FREE);
    flatten("", settings, flat);
    flat.put(DATA, run.facts().dataChecksum());
    flat.put("threads", run.facts().threads());
    run.facts().device().ifPresent(device -> flat.put("device", device));
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
