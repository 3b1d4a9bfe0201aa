package dev.djinn.trainer;

import dev.djinn.data.ImageSet;
import dev.djinn.network.YamlCursor;
import dev.djinn.run.RunFacts;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** A run of a second: 8×8 pictures, every kind of state (batch norm, dropout, labels). */
public final class TinyRun {
  public static final TrainingListener SILENT = new TrainingListener() {};

  private static final String YAML =
      """
      name: tiny
      image: {side: 8, channels: 1, pixels: -1..1}
      latent: {size: 6, distribution: normal}
      classes: data
      batch: 10
      steps: 12
      loss: non-saturating
      discriminator-batches: separate
      generator-mode: inference
      generated: twice
      schedule: alternating
      sample-every: 4
      sample-count: 4
      sample-columns: 2
      log-every: 1
      checkpoint-every: 4
      keep-checkpoints: 0
      seed: 5
      generator:
        optimizer: adam
        rate: 1e-3
        beta1: 0.5
        beta2: 0.999
        epsilon: 1e-7
        layers:
          - label-multiply
          - dense: {units: 4*side/2*side/2}
          - batch-norm
          - relu
          - dropout: 0.2
          - reshape: [4, side/2, side/2]
          - deconv: {channels: 1, kernel: 4, stride: 2}
          - tanh
      discriminator:
        optimizer: rmsprop
        rate: 1e-3
        decay: 0.9
        epsilon: 1e-10
        layers:
          - label-channel
          - conv: {channels: 4, kernel: 3, stride: 2}
          - batch-norm
          - leaky-relu: 0.2
          - dropout: 0.2
          - flatten
          - dense: {units: 1}
      """;

  private TinyRun() {}

  public static Settings settings(Map<String, String> changes) {
    YamlCursor root = YamlCursor.parse(YAML, "tiny.yaml");
    if (changes.containsKey("epochs")) {
      root.remove("steps");
    }
    changes.forEach(root::set);
    return SettingsFile.read(root, 2);
  }

  /** Random pictures of two classes, the same for a seed. */
  public static ImageSet images(int seed) {
    return images(seed, 8);
  }

  /** The same in another size. */
  public static ImageSet images(int seed, int side) {
    Random random = new Random(seed);
    byte[] pixels = new byte[57 * side * side];
    random.nextBytes(pixels);
    int[] labels = random.ints(57, 0, 2).toArray();
    return new ImageSet("noise", 1, side, side, pixels, labels, List.of("a", "b"));
  }

  public static TrainingRun.Source source(int seed) {
    return new TrainingRun.Source(images(seed), "noise", Map.of(), 1);
  }

  public static TrainingRun start(Path folder, Map<String, String> changes) {
    return start(folder, changes, Optional.empty());
  }

  /** A run that is measured by a classifier, to a target. */
  public static TrainingRun start(
      Path folder, Map<String, String> changes, Optional<RunFacts.Metrics> metrics) {
    return TrainingRun.start(plan(folder, changes, metrics), SILENT);
  }

  /** The same, going on. */
  public static TrainingRun resume(
      Path folder, Map<String, String> changes, Optional<RunFacts.Metrics> metrics) {
    return TrainingRun.resume(plan(folder, changes, metrics), Set.of(), SILENT);
  }

  static TrainingRun.Plan plan(
      Path folder, Map<String, String> changes, Optional<RunFacts.Metrics> metrics) {
    return new TrainingRun.Plan(folder, settings(changes), source(1), "cpu", metrics);
  }

  public static TrainingRun resume(Path folder, Map<String, String> changes) {
    return resume(folder, changes, Set.of());
  }

  public static TrainingRun resume(Path folder, Map<String, String> changes, Set<String> allowed) {
    return TrainingRun.resume(plan(folder, changes, Optional.empty()), allowed, SILENT);
  }
}
