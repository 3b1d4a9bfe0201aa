package dev.djinn.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final ImageSet DIGITS = DataSets.open("mnist-10k", DataOptions.defaults());

  private NDManager manager;
  private Classifier classifier;

  @BeforeEach
  void open() {
    TorchEngine.get();
    manager = NDManager.newBaseManager();
    classifier = Classifiers.open("mnist", manager);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static ImageSet part(ImageSet set, int from, int count) {
    return set.pick(IntStream.range(from, from + count).toArray());
  }

  private static ImageSet noise(int count) {
    byte[] pixels = new byte[count * 784];
    new Random(3).nextBytes(pixels);
    return new ImageSet("noise", 1, 28, 28, pixels, new int[0], List.of());
  }

  @Nested
  class OfDigits {
    @Test
    void realPicturesGetWhatTheFloorGetsAndNoiseDoesNot() {
      ImageSet real = part(DIGITS, 0, 2000);
      try (Evaluation evaluation = new Evaluation(real, 1000, classifier, 1, manager)) {
        Quality others = evaluation.judge(part(DIGITS, 5000, 1000), false);
        Quality none = evaluation.judge(noise(1000), false);
        double floor = others.floor().fcd();
        assertEquals(floor, others.generated().fcd(), 2 * floor);
        assertTrue(none.generated().fcd() > 100 * floor, none.generated() + " floor " + floor);
        assertTrue(others.generated().labelAccuracy().getAsDouble() > 0.98);
        assertEquals(10, others.generated().classes().orElseThrow().found());
        assertTrue(others.floor().labelAccuracy().getAsDouble() > 0.98);
        assertEquals(
            1000, others.floor().classes().orElseThrow().counts().stream().mapToInt(n -> n).sum());
        assertTrue(others.floor().classes().orElseThrow().divergence() < 0.05);
        assertEquals(0, none.generated().neighbourhoods().precision(), 0.01);
        assertTrue(others.generated().neighbourhoods().coverage() > 0.9);
        assertTrue(none.generated().labelAccuracy().isEmpty());
        assertTrue(none.generated().trainedOnSamples().isEmpty());
        assertTrue(none.floor().trainedOnSamples().isEmpty());
        assertEquals(
            others.generated().fcd(),
            evaluation.frechetDistance(part(DIGITS, 5000, 1000)),
            1e-9 * floor);
      }
    }

    @Test
    void oneDigitAloneHasPrecisionButNeitherRecallNorClasses() {
      int[] threes =
          IntStream.range(0, DIGITS.count())
              .filter(i -> DIGITS.labels()[i] == 3)
              .limit(500)
              .toArray();
      ImageSet collapsed =
          new ImageSet("threes", 1, 28, 28, DIGITS.pick(threes).pixels(), new int[0], List.of());
      try (Evaluation evaluation = new Evaluation(DIGITS, 500, classifier, 1, manager)) {
        Quality quality = evaluation.judge(collapsed, false);
        assertTrue(quality.generated().neighbourhoods().precision() > 0.9);
        assertTrue(quality.generated().neighbourhoods().recall() < 0.4);
        assertEquals(0, quality.generated().classes().orElseThrow().least(), 0.004);
        // All in a class that has a tenth of the real ones: KL is ln 10.
        assertEquals(Math.log(10), quality.generated().classes().orElseThrow().divergence(), 0.2);
      }
    }

    @Test
    void aClassifierTrainedOnRealPicturesStandsBesideTheOneTrainedOnSamples() {
      try (Evaluation evaluation =
          new Evaluation(part(DIGITS, 0, 256), 128, classifier, 1, manager)) {
        Quality quality = evaluation.judge(part(DIGITS, 5000, 128), true);
        assertEquals(
            quality.generated().trainedOnSamples().getAsDouble(), quality.figures().get("cas"));
        assertEquals(
            quality.floor().trainedOnSamples().getAsDouble(), quality.figures().get("real_cas"));
      }
    }

    @Test
    void picturesOfAnotherSizeAreRefused() {
      ImageSet red = new ImageSet("red", 3, 28, 28, new byte[12 * 3 * 784], new int[0], List.of());
      try (Evaluation evaluation =
          new Evaluation(part(DIGITS, 0, 24), 12, classifier, 1, manager)) {
        TrainingException e =
            assertThrows(TrainingException.class, () -> evaluation.judge(red, false));
        assertTrue(
            e.getMessage().startsWith("red has pictures of 28×28×3 and mnist-10k of 28×28×1; "),
            e.getMessage());
        assertThrows(TrainingException.class, () -> evaluation.frechetDistance(red));
      }
    }

    @Test
    void threeColoursAreThreeDigits() {
      ImageSet stacked = DataSets.open("stacked-mnist", DataOptions.defaults());
      try (NDManager scope = manager.newSubManager()) {
        ImageSet some = part(stacked, 0, 300);
        List<Integer> seen = classifier.judge(some, scope).labels();
        long right = IntStream.range(0, 300).filter(i -> seen.get(i) == some.labels()[i]).count();
        assertTrue(right > 280, right + " of 300");
      }
    }

    @Test
    void tooFewPicturesAreRefused() {
      TrainingException e =
          assertThrows(
              TrainingException.class,
              () -> new Evaluation(part(DIGITS, 0, 11), 1000, classifier, 1, manager));
      assertEquals(
          "mnist-10k has 11 pictures, too few to compare with; give data of 12 or more",
          e.getMessage());
      assertThrows(
          IllegalArgumentException.class,
          () -> new Evaluation(part(DIGITS, 0, 12), 5, classifier, 1, manager));
    }

    @Test
    void tooFewSamplesToTrainOnAreSaidToBeThat() {
      assertEquals(
          "127 samples are too few to train a classifier on; give --samples 128 or more, or"
              + " --skip-cas",
          tooFew(256));
      assertEquals(
          "127 samples are too few to train a classifier on; give data of 256 pictures or more, or"
              + " --skip-cas",
          tooFew(254));
    }

    private String tooFew(int real) {
      try (Evaluation evaluation =
          new Evaluation(part(DIGITS, 0, real), 127, classifier, 1, manager)) {
        return assertThrows(
                TrainingException.class, () -> evaluation.judge(part(DIGITS, 0, 128), true))
            .getMessage();
      }
    }
  }

  @Nested
  class Training {
    @Test
    void learnsDigitsAndComesBackFromItsFile(@TempDir Path folder) throws Exception {
      try (Classifier student =
          ClassifierTraining.train(part(DIGITS, 0, 2560), 4, false, 1, manager, line -> {})) {
        ImageSet unseen = part(DIGITS, 9000, 500);
        double accuracy = ClassifierTraining.accuracy(student, unseen, manager);
        assertTrue(accuracy > 0.8, "accuracy " + accuracy);
        Path file = folder.resolve("a.safetensors");
        student.write(file);
        try (Classifier back = Classifiers.open(file.toString(), manager)) {
          assertEquals(accuracy, ClassifierTraining.accuracy(back, unseen, manager));
        }
        byte[] cut = Arrays.copyOf(Files.readAllBytes(file), 1000);
        assertThrows(TrainingException.class, () -> Classifier.parse("cut", cut, manager));
      }
    }

    @Test
    void theSameSeedGivesTheSameClassifier() {
      ImageSet few = part(DIGITS, 0, 256);
      float[] once = trained(few);
      assertArrayEquals(once, trained(few));
    }

    private float[] trained(ImageSet set) {
      try (Classifier student = ClassifierTraining.train(set, 1, true, 5, manager, line -> {});
          NDManager scope = manager.newSubManager()) {
        return student.judge(part(DIGITS, 0, 3), scope).features().toFloatArray();
      }
    }

    @Test
    void picturesWithoutLabelsAreRefused() {
      assertThrows(
          TrainingException.class,
          () -> ClassifierTraining.train(noise(200), 1, false, 1, manager, line -> {}));
    }

    @Test
    void aTestMustHaveLabelsOfTheSameClassesAndPicturesOfTheSameSize() {
      ClassifierTraining.checkTest(DIGITS, part(DIGITS, 0, 10));
      ClassifierTraining.checkTest(DIGITS, named(28, List.of("0", "1")));
      for (ImageSet wrong :
          List.of(noise(200), named(28, List.of("1", "2")), named(32, List.of("0", "1")))) {
        assertThrows(
            TrainingException.class,
            () -> ClassifierTraining.checkTest(DIGITS, wrong),
            () -> "" + wrong);
      }
    }

    private ImageSet named(int side, List<String> classes) {
      return new ImageSet("few", 1, side, side, new byte[2 * side * side], new int[2], classes);
    }

    @Test
    void memoryStaysFlat() {
      ImageSet few = part(DIGITS, 0, 256);
      Evaluation evaluation = new Evaluation(DIGITS, 100, classifier, 1, manager);
      int before = manager.getManagedArrays().size();
      for (int i = 0; i < 3; i++) {
        evaluation.judge(part(few, 0, 100), false);
      }
      assertEquals(before, manager.getManagedArrays().size());
      evaluation.close();
    }
  }

  @Nested
  class Nearest {
    @Test
    void aCopyIsItsOwnNearest() {
      ImageSet samples = part(DIGITS, 4242, 2);
      assertEquals(4242, NearestPictures.nearest(samples, 0, DIGITS, 5)[0]);
      assertEquals(4243, NearestPictures.nearest(samples, 1, DIGITS, 5)[0]);
    }
  }

  @Nested
  class Names {
    @Test
    void tellTheClassifierOfADataSet() {
      assertEquals("mnist", Classifiers.of("mnist-10k").orElseThrow());
      assertEquals("mnist", Classifiers.of("/some/where/mnist").orElseThrow());
      assertEquals("fashion-mnist", Classifiers.of("stacked-mnist:fashion-mnist").orElseThrow());
      assertTrue(Classifiers.of("photos").isEmpty());
      Classifiers.KNOWN.forEach(name -> Classifiers.open(name, manager).close());
    }

    @Test
    void ofNoClassifierAreRefused() {
      assertThrows(IllegalArgumentException.class, () -> Classifiers.open("nothing", manager));
    }
  }
}
