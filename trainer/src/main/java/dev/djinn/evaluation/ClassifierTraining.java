package dev.djinn.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.data.ImageSet;
import dev.djinn.progress.ProgressLine;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.OptimizerSpec;
import dev.djinn.settings.Rules.RealBatches;
import dev.djinn.step.Optimizer;
import dev.djinn.step.Seeds;
import dev.djinn.step.TrainingData;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Trains a {@link Classifier}: cross-entropy with a label smoothing of 0.1, Adam from 2e-3 along
 * half a cosine to 0, batches of 128 shifted by up to two pixels.
 */
public final class ClassifierTraining {
  /** Pictures of a step, of smaller sets all. */
  static final int BATCH = 128;

  private static final int FEWEST = 10;

  private static final OptimizerSpec.Adam ADAM = new OptimizerSpec.Adam(2e-3, 0.9, 0.999, 1e-8);
  private static final int FURTHEST = 2;
  private static final String METHODS =
      """
      def loss(self, logits: Tensor, label: Tensor) -> Tensor:
        return torch.cross_entropy_loss(logits, label, None, 1, -100, 0.1)
      def gradients(self, loss: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
        return torch.autograd.grad([loss], p, None, None, False)
      def shift(self, x: Tensor, by: Tensor) -> Tensor:
        y = int(torch.select(by, 0, 0))
        z = int(torch.select(by, 0, 1))
        p = torch.constant_pad_nd(x, [2, 2, 2, 2])
        return torch.slice(torch.slice(p, 2, y, torch.add(y, torch.size(x, 2))), 3, z, torch.add(z, torch.size(x, 3)))
      """;

  private ClassifierTraining() {}

  /**
   * Trains.
   *
   * @param set labelled square pictures, ten or more
   * @param epochs passes over them, at least 1
   * @param flips whether pictures are also mirrored left to right
   * @param seed of weights, order and dropout
   * @param parent the classifier's parent
   * @param progress takes a line an epoch, and how far it is in between
   * @return the classifier
   * @throws TrainingException if the set has no labels, is too small or not square
   */
  public static Classifier train(
      ImageSet set,
      int epochs,
      boolean flips,
      long seed,
      NDManager parent,
      Consumer<String> progress) {
    check(set);
    TorchEngine.get().setRandomSeed((int) Seeds.mix(seed, Seeds.Use.WEIGHTS, 0));
    Classifier classifier =
        new Classifier(set.channels(), set.height(), set.classes().size(), parent);
    try (NDManager manager = parent.newSubManager()) {
      TrainingData data =
          new TrainingData(
              set, 0, true, Math.min(BATCH, set.count()), seed, RealBatches.SHUFFLED, manager);
      Optimizer optimizer =
          new Optimizer(ADAM, classifier.trained(), classifier.rateScales(), manager);
      TorchScript script = TorchScript.compile(manager, METHODS);
      long steps = (long) epochs * data.batchesPerEpoch();
      double sum = 0;
      ProgressLine line = ProgressLine.over(progress);
      ProgressLine.Task task = line.task("training a classifier", steps, "steps");
      for (long step = 0; step < steps; step++) {
        TorchEngine.get().setRandomSeed((int) Seeds.mix(seed, Seeds.Use.STEP, step));
        double factor = (1 + Math.cos(Math.PI * step / steps)) / 2;
        try (NDManager scope = manager.newSubManager()) {
          sum += update(classifier, data.batch(scope, step), flips, optimizer, factor, script);
        }
        if ((step + 1) % data.batchesPerEpoch() == 0) {
          line.accept(
              String.format(
                  Locale.ROOT,
                  "epoch %d/%d  loss %.4f",
                  (step + 1) / data.batchesPerEpoch(),
                  epochs,
                  sum / data.batchesPerEpoch()));
          sum = 0;
        }
        task.done(step + 1);
      }
    }
    return classifier;
  }

  private static float update(
      Classifier classifier,
      TrainingData.Pictures batch,
      boolean flips,
      Optimizer optimizer,
      double factor,
      TorchScript script) {
    NDManager scope = batch.images().getManager();
    NDArray by = scope.randomInteger(0, 2 * FURTHEST + 1, new Shape(2), DataType.INT64);
    NDArray shifted = script.call("shift", batch.images(), by).singletonOrThrow();
    boolean mirrored =
        flips && scope.randomInteger(0, 2, new Shape(1), DataType.INT64).toLongArray()[0] == 1;
    NDArray images = mirrored ? shifted.flip(3) : shifted;
    NDArray loss =
        GradientMode.recorded(
            () -> script.call("loss", classifier.train(images), batch.labels()).singletonOrThrow());
    NDList gradients =
        GradientMode.recorded(() -> script.call("gradients", loss, classifier.trained()));
    optimizer.update(scope, gradients, factor);
    return loss.getFloat();
  }

  /**
   * Refuses what {@link #train} cannot train on.
   *
   * @param set the data
   * @throws TrainingException if the set has no labels, is too small or not square
   */
  public static void check(ImageSet set) {
    if (!set.labelled() || set.classes().size() < 2) {
      throw new TrainingException(
          set.name() + " has no labels of two classes or more; a classifier needs them");
    }
    if (set.height() != set.width()) {
      throw new TrainingException(set.name() + " has pictures that are not square");
    }
    if (set.count() < FEWEST) {
      throw new TrainingException(
          set.name()
              + " has "
              + set.count()
              + " pictures; a classifier needs "
              + FEWEST
              + " or more");
    }
  }

  /**
   * A set in two parts: what to learn from, and a tenth to test with, of each class in turn.
   *
   * @param train nine tenths
   * @param held a tenth, at least one picture of each class that has two
   */
  public record Split(ImageSet train, ImageSet held) {
    /**
     * Splits.
     *
     * @param set labelled pictures
     * @param seed of the choice
     * @return both parts
     * @throws TrainingException if no class has two pictures
     */
    public static Split of(ImageSet set, long seed) {
      List<List<Integer>> members = new ArrayList<>();
      set.classes().forEach(kind -> members.add(new ArrayList<>()));
      for (int i = 0; i < set.count(); i++) {
        members.get(set.labels()[i]).add(i);
      }
      Random random = new Random(seed);
      List<Integer> held = new ArrayList<>();
      List<Integer> train = new ArrayList<>();
      for (List<Integer> all : members) {
        Collections.shuffle(all, random);
        int count = all.size() < 2 ? 0 : Math.max(1, all.size() / 10);
        held.addAll(all.subList(0, count));
        train.addAll(all.subList(count, all.size()));
      }
      if (held.isEmpty()) {
        throw new TrainingException(set.name() + " has no class of two pictures to hold one out");
      }
      return new Split(picked(set, train), picked(set, held));
    }

    private static ImageSet picked(ImageSet set, List<Integer> indices) {
      return set.pick(indices.stream().sorted().mapToInt(Integer::intValue).toArray());
    }
  }

  /**
   * Refuses what a classifier cannot be tested with.
   *
   * @param set what it is trained on
   * @param test what to test it with
   * @throws TrainingException if the test set has no labels, other classes or pictures of another
   *     size
   */
  public static void checkTest(ImageSet set, ImageSet test) {
    if (!test.labelled()) {
      throw new TrainingException(test.name() + " has no labels; a test needs them");
    }
    if (!sameClasses(set.classes(), test.classes())) {
      throw new TrainingException(
          test.name()
              + " has other classes than "
              + set.name()
              + ": "
              + String.join(", ", test.classes())
              + "; expected "
              + String.join(", ", set.classes()));
    }
    Agreement.checkAlike(test, set);
  }

  /** The last ones may be missing from the test; numbers stand for the classes in their order. */
  private static boolean sameClasses(List<String> known, List<String> tested) {
    int count = tested.size();
    if (count > known.size()) {
      return false;
    }
    List<String> first = known.subList(0, count);
    List<String> numbers = IntStream.range(0, count).mapToObj(Integer::toString).toList();
    return tested.equals(first) || tested.equals(numbers);
  }

  /**
   * How often a classifier is right, class by class.
   *
   * @param classifier the classifier
   * @param set labelled pictures of {@link #checkTest}
   * @param parent its device is used
   * @return shares
   */
  public static Classifier.Accuracy accuracies(
      Classifier classifier, ImageSet set, NDManager parent) {
    try (NDManager scope = parent.newSubManager()) {
      List<Integer> seen = classifier.judge(set, scope).labels();
      int[] right = new int[classifier.classes()];
      int[] count = new int[classifier.classes()];
      for (int i = 0; i < set.count(); i++) {
        int label = set.labels()[i];
        count[label]++;
        right[label] += seen.get(i) == label ? 1 : 0;
      }
      List<Double> byClass = new ArrayList<>();
      for (int i = 0; i < count.length; i++) {
        byClass.add(count[i] == 0 ? Double.NaN : (double) right[i] / count[i]);
      }
      return new Classifier.Accuracy(Agreement.of(seen, set), byClass, set.count());
    }
  }

  /**
   * The share of pictures that a classifier puts into their class.
   *
   * @param classifier the classifier
   * @param set labelled pictures of {@link #checkTest}
   * @param parent its device is used
   * @return in [0, 1]
   */
  public static double accuracy(Classifier classifier, ImageSet set, NDManager parent) {
    try (NDManager scope = parent.newSubManager()) {
      return Agreement.of(classifier.judge(set, scope).labels(), set);
    }
  }
}
