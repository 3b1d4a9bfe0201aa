package dev.djinn.step;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.Layer;
import dev.djinn.network.Mode;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Passes.DiscriminatorBatches;
import dev.djinn.settings.Passes.Generated;
import dev.djinn.settings.Passes.GeneratorMode;
import dev.djinn.settings.Schedule;
import dev.djinn.settings.Settings;
import dev.djinn.step.TrainingData.Pictures;
import dev.djinn.torch.GradientMode;
import dev.djinn.torch.TorchScript;
import java.util.List;

/**
 * One adversarial step, whole. Gradients are taken as values with respect to one network's
 * parameters, so the other network's are neither computed nor left behind.
 */
public final class AdversarialStep {
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
  private final GradientPenalty penalty;
  private final Augmenting augmenting;
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
    this.script = TorchScript.compile(manager, GRADIENTS + lossMethods(settings));
    this.penalty =
        new GradientPenalty(
            settings.rules().penalties(), settings.rules().loss(), this::judge, manager);
    this.augmenting = new Augmenting(settings, manager);
  }

  private static String lossMethods(Settings settings) {
    List<Network.Step> judging = settings.discriminator().network().steps();
    boolean probability =
        judging.get(judging.size() - 1).layer() instanceof Layer.Activation last
            && last.function() == Layer.Activation.Function.SIGMOID;
    return settings.rules().loss().methods(settings.rules().discriminatorLoss(), probability);
  }

  /**
   * What a step gave.
   *
   * @param discriminatorLoss the discriminator's last loss
   * @param generatorLoss the generator's last loss
   * @param accuracy the discriminator's last accuracy, in [0, 1]
   */
  public record Result(float discriminatorLoss, float generatorLoss, float accuracy) {
    public boolean finite() {
      return Float.isFinite(discriminatorLoss) && Float.isFinite(generatorLoss);
    }
  }

  /** The discriminator's update: loss, accuracy, and what it was shown. */
  private record Judgement(NDArray loss, NDArray accuracy, Pictures real, Pictures shown) {}

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
    seed(Seeds.Use.STEP, number);
    Moment now = now(number);
    augmenting.begin(now);
    if (settings.rules().schedule() instanceof Schedule.Adaptive adaptive) {
      return adaptive(adaptive, now);
    }
    try (NDManager scope = manager.newSubManager()) {
      Judgement judgement = updateDiscriminator(scope, now);
      NDArray loss = updateGenerator(scope, judgement, now);
      return read(judgement, loss);
    }
  }

  /** Where training stands before a step. */
  Moment now(long number) {
    return new Moment(number, data.batchesPerEpoch(), settings.batch());
  }

  private void update(Optimizer optimizer, NDManager scope, NDList gradients, Moment now) {
    optimizer.update(scope, gradients, settings.rules().rateDecay().factor(now), now);
  }

  private void seed(Seeds.Use use, long number) {
    Engine.getEngine("PyTorch").setRandomSeed((int) Seeds.mix(settings.seed(), use, number));
  }

  private Result adaptive(Schedule.Adaptive schedule, Moment now) {
    Result last = new Result(0, 0, 0);
    for (int i = 0; i < schedule.most(); i++) {
      try (NDManager scope = manager.newSubManager()) {
        Judgement judgement = updateDiscriminator(scope, now);
        last = new Result(judgement.loss().getFloat(), 0, judgement.accuracy().getFloat());
      }
      if (last.discriminatorLoss() < schedule.discriminatorUntil()) {
        break;
      }
    }
    for (int i = 0; i < schedule.most(); i++) {
      try (NDManager scope = manager.newSubManager()) {
        last = updateGeneratorOnNewBatch(scope, now, last.accuracy());
      }
      if (last.discriminatorLoss() > schedule.generatorUntil()) {
        break;
      }
    }
    return last;
  }

  private Judgement updateDiscriminator(NDManager scope, Moment now) {
    Pictures real = data.batch(scope, batches++);
    boolean training = settings.rules().passes().generatorMode() == GeneratorMode.TRAINING;
    // A pass that serves both updates is recorded for the generator's; else nothing is recorded.
    Pictures shown =
        settings.rules().passes().generated() == Generated.ONCE
            ? GradientMode.recorded(() -> generate(scope, real.labels(), training))
            : generate(scope, real.labels(), training);
    // The generator's graph stops here.
    Pictures fake = new Pictures(shown.images().stopGradient(), shown.labels());
    boolean penalised = penalty.due(discriminatorOptimizer.updates());
    if (penalised) {
      penalty.watch(real, fake);
    }
    if (settings.rules().passes().discriminatorBatches() == DiscriminatorBatches.IN_TURN) {
      return learnInTurn(scope, real, fake, shown, now);
    }
    NDList outputs = GradientMode.recorded(() -> judge(real, fake));
    NDArray loss =
        GradientMode.recorded(() -> loss("discriminator_loss", outputs.get(0), outputs.get(1)));
    NDArray sum =
        penalised
            ? GradientMode.recorded(
                () -> penalty.add(loss, real, outputs.get(0), fake, outputs.get(1), now))
            : loss;
    update(discriminatorOptimizer, scope, gradients(sum, discriminator), now);
    return judgement(loss, outputs.get(0), outputs.get(1), real, shown);
  }

  /** From the real pictures, then, with what was learnt from them, from the generated ones. */
  private Judgement learnInTurn(
      NDManager scope, Pictures real, Pictures fake, Pictures shown, Moment now) {
    NDArray realOutput = learn(scope, "real_loss", real, now);
    NDArray fakeOutput = learn(scope, "fake_loss", fake, now);
    NDArray loss = loss("discriminator_loss", realOutput, fakeOutput);
    return judgement(loss, realOutput, fakeOutput, real, shown);
  }

  /** Where changes adapt, this is where they learn how sure the discriminator is. */
  private Judgement judgement(
      NDArray loss, NDArray ofReal, NDArray ofFake, Pictures real, Pictures shown) {
    if (augmenting.adaptive()) {
      augmenting.judged(loss("certainty", ofReal, ofFake).getFloat());
    }
    return new Judgement(loss, loss("accuracy", ofReal, ofFake), real, shown);
  }

  /** One update of the discriminator by pictures of one kind; its outputs before it. */
  private NDArray learn(NDManager scope, String half, Pictures pictures, Moment now) {
    NDArray output = GradientMode.recorded(() -> judge(pictures));
    NDArray loss = GradientMode.recorded(() -> loss(half, output, output));
    update(discriminatorOptimizer, scope, gradients(loss, discriminator), now);
    return output.stopGradient();
  }

  /** The discriminator's outputs for real, then for generated pictures. */
  private NDList judge(Pictures real, Pictures fake) {
    if (settings.rules().passes().discriminatorBatches() != DiscriminatorBatches.JOINED) {
      return new NDList(judge(real), judge(fake));
    }
    NDArray images = NDArrays.concat(new NDList(real.images(), fake.images()));
    NDArray labels =
        real.labels() == null ? null : NDArrays.concat(new NDList(real.labels(), fake.labels()));
    return judge(new Pictures(images, labels)).split(2);
  }

  private NDArray judge(Pictures pictures) {
    return judge(pictures, Mode.TRAINING);
  }

  private NDArray judge(Pictures pictures, Mode mode) {
    return discriminator.run(augmenting.of(pictures.images()), pictures.labels(), mode);
  }

  private NDArray updateGenerator(NDManager scope, Judgement judgement, Moment now) {
    boolean pairs = settings.rules().loss().pairs();
    NDArray loss =
        GradientMode.recorded(
            () -> {
              Pictures generated = judgement.shown();
              if (settings.rules().passes().generated() == Generated.TWICE) {
                // A pair is compared within its class; else any label will do.
                NDArray labels = pairs ? judgement.real().labels() : randomLabels(scope);
                generated = generate(scope, labels, true);
              }
              Mode mode = settings.rules().passes().discriminatorMode().mode();
              NDArray fake = judge(generated, mode);
              // Unpaired losses look at the generated pictures alone.
              return loss("generator_loss", pairs ? judge(judgement.real(), mode) : fake, fake);
            });
    update(generatorOptimizer, scope, gradients(loss, generator), now);
    return loss;
  }

  /** The generator's update of an adaptive round, which also takes the discriminator's loss. */
  private Result updateGeneratorOnNewBatch(NDManager scope, Moment now, float accuracy) {
    Pictures real = data.batch(scope, batches++);
    Pictures generated = GradientMode.recorded(() -> generate(scope, real.labels(), true));
    Mode mode = settings.rules().passes().discriminatorMode().mode();
    NDList outputs =
        GradientMode.recorded(() -> new NDList(judge(real, mode), judge(generated, mode)));
    NDArray loss =
        GradientMode.recorded(() -> loss("generator_loss", outputs.get(0), outputs.get(1)));
    update(generatorOptimizer, scope, gradients(loss, generator), now);
    NDArray judged = loss("discriminator_loss", outputs.get(0), outputs.get(1));
    return new Result(judged.getFloat(), loss.getFloat(), accuracy);
  }

  private NDArray loss(String method, NDArray real, NDArray fake) {
    return script.call(method, real, fake).singletonOrThrow();
  }

  private NDList gradients(NDArray loss, NetworkBlock of) {
    return GradientMode.recorded(() -> script.call("gradients", loss, of.trained()));
  }

  private Pictures generate(NDManager scope, NDArray labels, boolean training) {
    NDArray latent = settings.latent().draw(scope, settings.batch());
    return new Pictures(generator.run(latent, labels, training), labels);
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

  /**
   * Both losses and the accuracy with both networks in inference mode, on the last batch of real
   * pictures and on as many from latents of their own. Nothing is learnt, and no step's random
   * numbers change.
   *
   * @param done finished steps, at least 1
   */
  Result inferenceLosses(long done) {
    return GradientMode.unrecorded(
        () -> {
          seed(Seeds.Use.LOSSES, done);
          try (NDManager scope = manager.newSubManager()) {
            Pictures real = data.batch(scope, batches - 1);
            Pictures fake = generate(scope, real.labels(), false);
            NDArray onReal = discriminator.run(real.images(), real.labels(), false);
            NDArray onFake = discriminator.run(fake.images(), fake.labels(), false);
            return new Result(
                loss("discriminator_loss", onReal, onFake).getFloat(),
                loss("generator_loss", onReal, onFake).getFloat(),
                loss("accuracy", onReal, onFake).getFloat());
          }
        });
  }

  /** What changes the pictures, and its state. */
  Augmenting augmenting() {
    return augmenting;
  }

  /** How many batches of real pictures have been taken: where the data stands. */
  long batches() {
    return batches;
  }

  void resume(long taken) {
    batches = taken;
  }
}
