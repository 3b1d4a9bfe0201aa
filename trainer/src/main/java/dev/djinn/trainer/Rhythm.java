package dev.djinn.trainer;

import dev.djinn.network.NetworkException;
import dev.djinn.run.Preset;
import dev.djinn.settings.Interval;
import dev.djinn.settings.Recording;
import dev.djinn.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How often a run shows something that is shorter than its preset or file says: a preset that draws
 * every 1,000 of its 12,000 steps would show nothing in 200. What is set by name stays as it is.
 */
final class Rhythm {
  private static final Map<String, Integer> PARTS =
      Map.of(
          "sample-every", Recording.SHEETS,
          "manifold-every", Recording.SHEETS,
          "log-every", Recording.ROWS,
          "checkpoint-every", Recording.CHECKPOINTS);

  private Rhythm() {}

  /**
   * The rhythms that a shortened run needs.
   *
   * @param recipe a preset or a file
   * @param changes what is set by name
   * @param settings the recipe with the changes
   * @param stepsPerEpoch of the data
   * @return settings to change as well, none if the run is as long as the recipe's or longer
   */
  static Map<String, String> of(
      Preset recipe, Map<String, String> changes, Settings settings, long stepsPerEpoch) {
    long steps = settings.length().steps(stepsPerEpoch);
    Map<String, String> rhythms = new LinkedHashMap<>();
    if (steps >= ownSteps(recipe, changes, settings.classes(), stepsPerEpoch)) {
      return rhythms;
    }
    Recording own = settings.recording();
    put(rhythms, "sample-every", own.samples().every(), steps, stepsPerEpoch);
    own.samples()
        .manifoldEvery()
        .ifPresent(every -> put(rhythms, "manifold-every", every, steps, stepsPerEpoch));
    put(rhythms, "log-every", own.log().every(), steps, stepsPerEpoch);
    put(rhythms, "checkpoint-every", own.checkpointEvery(), steps, stepsPerEpoch);
    rhythms.keySet().removeAll(changes.keySet());
    return rhythms;
  }

  /** The recipe's length; one that states none is as long as it is told to be. */
  private static long ownSteps(
      Preset recipe, Map<String, String> changes, int classes, long stepsPerEpoch) {
    Map<String, String> others = new LinkedHashMap<>(changes);
    others.keySet().removeAll(List.of("steps", "epochs"));
    if (others.size() == changes.size()) {
      return 0;
    }
    try {
      return recipe.settings(others, classes).length().steps(stepsPerEpoch);
    } catch (NetworkException e) {
      return 0;
    }
  }

  /** Seldom enough to be cheap, often enough to be seen; whole epochs where those do. */
  private static void put(
      Map<String, String> rhythms, String key, Interval own, long steps, long stepsPerEpoch) {
    long most = Math.max(1, steps / PARTS.get(key));
    if (own.steps(stepsPerEpoch) <= most) {
      return;
    }
    if (own.epochs() && most * 2 > stepsPerEpoch) {
      long epochs = Math.max(1, Math.round(most / (double) stepsPerEpoch));
      if (epochs < own.amount()) {
        rhythms.put(key, epochs == 1 ? "1 epoch" : epochs + " epochs");
      }
      return;
    }
    rhythms.put(key, Long.toString(most));
  }

  /** What a run that is so shortened says of it. */
  static String told(Map<String, String> rhythms) {
    return "shorter than its preset, so that it writes more often: "
        + rhythms.entrySet().stream()
            .map(rhythm -> rhythm.getKey() + "=" + rhythm.getValue())
            .collect(Collectors.joining(", "));
  }
}
