package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.run.TrainingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Compares pictures with the real ones they should be like. The real ones are looked at once: one
 * part is the reference, another as large shows what real pictures get.
 *
 * <p>Not thread-safe. {@link #close} frees the features; the extractor stays open.
 */
public final class Evaluation implements AutoCloseable {
  /** The k of precision, recall, density and coverage. */
  public static final int NEIGHBOURS = 5;

  /** The fewest pictures of a side that have so many neighbours. */
  public static final int FEWEST = NEIGHBOURS + 1;

  private static final int EPOCHS = 8;

  private final FeatureExtractor extractor;
  private final NDManager manager;
  private final ImageSet reference;
  private final ImageSet held;
  private final NDArray features;
  private final Gaussian fit;
  private final List<Double> shares;
  private final List<String> classNames;
  private final Quality.Figures floor;
  private final long seed;

  /** Whether half of the real pictures are enough to train a classifier on. */
  private final boolean manyReal;

  /**
   * Looks at the real pictures.
   *
   * @param real at least twelve pictures of the size that the extractor is for
   * @param samples how many of them are the reference, and as many pictures of a generator are
   *     looked at; at least {@link #FEWEST}, and half of the real pictures if that is less
   * @param extractor sees the features; a classifier must be one of the real pictures' classes
   * @param seed of the choice among the real pictures and of subsets
   * @param parent its device is used
   * @throws TrainingException if there are too few real pictures, or they have other classes
   */
  public Evaluation(
      ImageSet real, int samples, FeatureExtractor extractor, long seed, NDManager parent) {
    this.extractor = extractor;
    this.seed = seed;
    if (samples < FEWEST) {
      throw new IllegalArgumentException(
          samples + " samples are too few to compare; take " + FEWEST + " or more");
    }
    if (real.count() < 2 * FEWEST) {
      throw new TrainingException(
          "%s has %d pictures, too few to compare with; give data of %d or more"
              .formatted(real.name(), real.count(), 2 * FEWEST));
    }
    checkClasses(extractor, real);
    int count = Math.min(samples, real.count() / 2);
    manyReal = real.count() / 2 >= ClassifierTraining.BATCH;
    int[] order = order(real.count());
    reference = real.pick(Arrays.copyOf(order, count));
    manager = parent.newSubManager();
    FeatureExtractor.Judgement judged = extractor.judge(reference, manager);
    features = judged.features();
    fit = Gaussian.of(features);
    int classes = extractor.labels(real);
    shares = shares(real, judged.labels(), classes);
    classNames = names(real, classes);
    held = real.pick(Arrays.copyOfRange(order, count, 2 * count));
    floor = figures(held);
  }

  /** How many pictures are compared. */
  public int samples() {
    return reference.count();
  }

  /**
   * Judges pictures without a word.
   *
   * @param pictures generated ones, best {@link #samples} of them
   * @param trainOnSamples as below
   * @return every figure
   */
  public Quality judge(ImageSet pictures, boolean trainOnSamples) {
    return judge(pictures, trainOnSamples, line -> {});
  }

  /**
   * Judges pictures.
   *
   * @param pictures generated ones, best {@link #samples} of them
   * @param trainOnSamples whether to train a classifier on them and one on real pictures, which
   *     takes minutes; only if they are labelled
   * @param progress takes how far that training is
   * @return every figure
   * @throws TrainingException if there are too few pictures to train on, or they are of another
   *     size than the real ones
   */
  public Quality judge(ImageSet pictures, boolean trainOnSamples, Consumer<String> progress) {
    boolean trains = trainOnSamples && pictures.labelled() && reference.labelled();
    int fewest = Math.min(pictures.count(), held.count());
    if (trains && fewest < ClassifierTraining.BATCH) {
      throw new TrainingException(
          fewest
              + " samples are too few to train a classifier on; give "
              + (manyReal
                  ? "--samples " + ClassifierTraining.BATCH
                  : "data of " + 2 * ClassifierTraining.BATCH + " pictures")
              + " or more, or --skip-cas");
    }
    Quality.Figures generated = figures(pictures);
    return trains
        ? new Quality(
            pictures.count(),
            generated.withTrainedOnSamples(trainedOn(pictures, progress)),
            floor.withTrainedOnSamples(trainedOn(held, progress)),
            classNames)
        : new Quality(pictures.count(), generated, floor, classNames);
  }

  /**
   * The Fréchet distance alone, which is quick.
   *
   * @param pictures generated ones
   * @return at least 0
   * @throws TrainingException if they are of another size than the real ones
   */
  public double frechetDistance(ImageSet pictures) {
    checkAlike(pictures, reference);
    try (NDManager scope = manager.newSubManager()) {
      return fit.frechetDistance(Gaussian.of(extractor.judge(pictures, scope).features()));
    }
  }

  /**
   * Refuses to put pictures of one size or colour beside those of another.
   *
   * @param pictures generated ones, or those of a test
   * @param real what they are to fit
   * @throws TrainingException if they differ in channels, height or width
   */
  public static void checkAlike(ImageSet pictures, ImageSet real) {
    Agreement.checkAlike(pictures, real);
  }

  private static void checkClasses(FeatureExtractor extractor, ImageSet real) {
    int told = extractor.labels(real);
    if (told > 0 && real.labelled() && real.classes().size() != told) {
      throw new TrainingException(
          "the classifier tells %d classes apart, but %s has %d; train one on it with djinn classifier, or compare with --classifier random"
              .formatted(told, real.name(), real.classes().size()));
    }
  }

  private Quality.Figures figures(ImageSet pictures) {
    checkAlike(pictures, reference);
    try (NDManager scope = manager.newSubManager()) {
      FeatureExtractor.Judgement judged = extractor.judge(pictures, scope);
      NDArray others = judged.features();
      return new Quality.Figures(
          fit.frechetDistance(Gaussian.of(others)),
          KernelDistance.of(features, others, seed),
          Neighbourhoods.of(features, others, NEIGHBOURS),
          shares.isEmpty()
              ? Optional.empty()
              : Optional.of(ClassHistogram.of(judged.labels(), shares)),
          pictures.labelled() && !shares.isEmpty()
              ? OptionalDouble.of(Agreement.of(judged.labels(), pictures))
              : OptionalDouble.empty(),
          OptionalDouble.empty());
    }
  }

  private double trainedOn(ImageSet pictures, Consumer<String> progress) {
    try (Classifier student =
        ClassifierTraining.train(pictures, EPOCHS, false, seed, manager, progress)) {
      return ClassifierTraining.accuracy(student, reference, manager);
    }
  }

  /** The real classes' shares by the labels themselves; where there are none, by the classifier. */
  private static List<Double> shares(ImageSet real, List<Integer> seen, int classes) {
    double[] counts = new double[classes];
    boolean told = real.labelled() && real.classes().size() == classes;
    if (told) {
      Arrays.stream(real.labels()).forEach(label -> counts[label]++);
    } else {
      seen.forEach(label -> counts[label]++);
    }
    // A class that the real pictures lack counts as one picture, so that the divergence is finite.
    double all = Arrays.stream(counts).map(count -> Math.max(1, count)).sum();
    return Arrays.stream(counts).map(count -> Math.max(1, count) / all).boxed().toList();
  }

  private static List<String> names(ImageSet real, int classes) {
    if (real.classes().size() == classes) {
      return real.classes();
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      names.add(Integer.toString(i));
    }
    return names;
  }

  private int[] order(int count) {
    int[] order = new int[count];
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public void close() {
    manager.close();
  }
}
