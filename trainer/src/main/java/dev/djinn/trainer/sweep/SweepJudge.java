package dev.djinn.trainer.sweep;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.evaluation.Evaluation;
import dev.djinn.evaluation.FeatureExtractor;
import dev.djinn.evaluation.Quality;
import dev.djinn.evaluation.RandomFeatures;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.trainer.TrainedGenerator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Judges the runs of a sweep, all beside the same real pictures and from the same latents. */
final class SweepJudge implements AutoCloseable {
  /** As many as a run that is measured takes. */
  private static final int SAMPLES = 5000;

  private static final long SEED = 1;

  private final NDManager manager;
  private final FeatureExtractor extractor;
  private final Evaluation evaluation;
  private final boolean random;

  /** Judges runs that learn from what this one does. */
  SweepJudge(RunFolder run, Optional<String> classifier, String device) {
    Map<String, String> options = run.settings().image().toOptions(run.facts().dataOptions());
    String data = run.facts().data();
    ImageSet real =
        DataSets.open(data, DataOptions.of(options).withLabels(DataOptions.Labels.IF_USABLE));
    String name = classifier.orElseGet(() -> Classifiers.best(data, real));
    random = name.equals(RandomFeatures.NAME);
    manager = NDManager.newBaseManager(TorchEngine.device(device).device(), "PyTorch");
    try {
      extractor = Classifiers.extractor(name, real, manager);
      evaluation = new Evaluation(real, SAMPLES, extractor, SEED, manager);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Every figure of a checkpoint, by the names of {@code metrics.csv}. */
  Map<String, Double> figures(RunFolder run, Checkpoint checkpoint) {
    try (NDManager scope = manager.newSubManager()) {
      ImageSet drawn = TrainedGenerator.of(run, checkpoint, scope).draw(evaluation.samples(), SEED);
      Map<String, Double> figures = new TreeMap<>();
      evaluation
          .judge(drawn, false)
          .figures()
          .forEach(
              (name, value) ->
                  figures.put(
                      random && name.startsWith(Quality.RANDOM)
                          ? name.substring(Quality.RANDOM.length())
                          : name.toLowerCase(Locale.ROOT),
                      value));
      return figures;
    }
  }

  @Override
  public void close() {
    evaluation.close();
    extractor.close();
    manager.close();
  }
}
