package dev.djinn.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;

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
  NON_SATURATING {
    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return softplus(fake.neg()).mean();
    }
  },

  /**
   * Goodfellow et al. 2014, equation 1: the generator minimises log(1 − D(G(z))), which saturates.
   */
  MINIMAX {
    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return softplus(fake).mean().neg();
    }
  },

  /**
   * Softmax cross-entropy over the two classes (fake, real), non-saturating. It is the binary
   * cross-entropy of the difference of the two logits.
   */
  SOFTMAX {
    @Override
    public int outputs() {
      return 2;
    }

    @Override
    public NDArray discriminator(NDArray real, NDArray fake) {
      return super.discriminator(logit(real), logit(fake));
    }

    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return softplus(logit(fake).neg()).mean();
    }

    @Override
    NDArray logit(NDArray output) {
      return output.get(":, 1").sub(output.get(":, 0"));
    }
  },

  /** Lim and Ye 2017: max(0, 1 − real) and max(0, 1 + fake); the generator minimises −fake. */
  HINGE {
    @Override
    public NDArray discriminator(NDArray real, NDArray fake) {
      return Activation.relu(real.neg().add(1))
          .mean()
          .add(Activation.relu(fake.add(1)).mean())
          .mul(HALF);
    }

    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return fake.mean().neg();
    }
  },

  /** Mao et al. 2017, equation 9: squares of the distance to 1 for real and 0 for generated. */
  LEAST_SQUARES {
    @Override
    public NDArray discriminator(NDArray real, NDArray fake) {
      return real.sub(1).square().mean().add(fake.square().mean()).mul(HALF);
    }

    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return fake.sub(1).square().mean().mul(HALF);
    }

    @Override
    NDArray logit(NDArray output) {
      return output.sub(0.5f);
    }
  },

  /** Arjovsky et al. 2017: the critic's mean over generated less its mean over real pictures. */
  WASSERSTEIN {
    @Override
    public NDArray discriminator(NDArray real, NDArray fake) {
      return fake.mean().sub(real.mean());
    }

    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return fake.mean().neg();
    }
  },

  /**
   * Relativistic pairing (Jolicoeur-Martineau 2018; Huang et al. 2024, equation 2): softplus(fake −
   * real) for the discriminator, softplus(real − fake) for the generator, each real picture against
   * the generated one in its place.
   */
  RELATIVISTIC {
    @Override
    public NDArray discriminator(NDArray real, NDArray fake) {
      return softplus(fake.sub(real)).mean();
    }

    @Override
    public NDArray generator(NDArray fake, NDArray real) {
      return softplus(real.sub(fake)).mean();
    }

    @Override
    public boolean pairs() {
      return true;
    }

    @Override
    public NDArray accuracy(NDArray real, NDArray fake) {
      return share(real.gt(fake));
    }
  };

  private static final float HALF = 0.5f;

  /**
   * How many numbers the discriminator gives per picture.
   *
   * @return 1 or 2
   */
  public int outputs() {
    return 1;
  }

  /**
   * Whether the generator's loss needs real pictures beside the generated ones.
   *
   * @return true for relativistic losses
   */
  public boolean pairs() {
    return false;
  }

  /**
   * The discriminator's loss; unless a constant says otherwise, half the mean of −log D over real
   * plus half the mean of −log(1 − D) over generated pictures, log 2 for a discriminator that knows
   * nothing.
   *
   * @param real discriminator outputs of real pictures, float32 (batch, outputs)
   * @param fake discriminator outputs of generated pictures, float32 (batch, outputs)
   * @return scalar
   */
  public NDArray discriminator(NDArray real, NDArray fake) {
    return softplus(real.neg()).mean().add(softplus(fake).mean()).mul(HALF);
  }

  /**
   * The generator's loss.
   *
   * @param fake discriminator outputs of generated pictures, float32 (batch, outputs)
   * @param real discriminator outputs of real pictures where {@link #pairs}, else unused
   * @return scalar
   */
  public abstract NDArray generator(NDArray fake, NDArray real);

  /**
   * The discriminator's accuracy: the share of real pictures on the real side of its boundary and
   * of generated ones on the other, averaged; for {@link #RELATIVISTIC} the share of pairs in the
   * right order.
   *
   * @param real discriminator outputs of real pictures
   * @param fake discriminator outputs of generated pictures
   * @return scalar in [0, 1]
   */
  public NDArray accuracy(NDArray real, NDArray fake) {
    return share(logit(real).gt(0)).add(share(logit(fake).lt(0))).mul(HALF);
  }

  /** The output as a number that is positive for what is held to be real. */
  NDArray logit(NDArray output) {
    return output;
  }

  private static NDArray share(NDArray truths) {
    return truths.toType(DataType.FLOAT32, false).mean();
  }

  private static NDArray softplus(NDArray x) {
    return x.getNDArrayInternal().softPlus();
  }
}
