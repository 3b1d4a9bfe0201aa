package dev.djinn.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.AdversarialLoss.LossScale;
import dev.djinn.torch.TorchScript;
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

  private NDArray call(AdversarialLoss loss, String method, NDArray real, NDArray fake) {
    return call(loss.methods(LossScale.MEAN, false), method, real, fake);
  }

  private NDArray call(String methods, String method, NDArray real, NDArray fake) {
    return TorchScript.compile(manager, methods).call(method, real, fake).singletonOrThrow();
  }

  private NDArray discriminator(AdversarialLoss loss, NDArray real, NDArray fake) {
    return call(loss, "discriminator_loss", real, fake);
  }

  private NDArray accuracy(AdversarialLoss loss, NDArray real, NDArray fake) {
    return call(loss, "accuracy", real, fake);
  }

  /** A loss that does not pair looks at the generated pictures alone. */
  private NDArray generator(AdversarialLoss loss, NDArray fake) {
    return call(loss, "generator_loss", fake, fake);
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
          expected, discriminator(loss, logits(REAL), logits(FAKE)).getFloat(), 1e-6, loss.name());
    }
  }

  @Test
  void generatorLossesAreThoseOfThePaper() {
    assertEquals(
        mean(FAKE, p -> -Math.log(p)),
        generator(AdversarialLoss.NON_SATURATING, logits(FAKE)).getFloat(),
        1e-6);
    assertEquals(
        mean(FAKE, p -> Math.log(1 - p)),
        generator(AdversarialLoss.MINIMAX, logits(FAKE)).getFloat(),
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
        discriminator(AdversarialLoss.SOFTMAX, real, fake).getFloat(),
        1e-6);
    assertEquals(
        -Math.log(Math.exp(0.5) / (Math.exp(2) + Math.exp(0.5))),
        generator(AdversarialLoss.SOFTMAX, fake).getFloat(),
        1e-6);
    assertEquals(0.75, accuracy(AdversarialLoss.SOFTMAX, real, fake).getFloat(), 1e-6);
  }

  @Test
  void modernLossesFollowTheirPapers() {
    double hinge = (0 + 2 + 0.5) / 3 + (0 + 1.25 + 2) / 3;
    double squares = (1 + 4 + 0.25) / 3 + (9 + 0.0625 + 1) / 3;
    double means = (-3 + 0.25 + 1) / 3 - (2 - 1 + 0.5) / 3;
    NDArray real = logits(REAL);
    NDArray fake = logits(FAKE);
    assertEquals(hinge / 2, discriminator(AdversarialLoss.HINGE, real, fake).getFloat(), 1e-6);
    assertEquals(1.75 / 3, generator(AdversarialLoss.HINGE, fake).getFloat(), 1e-6);
    assertEquals(
        squares / 2, discriminator(AdversarialLoss.LEAST_SQUARES, real, fake).getFloat(), 1e-6);
    assertEquals(
        (16 + 0.5625) / 6, generator(AdversarialLoss.LEAST_SQUARES, fake).getFloat(), 1e-6);
    assertEquals(means, discriminator(AdversarialLoss.WASSERSTEIN, real, fake).getFloat(), 1e-6);
    assertEquals(1.75 / 3, generator(AdversarialLoss.WASSERSTEIN, fake).getFloat(), 1e-6);
    double pairs = 0;
    double turned = 0;
    for (int i = 0; i < 3; i++) {
      pairs += Math.log1p(Math.exp(FAKE[i] - REAL[i])) / 3;
      turned += Math.log1p(Math.exp(REAL[i] - FAKE[i])) / 3;
    }
    assertEquals(pairs, discriminator(AdversarialLoss.RELATIVISTIC, real, fake).getFloat(), 1e-6);
    assertEquals(
        turned, call(AdversarialLoss.RELATIVISTIC, "generator_loss", real, fake).getFloat(), 1e-6);
    // Only the first pair is in the right order.
    assertEquals(1 / 3.0, accuracy(AdversarialLoss.RELATIVISTIC, real, fake).getFloat(), 1e-6);
  }

  /** A critic's zero means nothing: only its differences are trained. */
  @Test
  void accuracyOfWassersteinCountsPairsInOrder() {
    for (float offset : new float[] {0, 100, -100}) {
      NDArray real = logits(REAL).add(offset);
      NDArray fake = logits(FAKE).add(offset);
      assertEquals(
          1 / 3.0, accuracy(AdversarialLoss.WASSERSTEIN, real, fake).getFloat(), 1e-6, "" + offset);
    }
  }

  @Test
  void accuracyCountsTheRightSideOfZero() {
    // Two of three real and one of three generated are told right.
    assertEquals(
        0.5, accuracy(AdversarialLoss.NON_SATURATING, logits(REAL), logits(FAKE)).getFloat(), 1e-6);
  }

  @Test
  void hugeLogitsNeitherOverflowNorVanish() {
    float loss =
        discriminator(AdversarialLoss.NON_SATURATING, logits(-1e4f), logits(1e4f)).getFloat();
    assertEquals(1e4f, loss, 1);
    float tiny = generator(AdversarialLoss.NON_SATURATING, logits(15f)).getFloat();
    assertTrue(tiny > 2e-7 && tiny < 4e-7, "log1p(e⁻¹⁵) is 3.06e-7, got " + tiny);
  }

  @Test
  void theHalvesOfALossMakeItsMeanAndItsSum() {
    double real = mean(REAL, p -> -Math.log(p));
    double fake = mean(FAKE, p -> -Math.log(1 - p));
    AdversarialLoss loss = AdversarialLoss.NON_SATURATING;
    String sum = loss.methods(LossScale.SUM, false);
    // Each half looks at one argument only, so the other may be anything.
    NDArray none = logits(Float.NaN);
    assertEquals(real, call(sum, "real_loss", logits(REAL), none).getFloat(), 1e-6);
    assertEquals(fake, call(sum, "fake_loss", none, logits(FAKE)).getFloat(), 1e-6);
    NDArray whole = call(sum, "discriminator_loss", logits(REAL), logits(FAKE));
    assertEquals(real + fake, whole.getFloat(), 1e-6);
    assertEquals(
        (real + fake) / 2, discriminator(loss, logits(REAL), logits(FAKE)).getFloat(), 1e-6);
    assertFalse(AdversarialLoss.RELATIVISTIC.separable());
    assertFalse(AdversarialLoss.WASSERSTEIN.separable());
  }

  /** A discriminator that ends in a sigmoid never gives less than 0, whatever it thinks. */
  @Test
  void accuracyOfProbabilitiesGoesByOneHalf() {
    NDArray real = logits(0.9f, 0.4f, 0.6f, 0.7f);
    NDArray fake = logits(0.1f, 0.2f, 0.8f, 0.45f);
    AdversarialLoss loss = AdversarialLoss.NON_SATURATING;
    assertEquals(
        0.75, call(loss.methods(LossScale.SUM, true), "accuracy", real, fake).getFloat(), 1e-6);
    assertEquals(0.5, accuracy(loss, real, fake).getFloat(), 1e-6);
  }
}
