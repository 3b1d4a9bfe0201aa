package dev.djinn.exporter.judge;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.evaluation.Copies;
import dev.djinn.evaluation.Evaluation;
import dev.djinn.evaluation.FeatureExtractor;
import dev.djinn.evaluation.Quality;
import dev.djinn.evaluation.QualitySummary;
import dev.djinn.evaluation.SampleSource;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.TrainedRun;
import dev.djinn.progress.ProgressLine;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.trainer.TrainedGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What to judge, beside what, and how thoroughly.
 *
 * @param generated where the generated pictures come from
 * @param real what they should be like
 * @param effort how many are compared, and how often
 * @param device {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}
 */
public record Judging(Generated generated, Real real, Effort effort, String device) {
  private static final int SAMPLES = 10_000;
  private static final int STACKED_SAMPLES = 26_000;

  /**
   * Generated pictures.
   *
   * @param source a run's folder, an {@code .onnx} file, a name in models, or pictures as NPY, NPZ
   *     or zip
   * @param checkpoint of a run, the checkpoint of that step; the last one if empty
   */
  public record Generated(String source, OptionalLong checkpoint) {
    boolean isRun() {
      return Files.isRegularFile(Path.of(source, "run.yaml"));
    }

    boolean arePictures() {
      return source.matches("(?i).*\\.(npy|npz|zip)");
    }
  }

  /**
   * Real pictures.
   *
   * @param data their name or path; if empty, what the generator was trained on
   * @param options how they are found and what is made of them, given what a run remembers of it
   * @param classifier sees the features: one that Djinn carries, or a file made by {@code djinn
   *     classifier}, or {@code random}; if empty, the one of the data, else random features
   */
  public record Real(
      Optional<String> data,
      Function<Map<String, String>, DataOptions> options,
      Optional<String> classifier) {}

  /**
   * How thoroughly to judge.
   *
   * @param samples pictures of each side, at most half of the real ones; if empty 10,000, and
   *     26,000 for stacked digits
   * @param seed of the latents and of the choice among the real pictures
   * @param repeats judge so many times, with other latents and other real pictures
   * @param scores which of the figures that take long are wanted
   */
  public record Effort(OptionalInt samples, long seed, int repeats, Scores scores) {
    /** Checks the numbers. */
    public Effort {
      if (repeats < 1) {
        throw new IllegalArgumentException("--repeats must be at least 1, got " + repeats);
      }
      if (samples.isPresent() && samples.getAsInt() < Evaluation.FEWEST) {
        throw new IllegalArgumentException(
            "--samples must be at least " + Evaluation.FEWEST + ", got " + samples.getAsInt());
      }
    }
  }

  /**
   * Figures that take long.
   *
   * @param classification train classifiers on the samples and on real pictures, and test both
   * @param untrained of a run, the Fréchet distance that it started from
   */
  public record Scores(boolean classification, boolean untrained) {}

  /** Checks that what is asked can be had. */
  public Judging {
    if (!generated.isRun() && (generated.checkpoint.isPresent() || effort.scores.untrained)) {
      throw new IllegalArgumentException(
          "--checkpoint and --untrained are for a run, and " + generated.source + " is none");
    }
  }

  /**
   * The usual judging: beside what the generator was trained on.
   *
   * @param source as {@link Generated#source}
   * @return 10,000 pictures of seed 1, every figure but the untrained distance
   */
  public static Judging of(String source) {
    return new Judging(
        new Generated(source, OptionalLong.empty()),
        new Real(
            Optional.empty(),
            remembered -> DataOptions.defaults().withLabels(DataOptions.Labels.IF_USABLE),
            Optional.empty()),
        new Effort(OptionalInt.empty(), 1, 1, new Scores(true, false)),
        "auto");
  }

  /**
   * Returns this with another effort.
   *
   * @param other how many pictures are compared, how often, and by which figures
   */
  public Judging with(Effort other) {
    return new Judging(generated, real, other, device);
  }

  /**
   * Returns this in a hurry: with so many pictures, and without the classifiers that take minutes
   * to train.
   *
   * @param samples pictures of each side, at least {@value Evaluation#FEWEST}
   */
  public Judging quick(int samples) {
    return with(
        new Effort(OptionalInt.of(samples), effort.seed, effort.repeats, new Scores(false, false)));
  }

  /**
   * Judges.
   *
   * @param log takes a line after each of several repeats
   * @return every figure, and the pictures of the last time
   * @throws IllegalArgumentException if it is not known what the real pictures or their classifier
   *     are
   * @throws ExportException if there are too few pictures, or a run has no checkpoint
   * @throws dev.djinn.run.TrainingException if a run is unusable, or too few pictures are real
   * @throws dev.djinn.data.DataException if pictures cannot be read
   * @throws dev.djinn.sampler.SamplerException if there is no such model, or it cannot be loaded
   */
  public Judgement run(Consumer<String> log) {
    TorchEngine.Choice choice = TorchEngine.device(device);
    try (NDManager manager = NDManager.newBaseManager(choice.device(), "PyTorch")) {
      if (generated.isRun()) {
        return ofRun(manager, log);
      }
      if (generated.arePictures()) {
        DataOptions options = real.options.apply(Map.of());
        ImageSet pictures = DataSets.open(generated.source, options);
        SampleSource source = (count, seed) -> some(pictures, count, seed);
        return judge(source, Optional.empty(), real.data, options, manager, log);
      }
      return ofModel(manager, log);
    }
  }

  private Judgement ofRun(NDManager manager, Consumer<String> log) {
    RunFolder run = RunFolder.open(Path.of(generated.source));
    Checkpoint checkpoint =
        generated.checkpoint.isPresent()
            ? run.checkpoint(generated.checkpoint.getAsLong())
            : TrainedRun.lastCheckpoint(run);
    return judge(
        TrainedGenerator.of(run, checkpoint, manager),
        effort.scores.untrained
            ? Optional.of(TrainedGenerator.untrained(run, manager))
            : Optional.empty(),
        real.data.or(() -> Optional.of(run.facts().data())),
        real.options.apply(run.settings().image().toOptions(run.facts().dataOptions())),
        manager,
        log);
  }

  private Judgement ofModel(NDManager manager, Consumer<String> log) {
    try (OnnxGenerator generator = new OnnxGenerator(ModelFiles.resolve(generated.source))) {
      Optional<String> trainedOn =
          generator.contract().provenance().get("data") instanceof Map<?, ?> trained
              ? Optional.of(String.valueOf(trained.get("name")))
              : Optional.empty();
      return judge(
          generator,
          Optional.empty(),
          real.data.or(() -> trainedOn),
          real.options.apply(generator.form()),
          manager,
          log);
    }
  }

  private Judgement judge(
      SampleSource generator,
      Optional<SampleSource> untrained,
      Optional<String> known,
      DataOptions options,
      NDManager manager,
      Consumer<String> log) {
    String data =
        known.orElseThrow(
            () -> new IllegalArgumentException("say what the real pictures are: --data NAME|PATH"));
    ImageSet pictures = DataSets.open(data, options);
    String name = real.classifier.orElseGet(() -> Classifiers.best(data, pictures));
    Evaluation.checkAlike(generator.draw(1, effort.seed), pictures);
    boolean stacked = pictures.classes().size() == 1000 && pictures.channels() == 3;
    int most = effort.samples.orElse(stacked ? STACKED_SAMPLES : SAMPLES);
    ProgressLine progress = ProgressLine.over(log);
    List<Quality> all = new ArrayList<>();
    OptionalDouble start = OptionalDouble.empty();
    ImageSet shown = null;
    try (FeatureExtractor extractor = Classifiers.extractor(name, pictures, manager)) {
      for (int i = 0; i < effort.repeats; i++) {
        long seed = effort.seed + i;
        try (Evaluation evaluation = new Evaluation(pictures, most, extractor, seed, manager)) {
          shown = generator.draw(evaluation.samples(), seed, progress);
          all.add(evaluation.judge(shown, effort.scores.classification && !stacked, progress));
          if (i == 0 && untrained.isPresent()) {
            ImageSet first = untrained.get().draw(evaluation.samples(), seed);
            start = OptionalDouble.of(evaluation.frechetDistance(first));
          }
        }
        if (effort.repeats > 1) {
          progress.accept("judged %d of %d".formatted(i + 1, effort.repeats));
        }
      }
      Copies copies =
          Copies.of(pictures, DataSets.heldOut(data, options), shown, effort.seed, manager);
      return new Judgement(
          new Judgement.Subject(generated.source, data, name, extractor.sha256()),
          new QualitySummary(all, start, Optional.of(copies)),
          copies,
          shown,
          pictures);
    }
  }

  /** So many of the pictures, in the order that a seed gives them. */
  private ImageSet some(ImageSet pictures, int count, long seed) {
    if (count > pictures.count()) {
      throw new ExportException(
          "%s has %d pictures, fewer than %d; give --samples"
              .formatted(generated.source, pictures.count(), count));
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, pictures.count()).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    return pictures.pick(order.stream().limit(count).mapToInt(Integer::intValue).toArray());
  }
}
