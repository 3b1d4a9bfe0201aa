package dev.djinn.trainer;

import dev.djinn.network.Network;

/**
 * Everything that decides what a run computes, apart from the data. Immutable; read from presets
 * and run folders by {@link SettingsFile}.
 *
 * @param name the preset's name
 * @param summary one line about it
 * @param image the pictures it works on
 * @param latent the generator's input
 * @param classes number of label classes, 0 if unconditional
 * @param batch pictures in a batch
 * @param length how long it trains
 * @param loss what the networks minimise
 * @param discriminatorBatches whether real and generated pictures share a batch
 * @param generatorMode how the generator runs when it serves the discriminator's update
 * @param generated whether the generator's update makes pictures of its own
 * @param schedule who is updated when
 * @param samples the sample sheets
 * @param logEvery rows of log.csv
 * @param checkpointEvery checkpoints
 * @param keepCheckpoints how many checkpoints stay, 0 for all
 * @param seed of initial weights, latents, labels, dropout and data order
 * @param generator the generator
 * @param generatorOptimizer its optimiser
 * @param discriminator the discriminator
 * @param discriminatorOptimizer its optimiser
 */
public record Settings(
    String name,
    String summary,
    Image image,
    LatentSpec latent,
    int classes,
    int batch,
    Interval length,
    AdversarialLoss loss,
    DiscriminatorBatches discriminatorBatches,
    GeneratorMode generatorMode,
    Generated generated,
    Schedule schedule,
    Samples samples,
    Interval logEvery,
    Interval checkpointEvery,
    int keepCheckpoints,
    long seed,
    Network generator,
    OptimizerSpec generatorOptimizer,
    Network discriminator,
    OptimizerSpec discriminatorOptimizer) {

  /**
   * The pictures.
   *
   * @param side height and width
   * @param channels 1 for grey, 3 for colour
   * @param low value of a black pixel in the networks: −1 or 0
   */
  public record Image(int side, int channels, int low) {}

  /** Whether batch norm in the discriminator sees real and generated pictures together. */
  public enum DiscriminatorBatches {
    /** Two passes, each with its own batch statistics. */
    SEPARATE,
    /** One pass over both. */
    JOINED
  }

  /** How the generator runs when it makes pictures for the discriminator's update. */
  public enum GeneratorMode {
    /** Batch statistics and dropout. */
    TRAINING,
    /** Running statistics, no dropout. */
    INFERENCE
  }

  /** Where the pictures of the generator's own update come from. */
  public enum Generated {
    /** Fresh latents. */
    TWICE,
    /** The batch that served the discriminator; needs {@link GeneratorMode#TRAINING}. */
    ONCE
  }

  /** Who is updated when. */
  public sealed interface Schedule {
    /** One discriminator update, then one generator update. */
    record Alternating() implements Schedule {}

    /**
     * The discriminator trains until its loss is below one bound, then the generator until the
     * discriminator's loss is above another, each on new batches and at most so often. Generated
     * pictures carry the real batch's labels in both.
     *
     * @param most updates of each network in a step
     * @param discriminatorUntil the discriminator stops below this loss
     * @param generatorUntil the generator stops above this loss of the discriminator
     */
    record Adaptive(int most, double discriminatorUntil, double generatorUntil)
        implements Schedule {}
  }

  /**
   * The sample sheets: the same latents every time.
   *
   * @param every how often
   * @param count pictures on a sheet
   * @param columns columns of the sheet
   * @param darkOnLight whether the pictures are shown inverted
   */
  public record Samples(Interval every, int count, int columns, boolean darkOnLight) {}

  /**
   * Whether the networks see labels.
   *
   * @return true if there are classes
   */
  public boolean conditional() {
    return classes > 0;
  }
}
