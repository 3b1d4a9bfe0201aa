package dev.djinn.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.djinn.settings.Changes;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a recipe changes of the pictures that the discriminator sees, and how probably. Where the
 * probability adapts, it goes up while the discriminator is surer of real pictures than the target
 * and down otherwise, a little every fourth update (Karras et al. 2020, section 3.1).
 */
final class Augmenting {
  /** Updates of the discriminator over which its signs are gathered. */
  private static final int UPDATES = 4;

  private final Augmentation always;
  private final Optional<RandomChanges> sometimes;
  private final Optional<Changes> changes;
  private final int batch;
  private double probability;

  // Whole numbers, so that a checkpoint has them exactly.
  private long level;
  private long signs;
  private long updates;

  Augmenting(Settings settings, NDManager manager) {
    always = new Augmentation(settings.rules().seen().augment(), settings.image(), manager);
    changes = settings.rules().seen().changes();
    sometimes = changes.map(made -> new RandomChanges(made, settings.image(), manager));
    batch = settings.batch();
    changes
        .filter(made -> made.adaptive().isPresent())
        .ifPresent(made -> level = Math.round(made.probability().start() / unit()));
  }

  /** How far the probability goes at once. */
  private double unit() {
    return UPDATES * batch / changes.orElseThrow().adaptive().orElseThrow().over();
  }

  boolean adaptive() {
    return changes.isPresent() && changes.get().adaptive().isPresent();
  }

  /** Before a step. */
  void begin(Moment now) {
    changes.ifPresent(
        made ->
            probability = adaptive() ? Math.min(1, level * unit()) : made.probability().at(now));
  }

  /** {@return of a change with a share of 1, in the step that began last; 0 without changes} */
  double probability() {
    return probability;
  }

  /**
   * Pictures as the discriminator sees them.
   *
   * @param images float32 (batch, channels, height, width)
   * @return the same shape
   */
  NDArray of(NDArray images) {
    NDArray changed = always.of(images);
    return sometimes.isEmpty() || probability == 0
        ? changed
        : sometimes.get().of(changed, probability);
  }

  /** Takes in the mean sign of the discriminator's judgement of a batch of real pictures. */
  void judged(double meanSign) {
    signs += Math.round(meanSign * batch);
    updates++;
    if (updates == UPDATES) {
      double target = changes.orElseThrow().adaptive().orElseThrow().target();
      long most = (long) Math.ceil(1 / unit());
      level += (long) Math.signum(signs - target * UPDATES * batch);
      level = Math.max(0, Math.min(most, level));
      signs = 0;
      updates = 0;
    }
  }

  /** The state for a checkpoint. */
  Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    if (adaptive()) {
      counters.put("augment-level", level);
      // Counters are 0 or more; a sum of signs is at least minus so many.
      counters.put("augment-signs", signs + (long) UPDATES * batch);
      counters.put("augment-updates", updates);
    }
    return counters;
  }

  /** Goes on from a checkpoint; one of before the probability adapted leaves it where it begins. */
  void resume(Map<String, Long> counters) {
    if (adaptive() && counters.containsKey("augment-level")) {
      level = counters.get("augment-level");
      signs = counters.get("augment-signs") - (long) UPDATES * batch;
      updates = counters.get("augment-updates");
    }
  }
}
