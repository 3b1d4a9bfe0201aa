package dev.djinn.settings;

import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import java.util.Optional;
import java.util.Set;

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
 * @param discriminatorLoss whether the discriminator's two halves are averaged or added
 * @param realBatches how batches of real pictures are made up
 * @param discriminatorBatches whether real and generated pictures share a batch, or an update
 * @param generatorMode how the generator runs when it serves the discriminator's update
 * @param discriminatorMode how the discriminator runs when it serves the generator's update
 * @param generated whether the generator's update makes pictures of its own
 * @param penalties gradient penalties of the discriminator
 * @param augment random changes of every picture that the discriminator sees, none if empty
 * @param schedule who is updated when
 * @param rateDecay how the learning rates fall
 * @param average decay of the averaged generator, which samples and exports then come from; 0 for
 *     none
 * @param samples the sample sheets
 * @param logEvery rows of log.csv
 * @param inferenceLosses whether they also have both losses in inference mode
 * @param checkpointEvery checkpoints
 * @param keepCheckpoints how many checkpoints stay, 0 for all
 * @param keepBest whether the best checkpoint by a measured figure stays, too, and by which
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
    LossScale discriminatorLoss,
    RealBatches realBatches,
    DiscriminatorBatches discriminatorBatches,
    GeneratorMode generatorMode,
    DiscriminatorMode discriminatorMode,
    Generated generated,
    Penalties penalties,
    Set<Augment> augment,
    Schedule schedule,
    RateDecay rateDecay,
    double average,
    Samples samples,
    Interval logEvery,
    boolean inferenceLosses,
    Interval checkpointEvery,
    int keepCheckpoints,
    Optional<BestBy> keepBest,
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

  /** How batches of real pictures are made up. */
  public enum RealBatches {
    /** Each epoch has a fresh order, and none twice. */
    SHUFFLED,
    /** Each picture of each batch is drawn anew from all, with replacement. */
    DRAWN
  }

  /** Whether the discriminator sees real and generated pictures together. */
  public enum DiscriminatorBatches {
    /** Two passes, each with its own batch statistics, and one update of both losses. */
    SEPARATE,
    /** One pass over both, one update. */
    JOINED,
    /** An update on the real pictures, then one on the generated ones. */
    IN_TURN
  }

  /** How the two halves of the discriminator's loss, of real and generated pictures, make one. */
  public enum LossScale {
    /** Their mean. */
    MEAN,
    /** Their sum. */
    SUM
  }

  /** How the discriminator runs when it serves the generator's update. */
  public enum DiscriminatorMode {
    /** Batch statistics, which move the running ones. */
    TRAINING(NetworkBlock.Mode.TRAINING),
    /** Batch statistics, and the running ones stay as they are. */
    UNMOVED(NetworkBlock.Mode.UNMOVED),
    /** Running statistics, as {@code tf.keras} 2 has it for a network that is not trainable. */
    FROZEN(NetworkBlock.Mode.FROZEN);

    private final NetworkBlock.Mode mode;

    DiscriminatorMode(NetworkBlock.Mode mode) {
      this.mode = mode;
    }

    /**
     * What the network does so.
     *
     * @return the discriminator's mode
     */
    public NetworkBlock.Mode mode() {
      return mode;
    }
  }

  /** A figure of {@code metrics.csv}, by which a checkpoint is the best of its run. */
  public enum BestBy {
    /** The Fréchet distance, the lower the better. */
    FCD,
    /** The kernel distance, the lower the better. */
    KID,
    /** The higher the better. */
    COVERAGE;

    /**
     * Whether one value is better than another.
     *
     * @param value a checkpoint's figure
     * @param than another's
     * @return false if they are equal
     */
    public boolean better(double value, double than) {
      return this == COVERAGE ? value > than : value < than;
    }
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

  /**
   * Penalties on the discriminator's gradient with respect to pictures; 0 is none.
   *
   * @param r1 γ of γ/2 · E‖∇D(x)‖² on real pictures (Mescheder et al. 2018, equation 9)
   * @param r2 γ of the same on generated pictures
   * @param wganGp λ of λ · E(‖∇D(x̂)‖ − 1)² between the two (Gulrajani et al. 2017, equation 3)
   */
  public record Penalties(double r1, double r2, double wganGp) {
    /** No penalty. */
    public static final Penalties NONE = new Penalties(0, 0, 0);
  }

  /** Random changes that gradients pass through (Zhao et al. 2020). */
  public enum Augment {
    /** Brightness, contrast and, of colour pictures, saturation. */
    COLOR,
    /** Moved by up to an eighth of the side. */
    TRANSLATION,
    /** A square of half the side is blank. */
    CUTOUT
  }

  /**
   * Both learning rates are multiplied by a factor that goes from 1 to {@code to} over the first
   * steps and stays there.
   *
   * @param shape of the way
   * @param to the last factor
   * @param over how many steps or epochs
   */
  public record RateDecay(Shape shape, double to, Interval over) {
    /** Rates that stay as they are. */
    public static final RateDecay NONE = new RateDecay(Shape.LINEAR, 1, new Interval(1, false));

    /** Ways down. */
    public enum Shape {
      /** A straight line. */
      LINEAR,
      /** Half a cosine wave (Loshchilov and Hutter 2017, equation 5). */
      COSINE
    }

    /**
     * The factor of a step.
     *
     * @param step counted from 0
     * @param stepsPerEpoch steps in an epoch
     * @return between 1 and {@code to}
     */
    public double factor(long step, long stepsPerEpoch) {
      double way = Math.min(1, (double) step / over.steps(stepsPerEpoch));
      double left = shape == Shape.LINEAR ? 1 - way : (1 + Math.cos(Math.PI * way)) / 2;
      return to + (1 - to) * left;
    }
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
   * @param title above each picture of a conditional network, with {@code {label}} for its class
   * @param manifoldEvery how often all that a latent of two numbers reaches is shown, if at all
   */
  public record Samples(
      Interval every,
      int count,
      int columns,
      boolean darkOnLight,
      String title,
      Optional<Interval> manifoldEvery) {
    /** Stands for the name of a picture's class. */
    static final String LABEL = "{label}";

    /**
     * The title of a picture of a class.
     *
     * @param label the class's name
     * @return the title
     */
    public String titleOf(String label) {
      return title.replace(LABEL, label);
    }

    /** Whether manifolds are drawn after this many steps. */
    public boolean manifoldDue(long steps, long stepsPerEpoch, boolean end) {
      return manifoldEvery.filter(every -> end || every.due(steps, stepsPerEpoch)).isPresent();
    }
  }

  /**
   * Whether the networks see labels.
   *
   * @return true if there are classes
   */
  public boolean conditional() {
    return classes > 0;
  }
}
