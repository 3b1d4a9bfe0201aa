package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.network.YamlCursor;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import dev.djinn.torch.GradientMode;
import dev.djinn.trainer.TinyRun;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A step of a discriminator of one weight a pixel, against the formulas worked out in double. */
class AdversarialStepTest {
  private static final int PIXELS = 16;
  private static final int COUNT = 6;
  private static final double RATE = 0.05;
  private static final double BETA1 = 0.5;
  private static final double BETA2 = 0.9;
  private static final double EPSILON = 1e-8;
  private static final double GENERATED = 0.3;
  private static final double WEIGHT = 0.1;

  private static final String YAML =
      """
      name: one-weight-a-pixel
      image: {side: 4, channels: 1, pixels: 0..1}
      latent: {size: 2, distribution: normal}
      batch: 6
      steps: 1
      loss: non-saturating
      discriminator-batches: separate
      generator-mode: training
      generated: twice
      schedule: alternating
      sample-every: 1
      sample-count: 1
      sample-columns: 1
      log-every: 1
      checkpoint-every: 1
      generator:
        optimizer: adam
        rate: 1e-3
        beta1: 0.5
        beta2: 0.9
        epsilon: 1e-8
        layers:
          - dense: {units: 16, init: constant 0, bias: constant 0.3}
          - reshape: [1, 4, 4]
      discriminator:
        optimizer: adam
        rate: 0.05
        beta1: 0.5
        beta2: 0.9
        epsilon: 1e-8
        layers:
          - flatten
          - dense: {units: 1, init: constant 0.1, bias: false}
      """;

  private static Settings settings(Map<String, String> changes) {
    YamlCursor root = YamlCursor.parse(YAML, "one.yaml");
    changes.forEach(root::set);
    return SettingsFile.read(root, 0);
  }

  private static ImageSet pictures() {
    byte[] pixels = new byte[COUNT * PIXELS];
    new Random(4).nextBytes(pixels);
    return new ImageSet("noise", 1, 4, 4, pixels, new int[0], List.of());
  }

  private static double[][] real(ImageSet set) {
    double[][] real = new double[COUNT][PIXELS];
    for (int i = 0; i < COUNT * PIXELS; i++) {
      real[i / PIXELS][i % PIXELS] = (set.pixels()[i] & 0xff) / 255.0;
    }
    return real;
  }

  private static double[][] generated() {
    double[][] pictures = new double[COUNT][PIXELS];
    for (double[] picture : pictures) {
      Arrays.fill(picture, GENERATED);
    }
    return pictures;
  }

  /** The gradient of the mean of softplus(sign · w x) by w, over pictures x. */
  private static double[] gradient(double[] w, double[][] pictures, int sign) {
    double[] gradient = new double[PIXELS];
    for (double[] x : pictures) {
      double output = 0;
      for (int p = 0; p < PIXELS; p++) {
        output += w[p] * x[p];
      }
      double slope = sign / (1 + Math.exp(-sign * output));
      for (int p = 0; p < PIXELS; p++) {
        gradient[p] += slope * x[p] / pictures.length;
      }
    }
    return gradient;
  }

  /** Adam as Keras has it: epsilon is outside of the bias correction. */
  private static final class Adam {
    private final double[] m = new double[PIXELS];
    private final double[] v = new double[PIXELS];
    private int updates;

    void update(double[] w, double[] gradient) {
      update(w, gradient, RATE, BETA2);
    }

    void update(double[] w, double[] gradient, double base, double beta2) {
      updates++;
      double rate = base * Math.sqrt(1 - Math.pow(beta2, updates)) / (1 - Math.pow(BETA1, updates));
      for (int p = 0; p < PIXELS; p++) {
        m[p] = BETA1 * m[p] + (1 - BETA1) * gradient[p];
        v[p] = beta2 * v[p] + (1 - beta2) * gradient[p] * gradient[p];
        w[p] -= rate * m[p] / (Math.sqrt(v[p]) + EPSILON);
      }
    }
  }

  private static float[] weightsAfterAStep(Map<String, String> changes) {
    return weightsAfter(1, changes);
  }

  private static float[] weightsAfter(int steps, Map<String, String> changes) {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      return GradientMode.unrecorded(
          () -> {
            TrainingState state = new TrainingState(settings(changes), pictures(), manager);
            for (int step = 0; step < steps; step++) {
              state.step(step);
            }
            return state.networks().get("discriminator.01.weight").toFloatArray();
          });
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] start() {
    double[] w = new double[PIXELS];
    Arrays.fill(w, WEIGHT);
    return w;
  }

  @Test
  void realAndGeneratedPicturesMakeOneUpdateOrOneEach() {
    double[][] real = real(pictures());
    double[][] fake = generated();

    double[] together = start();
    double[] onReal = gradient(together, real, -1);
    double[] onFake = gradient(together, fake, 1);
    double[] mean = new double[PIXELS];
    for (int p = 0; p < PIXELS; p++) {
      mean[p] = (onReal[p] + onFake[p]) / 2;
    }
    new Adam().update(together, mean);
    assertArrayEquals(floats(together), weightsAfterAStep(Map.of()), 1e-5f);

    double[] inTurn = start();
    Adam adam = new Adam();
    adam.update(inTurn, gradient(inTurn, real, -1));
    // What is learnt from the generated pictures knows what the real ones have taught.
    adam.update(inTurn, gradient(inTurn, fake, 1));
    float[] actual = weightsAfterAStep(Map.of("discriminator-batches", "in-turn"));
    assertArrayEquals(floats(inTurn), actual, 1e-5f);
    assertFalse(Arrays.equals(floats(together), actual));
  }

  /** D(x) = w·x, so R1 is γ/2 ‖w‖² and its gradient γ w: twice as heavy every second time. */
  @Test
  void numbersFollowTheirCourseAndPenaltiesTheirTurn() {
    double[] w = start();
    Adam adam = new Adam();
    double[] rates = {RATE, RATE, 0.02};
    double[] beta2 = {0.9, 0.7, 0.5};
    double[] gamma = {0.8, 0.6, 0.4};
    for (int step = 0; step < 3; step++) {
      double[] onReal = gradient(w, real(pictures()), -1);
      double[] onFake = gradient(w, generated(), 1);
      double[] sum = new double[PIXELS];
      for (int p = 0; p < PIXELS; p++) {
        sum[p] = (onReal[p] + onFake[p]) / 2 + (step % 2 == 0 ? 2 * gamma[step] * w[p] : 0);
      }
      adam.update(w, sum, rates[step], beta2[step]);
    }
    float[] actual =
        weightsAfter(
            3,
            Map.of(
                "generator.rate", "1e-12",
                "discriminator.rate", "{shape: steps, from: 0.05, at: {12 images: 0.02}}",
                "discriminator.beta2", "{shape: linear, from: 0.9, to: 0.5, over: 2}",
                "penalties", "{r1: {shape: linear, from: 0.8, to: 0, over: 24 images}, every: 2}"));
    assertArrayEquals(floats(w), actual, 2e-5f);
  }

  @Test
  void inferenceLossesAreThoseOfTheNetworksAsTheyAre() {
    TorchEngine.get();
    double[][] real = real(pictures());
    try (NDManager manager = NDManager.newBaseManager()) {
      GradientMode.unrecorded(
          () -> {
            TrainingState state =
                new TrainingState(
                    settings(Map.of("discriminator-loss", "sum", "generator.rate", "1e-12")),
                    pictures(),
                    manager);
            state.step(0);
            double[] w = doubles(state.networks().get("discriminator.01.weight"));
            double[] picture = doubles(state.networks().get("generator.00.bias"));
            AdversarialStep.Result losses = state.inferenceLosses(1);
            double onFake = dot(w, picture);
            double onReal = 0;
            for (double[] x : real) {
              onReal += softplus(-dot(w, x)) / COUNT;
            }
            assertEquals(onReal + softplus(onFake), losses.discriminatorLoss(), 1e-5);
            assertEquals(softplus(-onFake), losses.generatorLoss(), 1e-5);
            return null;
          });
    }
  }

  private static double[] doubles(NDArray array) {
    float[] floats = array.toFloatArray();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  /** The generator's update is the second of the two passes that would move running statistics. */
  @Test
  void theDiscriminatorsRunningStatisticsMoveInTheGeneratorsUpdateOnlyIfTheyAreTo() {
    float[] moved = runningMean("training");
    float[] unmoved = runningMean("unmoved");
    float[] frozen = runningMean("frozen");
    assertArrayEquals(unmoved, frozen);
    assertFalse(Arrays.equals(moved, unmoved));
  }

  private static float[] runningMean(String mode) {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      return GradientMode.unrecorded(
          () -> {
            Settings settings = TinyRun.settings(Map.of("discriminator-mode", mode));
            TrainingState state = new TrainingState(settings, TinyRun.images(1), manager);
            state.step(0);
            return state.networks().get("discriminator.02.running_mean").toFloatArray();
          });
    }
  }
}
