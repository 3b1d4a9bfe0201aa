package dev.djinn.settings;

import dev.djinn.network.Mode;
import dev.djinn.network.Precision;
import dev.djinn.network.YamlCursor;
import java.util.Map;

/**
 * How the networks run when they learn.
 *
 * @param discriminatorBatches whether real and generated pictures share a batch, or an update
 * @param generatorMode how the generator runs when it serves the discriminator's update
 * @param discriminatorMode how the discriminator runs when it serves the generator's update
 * @param generated whether the generator's update makes pictures of its own
 * @param precision of the networks' products
 */
public record Passes(
    DiscriminatorBatches discriminatorBatches,
    GeneratorMode generatorMode,
    DiscriminatorMode discriminatorMode,
    Generated generated,
    Precision precision) {

  /** Whether the discriminator sees real and generated pictures together. */
  public enum DiscriminatorBatches {
    /** Two passes, each with its own batch statistics, and one update of both losses. */
    SEPARATE,
    /** One pass over both, one update. */
    JOINED,
    /** An update on the real pictures, then one on the generated ones. */
    IN_TURN
  }

  /** How the generator runs when it makes pictures for the discriminator's update. */
  public enum GeneratorMode {
    /** Batch statistics and dropout. */
    TRAINING,
    /** Running statistics, no dropout. */
    INFERENCE
  }

  /** How the discriminator runs when it serves the generator's update. */
  public enum DiscriminatorMode {
    /** Batch statistics, which move the running ones. */
    TRAINING(Mode.TRAINING),
    /** Batch statistics, and the running ones stay as they are. */
    UNMOVED(Mode.UNMOVED),
    /** Running statistics, as {@code tf.keras} 2 has it for a network that is not trainable. */
    FROZEN(Mode.FROZEN);

    private final Mode mode;

    DiscriminatorMode(Mode mode) {
      this.mode = mode;
    }

    /**
     * What the network does so.
     *
     * @return the discriminator's mode
     */
    public Mode mode() {
      return mode;
    }
  }

  /** Where the pictures of the generator's own update come from. */
  public enum Generated {
    /** Fresh latents. */
    TWICE,
    /** The batch that served the discriminator; needs {@link GeneratorMode#TRAINING}. */
    ONCE
  }

  static Passes read(YamlCursor file) {
    return new Passes(
        file.get("discriminator-batches").constant(DiscriminatorBatches.class),
        file.get("generator-mode").constant(GeneratorMode.class),
        file.find("discriminator-mode")
            .map(mode -> mode.constant(DiscriminatorMode.class))
            .orElse(DiscriminatorMode.TRAINING),
        file.get("generated").constant(Generated.class),
        file.find("precision").map(p -> p.constant(Precision.class)).orElse(Precision.FP32));
  }

  void write(Map<String, Object> file) {
    file.put("discriminator-batches", YamlCursor.kebab(discriminatorBatches));
    file.put("generator-mode", YamlCursor.kebab(generatorMode));
    if (discriminatorMode != DiscriminatorMode.TRAINING) {
      file.put("discriminator-mode", YamlCursor.kebab(discriminatorMode));
    }
    file.put("generated", YamlCursor.kebab(generated));
    if (precision != Precision.FP32) {
      file.put("precision", YamlCursor.kebab(precision));
    }
  }

  /** Refuses what one pass cannot serve. */
  void check(Schedule schedule, YamlCursor generator) {
    if (generated == Generated.ONCE && generatorMode == GeneratorMode.INFERENCE) {
      throw generator.failure(
          "generated: once needs generator-mode: training, since one pass serves both updates");
    }
    if (generated == Generated.ONCE && schedule instanceof Schedule.Adaptive) {
      throw generator.failure("generated: once does not go with an adaptive schedule");
    }
  }
}
