package dev.djinn.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.settings.AdversarialLoss;
import dev.djinn.settings.Course;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Rules;
import dev.djinn.step.TrainingData.Pictures;
import dev.djinn.torch.TorchScript;
import java.util.function.Function;

/**
 * Penalties on the discriminator's gradient with respect to its pictures. Their own gradients are
 * exact second derivatives: the script's autograd.grad keeps the graph of the first, which DJL's
 * collector cannot do without leaking.
 */
final class GradientPenalty {
  private static final String METHODS =
      """
      def squares(self, output: Tensor, x: Tensor) -> Tensor:
        g = torch.autograd.grad([torch.sum(CRITIC)], [x], None, None, True)
        return torch.sum(torch.pow(unchecked_cast(Tensor, g[0]), 2), [1, 2, 3])
      def zero_centred(self, loss: Tensor, squares: Tensor, weight: Tensor) -> Tensor:
        return loss + torch.mean(squares) * weight
      def wgan_gp(self, loss: Tensor, squares: Tensor, weight: Tensor) -> Tensor:
        return loss + torch.mean(torch.pow(torch.sqrt(squares + 1e-12) - 1., 2)) * weight
      """;

  private final Rules.Penalties penalties;
  private final Function<Pictures, NDArray> judge;
  private final TorchScript script;

  /**
   * Prepares the penalties.
   *
   * @param penalties which
   * @param loss says what number the discriminator's outputs stand for
   * @param judge the discriminator's outputs for pictures
   * @param manager owns what it needs
   */
  GradientPenalty(
      Rules.Penalties penalties,
      AdversarialLoss loss,
      Function<Pictures, NDArray> judge,
      NDManager manager) {
    this.penalties = penalties;
    this.judge = judge;
    this.script = TorchScript.compile(manager, METHODS.replace("CRITIC", loss.critic("output")));
  }

  /** Whether an update of the discriminator, counted from 0, is penalised. */
  boolean due(long update) {
    return update % penalties.every() == 0;
  }

  /** Marks the pictures whose gradients will be asked for; before they are judged. */
  void watch(Pictures real, Pictures fake) {
    if (!penalties.r1().zero()) {
      real.images().setRequiresGradient(true);
    }
    if (!penalties.r2().zero()) {
      fake.images().setRequiresGradient(true);
    }
  }

  /**
   * Adds the penalties to a loss; in gradient mode.
   *
   * @param loss the adversarial loss
   * @param real real pictures, watched
   * @param ofReal the discriminator's outputs for them, with their graph
   * @param fake generated pictures, watched
   * @param ofFake the discriminator's outputs for them, with their graph
   * @param now says how much they weigh
   * @return the sum
   */
  NDArray add(
      NDArray loss, Pictures real, NDArray ofReal, Pictures fake, NDArray ofFake, Moment now) {
    NDArray sum = loss;
    if (!penalties.r1().zero()) {
      sum = add(sum, ofReal, real, penalties.r1(), now);
    }
    if (!penalties.r2().zero()) {
      sum = add(sum, ofFake, fake, penalties.r2(), now);
    }
    if (!penalties.wganGp().zero()) {
      Pictures between = between(real, fake);
      NDArray output = judge.apply(between);
      // The root's slope at 0 is infinite, so it starts a little above.
      sum =
          script
              .call(
                  "wgan_gp",
                  sum,
                  squares(output, between.images()),
                  weight(sum, penalties.wganGp(), 1, now))
              .singletonOrThrow();
    }
    return sum;
  }

  private NDArray add(NDArray sum, NDArray output, Pictures of, Course gamma, Moment now) {
    return script
        .call("zero_centred", sum, squares(output, of.images()), weight(sum, gamma, 0.5, now))
        .singletonOrThrow();
  }

  /** An array, which lives as long as the step: a number from Java must not be in its graph. */
  private NDArray weight(NDArray sum, Course course, double part, Moment now) {
    return sum.getManager().create((float) (course.at(now) * part * penalties.every()));
  }

  /** ‖∇‖² of each picture. */
  private NDArray squares(NDArray outputs, NDArray images) {
    return script.call("squares", outputs, images).singletonOrThrow();
  }

  /** Random points between each real and generated picture. */
  private static Pictures between(Pictures real, Pictures fake) {
    NDManager scope = real.images().getManager();
    Shape each = new Shape(real.images().getShape().get(0), 1, 1, 1);
    NDArray share = scope.randomUniform(0f, 1f, each);
    NDArray from = real.images().stopGradient();
    NDArray mixed = from.add(fake.images().stopGradient().sub(from).mul(share)).stopGradient();
    mixed.setRequiresGradient(true);
    return new Pictures(mixed, real.labels());
  }
}
