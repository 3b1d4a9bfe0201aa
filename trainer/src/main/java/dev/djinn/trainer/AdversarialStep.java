package dev.djinn.trainer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkBlock;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import dev.djinn.trainer.Settings.DiscriminatorBatches;
import dev.djinn.trainer.Settings.Generated;
import dev.djinn.trainer.Settings.GeneratorMode;
import dev.djinn.trainer.Settings.Schedule;

/**
 * One adversarial step, whole. Gradients are taken as values with respect to one network's
 * parameters, so the other network's are neither computed nor left behind.
 */
final class AdversarialStep {
  private static final String GRADIENTS =
      """
      def gradients(self, loss: Tensor, p: List[Tensor]) -> List[Optional[Tensor]]:
        return torch.autograd.grad([loss], p)
      """;

  private final Settings settings;
  private final TrainingData data;
  private final NetworkBlock generator;
  private final NetworkBlock discriminator;
  private final Optimizer generatorOptimizer;
  private final Optimizer discriminatorOptimizer;
  private final NDManager manager;
  private final TorchScript script;
  private long batches;

  AdversarialStep(
      Settings settings,
      TrainingData data,
      NetworkBlock generator,
      Optimizer generatorOptimizer,
      NetworkBlock discriminator,
      Optimizer discriminatorOptimizer,
      NDManager manager) {
    this.settings = settings;
    this.data = data;
    this.generator = generator;
    this.generatorOptimizer = generatorOptimizer;
    this.discriminator = discriminator;
    this.discriminatorOptimizer = discriminatorOptimizer;
    this.manager = manager;
    this.script = TorchScript.compile(manager, GRADIENTS);
  }

  /**
   * What a step gave.
   *
   * @param discriminatorLoss the discriminator's last loss
   * @param generatorLoss the generator's last loss
   * @param accuracy the discriminator's last accuracy, in [0, 1]
   */
  record Result(float discriminatorLoss, float generatorLoss, float accuracy) {
    boolean finite() {
      return Float.isFinite(discriminatorLoss) && Float.isFinite(generatorLoss);
    }
  }

  /** Generated pictures and the labels they were asked to be. */
  private record Generation(NDArray images, NDArray labels) {}

  /** The discriminator's update: loss, accuracy and the pictures it was shown. */
  private record Judgement(NDArray loss, NDArray accuracy, Generation shown) {}

  /**
   * Updates both networks.
   *
   * @param number counted from 0
   * @return losses and accuracy
   */
  Result run(long number) {
    return GradientMode.unrecorded(() -> step(number));
  }

  private Result step(long number) {
    Engine.getEngine("PyTorch")
        .setRandomSeed((int) Seeds.mix(settings.seed(), Seeds.Use.STEP, number));
    if (settings.schedule() instanceof Schedule.Adaptive adaptive) {
      return adaptive(adaptive);
    }
    try (NDManager scope = manager.newSubManager()) {
      Judgement judgement = updateDiscriminator(scope);
      NDArray loss = updateGenerator(scope, judgement.shown());
      return read(judgement, loss);
    }
  }

  private Result adaptive(Schedule.Adaptive schedule) {
    Result last = new Result(0, 0, 0);
    for (int i = 0; i < schedule.most(); i++) {
      try (NDManager scope = manager.newSubManager()) {
        Judgement judgement = updateDiscriminator(scope);
        last = new Result(judgement.loss().getFloat(), 0, judgement.accuracy().getFloat());
      }
      if (last.discriminatorLoss() < schedule.discriminatorUntil()) {
        break;
      }
    }
    for (int i = 0; i < schedule.most(); i++) {
      try (NDManager scope = manager.newSubManager()) {
        TrainingData.Batch real = data.batch(scope, batches++);
        Generation generated = GradientMode.recorded(() -> generate(scope, real.labels(), true));
        NDList logits = GradientMode.recorded(() -> judgeGeneration(real, generated));
        // The discriminator's loss of the same pictures decides whether to go on.
        float judged = settings.loss().discriminator(logits.get(0), logits.get(1)).getFloat();
        float loss = updateGenerator(scope, logits.get(1)).getFloat();
        last = new Result(judged, loss, last.accuracy());
      }
      if (last.discriminatorLoss() > schedule.generatorUntil()) {
        break;
      }
    }
    return last;
  }

  private Judgement updateDiscriminator(NDManager scope) {
    TrainingData.Batch real = data.batch(scope, batches++);
    boolean training = settings.generatorMode() == GeneratorMode.TRAINING;
    // A pass that serves both updates is recorded for the generator's; else nothing is recorded.
    Generation shown =
        settings.generated() == Generated.ONCE
            ? GradientMode.recorded(() -> generate(scope, real.labels(), training))
            : generate(scope, real.labels(), training);
    NDList logits = GradientMode.recorded(() -> judgeBoth(real, shown));
    NDArray loss =
        GradientMode.recorded(() -> settings.loss().discriminator(logits.get(0), logits.get(1)));
    NDArray accuracy = settings.loss().accuracy(logits.get(0), logits.get(1));
    discriminatorOptimizer.update(scope, gradients(loss, discriminator));
    return new Judgement(loss, accuracy, shown);
  }

  /** Logits of real pictures, then of generated ones; the graph stops at the pictures. */
  private NDList judgeBoth(TrainingData.Batch real, Generation shown) {
    NDArray fake = shown.images().stopGradient();
    if (settings.discriminatorBatches() == DiscriminatorBatches.SEPARATE) {
      return new NDList(
          discriminator.run(real.images(), real.labels(), true),
          discriminator.run(fake, shown.labels(), true));
    }
    NDArray images = NDArrays.concat(new NDList(real.images(), fake));
    NDArray labels =
        real.labels() == null ? null : NDArrays.concat(new NDList(real.labels(), shown.labels()));
    return discriminator.run(images, labels, true).split(2);
  }

  /** Logits of real pictures, then of generated ones whose graph reaches the generator. */
  private NDList judgeGeneration(TrainingData.Batch real, Generation generated) {
    return new NDList(
        discriminator.run(real.images(), real.labels(), true),
        discriminator.run(generated.images(), generated.labels(), true));
  }

  private NDArray updateGenerator(NDManager scope, Generation shown) {
    NDArray logits =
        GradientMode.recorded(
            () -> {
              Generation generated =
                  settings.generated() == Generated.ONCE
                      ? shown
                      : generate(scope, randomLabels(scope), true);
              return discriminator.run(generated.images(), generated.labels(), true);
            });
    return updateGenerator(scope, logits);
  }

  private NDArray updateGenerator(NDManager scope, NDArray logits) {
    NDArray loss = GradientMode.recorded(() -> settings.loss().generator(logits));
    generatorOptimizer.update(scope, gradients(loss, generator));
    return loss;
  }

  private NDList gradients(NDArray loss, NetworkBlock of) {
    return GradientMode.recorded(() -> script.call("gradients", loss, of.trained()));
  }

  private Generation generate(NDManager scope, NDArray labels, boolean training) {
    NDArray latent = settings.latent().draw(scope, settings.batch());
    return new Generation(generator.run(latent, labels, training), labels);
  }

  private NDArray randomLabels(NDManager scope) {
    return settings.conditional()
        ? scope.randomInteger(0, settings.classes(), new Shape(settings.batch()), DataType.INT64)
        : null;
  }

  /** One copy from the device for all three numbers. */
  private static Result read(Judgement judgement, NDArray generatorLoss) {
    float[] values =
        NDArrays.stack(
                new NDList(
                    judgement.loss().stopGradient(),
                    generatorLoss.stopGradient(),
                    judgement.accuracy()))
            .toFloatArray();
    return new Result(values[0], values[1], values[2]);
  }

  /** How many batches of real pictures have been taken: where the data stands. */
  long batches() {
    return batches;
  }

  void resume(long taken) {
    batches = taken;
  }
}
