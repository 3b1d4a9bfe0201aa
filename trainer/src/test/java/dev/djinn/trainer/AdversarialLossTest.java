package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each loss against its formula in probabilities, in double. */
class AdversarialLossTest {
  private static final float[] REAL = {2f, -1f, 0.5f};
  private static final float[] FAKE = {-3f, 0.25f, 1f};
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static double d(float logit) {
    return 1 / (1 + Math.exp(-logit));
  }

  private NDArray logits(float... values) {
    return manager.create(values, new Shape(values.length, 1));
  }

  private static double mean(float[] logits, java.util.function.DoubleUnaryOperator f) {
    double sum = 0;
    for (float logit : logits) {
      sum += f.applyAsDouble(d(logit));
    }
    return sum / logits.length;
  }

  @Test
  void discriminatorMinimisesBinaryCrossEntropy() {
    double expected = (mean(REAL, p -> -Math.log(p)) + mean(FAKE, p -> -Math.log(1 - p))) / 2;
    for (AdversarialLoss loss :
        new AdversarialLoss[] {AdversarialLoss.NON_SATURATING, AdversarialLoss.MINIMAX}) {
      assertEquals(
          expected, loss.discriminator(logits(REAL), logits(FAKE)).getFloat(), 1e-6, loss.name());
    }
  }

  @Test
  void generatorLossesAreThoseOfThePaper() {
    assertEquals(
        mean(FAKE, p -> -Math.log(p)),
        AdversarialLoss.NON_SATURATING.generator(logits(FAKE), null).getFloat(),
        1e-6);
    assertEquals(
        mean(FAKE, p -> Math.log(1 - p)),
        AdversarialLoss.MINIMAX.generator(logits(FAKE), null).getFloat(),
        1e-6);
  }

  @Test
  void softmaxIsCrossEntropyOverFakeAndReal() {
    // Rows are (fake, real) logits.
    NDArray real = manager.create(new float[] {1, 3, 0, -1}, new Shape(2, 2));
    NDArray fake = manager.create(new float[] {2, 0.5f}, new Shape(1, 2));
    double lossOfReal =
        (-Math.log(Math.exp(3) / (Math.exp(1) + Math.exp(3)))
                - Math.log(Math.exp(-1) / (Math.exp(0) + Math.exp(-1))))
            / 2;
    double lossOfFake = -Math.log(Math.exp(2) / (Math.exp(2) + Math.exp(0.5)));
    assertEquals(
        (lossOfReal + lossOfFake) / 2,
        AdversarialLoss.SOFTMAX.discriminator(real, fake).getFloat(),
        1e-6);
    assertEquals(
        -Math.log(Math.exp(0.5) / (Math.exp(2) + Math.exp(0.5))),
        AdversarialLoss.SOFTMAX.generator(fake, null).getFloat(),
        1e-6);
    assertEquals(0.75, AdversarialLoss.SOFTMAX.accuracy(real, fake).getFloat(), 1e-6);
  }

  @Test
  void modernLossesFollowTheirPapers() {
    double hinge = (0 + 2 + 0.5) / 3 + (0 + 1.25 + 2) / 3;
    double squares = (1 + 4 + 0.25) / 3 + (9 + 0.0625 + 1) / 3;
    double means = (-3 + 0.25 + 1) / 3 - (2 - 1 + 0.5) / 3;
    NDArray real = logits(REAL);
    NDArray fake = logits(FAKE);
    assertEquals(hinge / 2, AdversarialLoss.HINGE.discriminator(real, fake).getFloat(), 1e-6);
    assertEquals(1.75 / 3, AdversarialLoss.HINGE.generator(fake, null).getFloat(), 1e-6);
    assertEquals(
        squares / 2, AdversarialLoss.LEAST_SQUARES.discriminator(real, fake).getFloat(), 1e-6);
    assertEquals(
        (16 + 0.5625) / 6, AdversarialLoss.LEAST_SQUARES.generator(fake, null).getFloat(), 1e-6);
    assertEquals(means, AdversarialLoss.WASSERSTEIN.discriminator(real, fake).getFloat(), 1e-6);
    assertEquals(1.75 / 3, AdversarialLoss.WASSERSTEIN.generator(fake, null).getFloat(), 1e-6);
    double pairs = 0;
    double turned = 0;
    for (int i = 0; i < 3; i++) {
      pairs += Math.log1p(Math.exp(FAKE[i] - REAL[i])) / 3;
      turned += Math.log1p(Math.exp(REAL[i] - FAKE[i])) / 3;
    }
    assertEquals(pairs, AdversarialLoss.RELATIVISTIC.discriminator(real, fake).getFloat(), 1e-6);
    assertEquals(turned, AdversarialLoss.RELATIVISTIC.generator(fake, real).getFloat(), 1e-6);
    // Only the first pair is in the right order.
    assertEquals(1 / 3.0, AdversarialLoss.RELATIVISTIC.accuracy(real, fake).getFloat(), 1e-6);
  }

  @Test
  void accuracyCountsTheRightSideOfZero() {
    // Two of three real and one of three generated are told right.
    assertEquals(
        0.5, AdversarialLoss.NON_SATURATING.accuracy(logits(REAL), logits(FAKE)).getFloat(), 1e-6);
  }

  @Test
  void hugeLogitsNeitherOverflowNorVanish() {
    float loss =
        AdversarialLoss.NON_SATURATING.discriminator(logits(-1e4f), logits(1e4f)).getFloat();
    assertEquals(1e4f, loss, 1);
    float tiny = AdversarialLoss.NON_SATURATING.generator(logits(15f), null).getFloat();
    assertTrue(tiny > 2e-7 && tiny < 4e-7, "log1p(e⁻¹⁵) is 3.06e-7, got " + tiny);
  }
}
