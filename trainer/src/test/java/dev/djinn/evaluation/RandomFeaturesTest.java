package dev.djinn.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomFeaturesTest {
  /**
   * The first features and their sum as numpy gives them, from the description in the Javadoc and
   * the generator in java.util.Random's specification.
   */
  @Test
  void areTheSameAsNumpyGivesThem() {
    byte[] grey = new byte[64];
    for (int i = 0; i < 64; i++) {
      grey[i] = (byte) (4 * i);
    }
    assertFeatures(
        new ImageSet("grey", 1, 8, 8, grey, new int[0], List.of()),
        new float[] {
          0.34689f, 0.41952f, 0.16845f, 0.04422f, 0.42177f, 0.17405f, 0.49766f, 0.86598f
        },
        49.2464);
    byte[] colour = new byte[3 * 30 * 30];
    for (int i = 0; i < colour.length; i++) {
      colour[i] = (byte) i;
    }
    assertFeatures(
        new ImageSet("colour", 3, 30, 30, colour, new int[0], List.of()),
        new float[] {0.07116f, 0.27946f, 0, 0, 0.09793f, 0.0212f, 0.20894f, 0.28198f},
        51.179);
  }

  private static void assertFeatures(ImageSet set, float[] first, double sum) {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        RandomFeatures network =
            new RandomFeatures(set.channels(), set.height(), set.width(), manager)) {
      float[] features = network.judge(set, manager).features().toFloatArray();
      assertEquals(256, features.length);
      assertArrayEquals(first, Arrays.copyOf(features, first.length), 1e-4f);
      double all = IntStream.range(0, features.length).mapToDouble(i -> features[i]).sum();
      assertEquals(sum, all, 1e-2);
    }
  }

  /**
   * Naeem et al. 2020, section 3.2: of two samples of one distribution, density is 1 and coverage 1
   * − (n − 1) … (n − k) / ((2n − 1) … (2n − k)), for n = 1,000 and k = 5 that is 0.969.
   */
  @Test
  void giveRealPicturesTheDensityAndCoverageThatTheirAuthorsProve() {
    ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        FeatureExtractor network = Classifiers.extractor("random", digits, manager);
        Evaluation evaluation = new Evaluation(digits, 1000, network, 1, manager)) {
      ImageSet noise = noise(1000);
      Quality quality = evaluation.judge(noise, false);
      assertEquals(1, quality.floor().neighbourhoods().density(), 0.1);
      assertEquals(0.969, quality.floor().neighbourhoods().coverage(), 0.02);
      assertEquals(0, quality.generated().neighbourhoods().coverage());
      assertTrue(
          quality.generated().fcd() > 20 * quality.floor().fcd(), quality.figures().toString());
      assertTrue(quality.figures().containsKey("real_random_fcd"), quality.figures().toString());
      assertFalse(quality.figures().containsKey("fcd"), quality.figures().toString());
      assertFalse(quality.figures().containsKey("classes_found"), quality.figures().toString());
      QualitySummary summary = new QualitySummary(List.of(quality), OptionalDouble.empty());
      assertEquals("Fréchet distance (random features)", summary.table().rows().get(0).get(0));
      assertTrue(summary.notes().get(0).startsWith("There is no classifier of these pictures"));
    }
  }

  @Test
  void areTakenWhereNoCarriedClassifierFits() {
    ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
    assertEquals("mnist", Classifiers.best("mnist-10k", digits));
    assertEquals("random", Classifiers.best("photos", digits));
    ImageSet large = DataSets.open("mnist-10k", DataOptions.defaults().withImageSize(32));
    assertEquals("random", Classifiers.best("mnist-10k", large));
  }

  @Test
  void aClassifierOfOtherClassesIsRefused() {
    ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
    int[] labels = new int[digits.count()];
    labels[0] = 1;
    ImageSet two = new ImageSet("two", 1, 28, 28, digits.pixels(), labels, List.of("a", "b"));
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Classifier classifier = Classifiers.open("mnist", manager)) {
      TrainingException e =
          assertThrows(
              TrainingException.class, () -> new Evaluation(two, 100, classifier, 1, manager));
      assertTrue(
          e.getMessage().startsWith("the classifier tells 10 classes apart, but two has 2;"),
          e.getMessage());
    }
  }

  @Test
  void aClassifierThatIsRightOnFewRealPicturesIsCalledUnfit() {
    ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
    int[] shifted = Arrays.stream(digits.labels()).map(label -> (label + 1) % 10).toArray();
    ImageSet wrong = new ImageSet("wrong", 1, 28, 28, digits.pixels(), shifted, digits.classes());
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        Classifier classifier = Classifiers.open("mnist", manager);
        Evaluation evaluation = new Evaluation(wrong, 300, classifier, 1, manager)) {
      List<String> notes =
          new QualitySummary(List.of(evaluation.judge(noise(300), false)), OptionalDouble.empty())
              .notes();
      assertTrue(notes.get(0).startsWith("The classifier is unfit: it is right on "), "" + notes);
    }
  }

  private static ImageSet noise(int count) {
    byte[] pixels = new byte[count * 784];
    new java.util.Random(3).nextBytes(pixels);
    return new ImageSet("noise", 1, 28, 28, pixels, new int[0], List.of());
  }
}
