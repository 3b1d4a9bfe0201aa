package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.WeightInit;
import dev.djinn.network.WeightSpec;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.AdversarialLoss;
import dev.djinn.settings.Average;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Rules;
import dev.djinn.step.TrainingData.Pictures;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientPenaltyTest {
  private static final WeightInit NORMAL = new WeightInit(WeightInit.Kind.NORMAL, 0.5);
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get().setRandomSeed(3);
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NetworkBlock linear(float... weight) {
    NetworkBlock block =
        NetworkBlock.create(
            new Network(
                "d",
                new Shape(1, 1, 2),
                0,
                List.of(new Layer.Reshape(List.of(-1)), new Layer.Dense(1, WeightSpec.of(NORMAL)))),
            manager);
    block.arrays().get("01.weight").set(FloatBuffer.wrap(weight));
    return block;
  }

  private Pictures pictures(float... values) {
    return new Pictures(manager.create(values, new Shape(values.length / 2, 1, 1, 2)), null);
  }

  /** The penalties alone, as a loss of 0 with them added. */
  private NDArray penalty(
      Rules.Penalties penalties, NetworkBlock discriminator, Pictures real, Pictures fake) {
    return penalty(penalties, AdversarialLoss.NON_SATURATING, discriminator, real, fake);
  }

  private NDArray penalty(
      Rules.Penalties penalties,
      AdversarialLoss loss,
      NetworkBlock discriminator,
      Pictures real,
      Pictures fake) {
    GradientPenalty penalty =
        new GradientPenalty(
            penalties, loss, p -> discriminator.run(p.images(), p.labels(), true), manager);
    penalty.watch(real, fake);
    // The points between real and generated pictures are drawn.
    TorchEngine.get().setRandomSeed(11);
    return GradientMode.recorded(
        () ->
            penalty.add(
                manager.create(0f),
                real,
                discriminator.run(real.images(), null, true),
                fake,
                discriminator.run(fake.images(), null, true),
                new Moment(0, 1, 1)));
  }

  /** D(x) = w·x has gradient w everywhere: R1 = γ/2 ‖w‖², WGAN-GP = λ (‖w‖ − 1)². */
  @Test
  void linearDiscriminatorByHand() {
    NetworkBlock d = linear(3, 4);
    Pictures real = pictures(1, 2, 3, 4);
    Pictures fake = pictures(0, 1, 5, -1);
    assertEquals(
        0.5 / 2 * 25, penalty(new Rules.Penalties(0.5, 0, 0), d, real, fake).getFloat(), 1e-5);
    assertEquals(
        (0.5 + 2) / 2 * 25,
        penalty(new Rules.Penalties(0.5, 2, 0), d, real, fake).getFloat(),
        1e-5);
    assertEquals(10 * 16, penalty(new Rules.Penalties(0, 0, 10), d, real, fake).getFloat(), 1e-4);
  }

  /** Of two outputs, fake and real, D is real − fake: here its gradient is (4, 6) − (1, 2). */
  @Test
  void softmaxPenalisesTheDifferenceOfItsOutputs() {
    NetworkBlock d =
        NetworkBlock.create(
            new Network(
                "d",
                new Shape(1, 1, 2),
                0,
                List.of(new Layer.Reshape(List.of(-1)), new Layer.Dense(2, WeightSpec.of(NORMAL)))),
            manager);
    d.arrays().get("01.weight").set(FloatBuffer.wrap(new float[] {1, 2, 4, 6}));
    Pictures real = pictures(1, 2, 3, 4);
    Pictures fake = pictures(0, 1, 5, -1);
    AdversarialLoss softmax = AdversarialLoss.SOFTMAX;
    assertEquals(
        0.5 / 2 * 25,
        penalty(new Rules.Penalties(0.5, 0, 0), softmax, d, real, fake).getFloat(),
        1e-5);
    assertEquals(
        10 * 16, penalty(new Rules.Penalties(0, 0, 10), softmax, d, real, fake).getFloat(), 1e-4);
  }

  /** d/dw of γ/2 ‖w‖² is γ w, and of λ (‖w‖ − 1)² is 2 λ (1 − 1/‖w‖) w. */
  @Test
  void gradientsOfThePenaltiesByHand() {
    NetworkBlock d = linear(3, 4);
    NDList weight = new NDList(d.arrays().get("01.weight"));
    float[] r1 =
        gradient(
            penalty(new Rules.Penalties(0.5, 0, 0), d, pictures(1, 2), pictures(0, 1)), weight);
    assertEquals(0.5 * 3, r1[0], 1e-5);
    assertEquals(0.5 * 4, r1[1], 1e-5);
    float[] wgan =
        gradient(penalty(new Rules.Penalties(0, 0, 10), d, pictures(1, 2), pictures(0, 1)), weight);
    assertEquals(2 * 10 * (1 - 1 / 5.0) * 3, wgan[0], 1e-3);
    assertEquals(2 * 10 * (1 - 1 / 5.0) * 4, wgan[1], 1e-3);
  }

  private float[] gradient(NDArray loss, NDList of) {
    TorchScript script =
        TorchScript.compile(
            manager,
            """
            def gradients(self, loss: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
              return torch.autograd.grad([loss], p)
            """);
    overwriteFreedMemory();
    return GradientMode.recorded(() -> script.call("gradients", loss, of))
        .singletonOrThrow()
        .toFloatArray();
  }

  /** What a graph still needs must not lie in memory that Java has given back. */
  private static void overwriteFreedMemory() {
    System.gc();
    for (int i = 0; i < 2_000; i++) {
      ByteBuffer.allocateDirect(8 + i % 64).putLong(0, 0x7fedcba9_7fedcba9L);
    }
  }

  private NetworkBlock smooth() {
    return NetworkBlock.create(
        new Network(
            "d",
            new Shape(1, 4, 4),
            0,
            List.of(
                new Layer.Conv(3, 3, 1, 1, 1, 1, WeightSpec.of(NORMAL)),
                new Layer.Activation(Layer.Activation.Function.TANH, 0),
                new Layer.Reshape(List.of(-1)),
                new Layer.Dense(1, WeightSpec.of(NORMAL)))),
        manager);
  }

  /** The slope at points that are drawn between the pictures, here by differences of D itself. */
  @Test
  void wassersteinPenaltyIsTakenBetweenRealAndGeneratedPictures() {
    NetworkBlock d = smooth();
    NDArray real = manager.randomNormal(new Shape(5, 1, 4, 4));
    NDArray fake = manager.randomNormal(new Shape(5, 1, 4, 4)).add(1);
    float penalty =
        penalty(
                new Rules.Penalties(0, 0, 10),
                d,
                new Pictures(real.duplicate(), null),
                new Pictures(fake.duplicate(), null))
            .getFloat();
    TorchEngine.get().setRandomSeed(11);
    NDArray share = manager.randomUniform(0f, 1f, new Shape(5, 1, 1, 1));
    float[] between = real.add(fake.sub(real).mul(share)).toFloatArray();
    double[] squares = new double[5];
    float h = 1e-2f;
    for (int pixel = 0; pixel < 16; pixel++) {
      float[] before = between.clone();
      float[] after = between.clone();
      for (int i = 0; i < 5; i++) {
        before[16 * i + pixel] -= h;
        after[16 * i + pixel] += h;
      }
      float[] low = d.run(manager.create(before, new Shape(5, 1, 4, 4)), null, true).toFloatArray();
      float[] high = d.run(manager.create(after, new Shape(5, 1, 4, 4)), null, true).toFloatArray();
      for (int i = 0; i < 5; i++) {
        squares[i] += Math.pow((high[i] - low[i]) / (2 * h), 2);
      }
    }
    double expected = 0;
    for (double square : squares) {
      expected += 10 * Math.pow(Math.sqrt(square) - 1, 2) / 5;
    }
    assertEquals(expected, penalty, 5e-3 * Math.max(1, expected));
  }

  /** A smooth network, so that finite differences of the penalty are its gradient. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void gradientsOfThePenaltiesByFiniteDifferences(long seed) {
    TorchEngine.get().setRandomSeed((int) seed);
    NetworkBlock d = smooth();
    NDArray images = manager.randomNormal(new Shape(5, 1, 4, 4));
    NDArray other = manager.randomNormal(new Shape(5, 1, 4, 4));
    Rules.Penalties penalties = new Rules.Penalties(1, 0.5, 2);
    NDArray weight = d.arrays().get("00.weight");
    float[] exact =
        gradient(
            penalty(
                penalties,
                d,
                new Pictures(images.duplicate(), null),
                new Pictures(other.duplicate(), null)),
            new NDList(weight));
    float[] values = weight.toFloatArray();
    float h = 1e-2f;
    for (int i = 0; i < values.length; i += 5) {
      double[] ends = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = values.clone();
        moved[i] += side == 0 ? -h : h;
        weight.set(FloatBuffer.wrap(moved));
        ends[side] =
            penalty(
                    penalties,
                    d,
                    new Pictures(images.duplicate(), null),
                    new Pictures(other.duplicate(), null))
                .getFloat();
      }
      weight.set(FloatBuffer.wrap(values));
      double difference = (ends[1] - ends[0]) / (2 * h);
      // The error of a central difference is of order h², float's rounding of order 1e-5 / h.
      assertEquals(
          difference,
          exact[i],
          5e-3 * Math.max(1, Math.abs(difference)),
          "seed " + seed + ", weight " + i);
    }
  }

  @Test
  void averageFollowsItsFormula() {
    NetworkBlock live = linear(1, 2);
    AveragedGenerator average = new AveragedGenerator(live, new Average.Decay(0.9), manager);
    double expected = 1;
    for (int t = 0; t < 200; t++) {
      float now = 1 + 0.1f * t;
      live.arrays().get("01.weight").set(FloatBuffer.wrap(new float[] {now, 2}));
      int step = t;
      try (NDManager scope = manager.newSubManager()) {
        GradientMode.unrecorded(
            () -> {
              average.update(scope, new Moment(step, 1, 1));
              return null;
            });
      }
      double d = Math.min(0.9, (1.0 + t) / (10.0 + t));
      expected = d * expected + (1 - d) * now;
    }
    float[] weight = average.network().arrays().get("01.weight").toFloatArray();
    assertEquals(expected, weight[0], 1e-4);
    assertEquals(2, weight[1], 1e-6);
  }
}
