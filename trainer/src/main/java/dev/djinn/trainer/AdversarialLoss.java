package dev.djinn.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * What the two networks minimise, from logits. With D = sigmoid(logit) and softplus(t) = log(1 +
 * eᵗ): −log D = softplus(−logit) and −log(1 − D) = softplus(logit), which neither overflows nor
 * loses the small probabilities.
 */
public enum AdversarialLoss {
  /**
   * Goodfellow et al. 2014, section 3: the discriminator minimises −log D(x) − log(1 − D(G(z))),
   * the generator −log D(G(z)).
   */
  NON_SATURATING(1) {
    @Override
    public NDArray generator(NDArray fake) {
      return softplus(logit(fake).neg()).mean();
    }
  },

  /**
   * Goodfellow et al. 2014, equation 1: the generator minimises log(1 − D(G(z))), which saturates.
   */
  MINIMAX(1) {
    @Override
    public NDArray generator(NDArray fake) {
      return softplus(logit(fake)).mean().neg();
    }
  },

  /**
   * Softmax cross-entropy over the two classes (fake, real), non-saturating. It is the binary
   * cross-entropy of the difference of the two logits.
   */
  SOFTMAX(2) {
    @Override
    public NDArray generator(NDArray fake) {
      return softplus(logit(fake).neg()).mean();
    }

    @Override
    NDArray logit(NDArray output) {
      return output.get(":, 1").sub(output.get(":, 0"));
    }
  };

  private final int outputs;

  AdversarialLoss(int outputs) {
    this.outputs = outputs;
  }

  /**
   * How many numbers the discriminator gives per picture.
   *
   * @return 1 or 2
   */
  public int outputs() {
    return outputs;
  }

  /**
   * The discriminator's loss: half the mean of −log D over real plus half the mean of −log(1 − D)
   * over generated pictures, log 2 for a discriminator that knows nothing.
   *
   * @param real discriminator outputs of real pictures, float32 (batch, outputs)
   * @param fake discriminator outputs of generated pictures, float32 (batch, outputs)
   * @return scalar
   */
  public NDArray discriminator(NDArray real, NDArray fake) {
    return softplus(logit(real).neg()).mean().add(softplus(logit(fake)).mean()).mul(0.5f);
  }

  /**
   * The generator's loss.
   *
   * @param fake discriminator outputs of generated pictures, float32 (batch, outputs)
   * @return scalar
   */
  public abstract NDArray generator(NDArray fake);

  /**
   * The discriminator's accuracy: the share of real pictures with a positive and of generated ones
   * with a negative logit, averaged.
   *
   * @param real discriminator outputs of real pictures
   * @param fake discriminator outputs of generated pictures
   * @return scalar in [0, 1]
   */
  public NDArray accuracy(NDArray real, NDArray fake) {
    return logit(real)
        .gt(0)
        .toType(DataType.FLOAT32, false)
        .mean()
        .add(logit(fake).lt(0).toType(DataType.FLOAT32, false).mean())
        .div(2);
  }

  NDArray logit(NDArray output) {
    return output;
  }

  private static NDArray softplus(NDArray x) {
    return x.getNDArrayInternal().softPlus();
  }
}
