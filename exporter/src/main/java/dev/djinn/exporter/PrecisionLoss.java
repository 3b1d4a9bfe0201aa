package dev.djinn.exporter;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifier;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.evaluation.Gaussian;
import dev.djinn.report.SampleGrid;
import dev.djinn.run.TorchEngine;
import dev.djinn.sampler.GeneratorContract;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a lower precision costs in quality: the Fréchet distance between its pictures and those in
 * full precision of the same latents, in the features of the data's classifier. The root of the
 * Fréchet distance is a metric, so the root of the distance to real pictures changes by no more
 * than the root of this one.
 */
final class PrecisionLoss {
  /** Of each side. */
  static final int PICTURES = 2000;

  private static final int BATCH = 100;

  /** Not the seed that the precision was calibrated with. */
  private static final long SEED = 2000;

  private PrecisionLoss() {}

  /**
   * Measures.
   *
   * @param exact the model in full precision
   * @param reduced the model in a lower one
   * @param generator what both were made of
   * @return the distance to three digits, empty if Djinn carries no classifier for such data
   */
  static OptionalDouble between(byte[] exact, byte[] reduced, Generator generator) {
    Object data = generator.provenance().get("data");
    Optional<String> name =
        data instanceof Map<?, ?> known
            ? carried(String.valueOf(known.get("name")))
            : Optional.empty();
    if (name.isEmpty()) {
      return OptionalDouble.empty();
    }
    try (NDManager manager =
            NDManager.newBaseManager(TorchEngine.device("cpu").device(), "PyTorch");
        Classifier classifier = Classifiers.open(name.get(), manager)) {
      if (generator.image().height() != classifier.side()
          || generator.image().width() != classifier.side()) {
        return OptionalDouble.empty(); // trained on the same data in another size
      }
      double distance =
          fit(exact, generator, classifier, manager)
              .frechetDistance(fit(reduced, generator, classifier, manager));
      return OptionalDouble.of(Double.parseDouble(String.format(Locale.ROOT, "%.2e", distance)));
    }
  }

  /** None for a file or folder of somebody's own, though it may be called as a known set is. */
  private static Optional<String> carried(String data) {
    return DataSets.licence(data).flatMap(known -> Classifiers.of(data));
  }

  private static Gaussian fit(
      byte[] model, Generator generator, Classifier classifier, NDManager manager) {
    GeneratorContract.Image size = generator.image();
    byte[] pixels = new byte[PICTURES * size.size()];
    try (OnnxRun run = OnnxRun.open(model)) {
      for (int from = 0; from < PICTURES; from += BATCH) {
        float[] images =
            run.run(generator.inputs(SEED, from, BATCH)).get(GeneratorContract.IMAGE).floats();
        byte[] bytes = SampleGrid.bytes(images, size.size());
        System.arraycopy(bytes, 0, pixels, from * size.size(), bytes.length);
      }
    }
    try (NDManager scope = manager.newSubManager()) {
      ImageSet set =
          new ImageSet(
              "generated",
              size.channels(),
              size.height(),
              size.width(),
              pixels,
              new int[0],
              List.of());
      return Gaussian.of(classifier.judge(set, scope).features());
    }
  }
}
