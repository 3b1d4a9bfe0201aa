package dev.djinn.trainer.sweep;

import dev.djinn.network.YamlOutput;
import dev.djinn.settings.Recording.BestBy;
import dev.djinn.trainer.TrainingRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What to try.
 *
 * @param recipe what all runs have in common, without a folder
 * @param vary settings and their values; every combination is tried
 * @param effort how often, how long, and judged by what
 */
public record SweepWish(TrainingRequest recipe, List<Vary> vary, Effort effort) {
  /** Copies the list. */
  public SweepWish {
    vary = List.copyOf(vary);
  }

  /** The recipe to train: the sweep measures, no run itself. */
  TrainingRequest trained() {
    return new TrainingRequest(
        recipe.preset(),
        recipe.folder(),
        recipe.changes(),
        recipe.data(),
        recipe.machine(),
        new TrainingRequest.Measuring(false, Optional.empty(), OptionalDouble.empty()),
        recipe.resume(),
        recipe.blocks());
  }

  /** All of it as the plan keeps it, so that another wish is told from it. */
  String text() {
    return "recipe: "
        + YamlOutput.line(recipe.preset().orElseThrow())
        + "\nset: "
        + YamlOutput.line(recipe.changes())
        + "\ndata: "
        + YamlOutput.line(recipe.data().name().orElse("as the recipe has it"))
        + "\ndata-options: "
        + YamlOutput.line(recipe.data().options())
        + "\nclassifier: "
        + YamlOutput.line(recipe.measuring().classifier().orElse("of the data"))
        + "\nvary: "
        + YamlOutput.line(vary.stream().map(one -> List.of(one.key(), one.values())).toList())
        + "\nseeds: "
        + effort.seeds
        + "\nhalvings: "
        + YamlOutput.line(effort.halvings.isPresent() ? effort.halvings.getAsInt() : "usual")
        + "\nbudget: "
        + YamlOutput.line(effort.budget.map(Duration::toString).orElse("none"))
        + "\nby: "
        + effort.by().name().toLowerCase(Locale.ROOT)
        + "\n";
  }

  /**
   * How thoroughly to try.
   *
   * @param seeds runs of each combination, from seeds 1, 2, …; at least 1
   * @param halvings how often the worse half is left out, 0 for never; if empty as often as leaves
   *     one setting, at most three times
   * @param budget about how long it all takes on this machine: runs get shorter to fit; if empty,
   *     they are as long as the recipe says
   * @param by the figure that judges
   */
  public record Effort(int seeds, OptionalInt halvings, Optional<Duration> budget, BestBy by) {
    /** Checks the numbers. */
    public Effort {
      if (seeds < 1 || seeds > 1000) {
        throw new IllegalArgumentException("--seeds must be from 1 to 1000, got " + seeds);
      }
      if (halvings.isPresent() && (halvings.getAsInt() < 0 || halvings.getAsInt() > 10)) {
        throw new IllegalArgumentException(
            "--halvings must be from 0 to 10, got " + halvings.getAsInt());
      }
    }
  }
}
