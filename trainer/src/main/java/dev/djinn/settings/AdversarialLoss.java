package dev.djinn.settings;

/**
 * What the two networks minimise, from the discriminator's outputs. With D = sigmoid(output) and
 * softplus(t) = log(1 + eᵗ): −log D = softplus(−output) and −log(1 − D) = softplus(output), which
 * neither overflows nor loses the small probabilities.
 *
 * <p>Each formula is TorchScript over {@code real} and {@code fake}, float32 (batch, outputs): one
 * native call, and its constants are literals. (An NDArray times a Java number must not be part of
 * a recorded graph: DJL frees the number's memory at once, and the backward pass reads it.)
 */
public enum AdversarialLoss {
  /**
   * Goodfellow et al. 2014, section 3: the discriminator minimises −log D(x) − log(1 − D(G(z))),
   * here halved, log 2 when it knows nothing; the generator −log D(G(z)).
   */
  NON_SATURATING(
      "torch.mean(torch.softplus(-real))",
      "torch.mean(torch.softplus(fake))",
      "torch.mean(torch.softplus(-fake))"),

  /**
   * Goodfellow et al. 2014, equation 1: the generator minimises log(1 − D(G(z))), which saturates.
   */
  MINIMAX(
      "torch.mean(torch.softplus(-real))",
      "torch.mean(torch.softplus(fake))",
      "-torch.mean(torch.softplus(fake))"),

  /**
   * Softmax cross-entropy over the two classes (fake, real), non-saturating. It is the binary
   * cross-entropy of the difference of the two outputs.
   */
  SOFTMAX(
      "torch.mean(torch.softplus(-real))",
      "torch.mean(torch.softplus(fake))",
      "torch.mean(torch.softplus(-fake))"),

  /**
   * Lim and Ye 2017: max(0, 1 − real) and max(0, 1 + fake), halved; the generator minimises −fake.
   */
  HINGE(
      "torch.mean(torch.relu(1. - real))",
      "torch.mean(torch.relu(1. + fake))",
      "-torch.mean(fake)"),

  /** Mao et al. 2017, equation 9: squares of the distance to 1 for real and 0 for generated. */
  LEAST_SQUARES(
      "torch.mean(torch.pow(real - 1., 2))",
      "torch.mean(torch.pow(fake, 2))",
      "torch.mean(torch.pow(fake - 1., 2)) * 0.5"),

  /** Arjovsky et al. 2017: the critic's mean over generated less its mean over real pictures. */
  WASSERSTEIN("torch.mean(fake) - torch.mean(real)", "-torch.mean(fake)"),

  /**
   * Relativistic pairing (Jolicoeur-Martineau 2018; Huang et al. 2024, equation 2): softplus(fake −
   * real) for the discriminator, softplus(real − fake) for the generator, each real picture against
   * the generated one in its place.
   */
  RELATIVISTIC(
      "torch.mean(torch.softplus(fake - real))", "torch.mean(torch.softplus(real - fake))");

  private final String discriminator;
  private final String generator;

  /** The discriminator's loss by real and by generated pictures; empty where it compares them. */
  private final String realHalf;

  private final String fakeHalf;

  AdversarialLoss(String discriminator, String generator) {
    this.discriminator = discriminator;
    this.generator = generator;
    this.realHalf = "";
    this.fakeHalf = "";
  }

  AdversarialLoss(String realHalf, String fakeHalf, String generator) {
    this.discriminator = "(" + realHalf + " + " + fakeHalf + ") * 0.5";
    this.generator = generator;
    this.realHalf = realHalf;
    this.fakeHalf = fakeHalf;
  }

  /**
   * Whether the discriminator's loss has two halves that share nothing, so that it can learn from
   * real and from generated pictures in turn.
   *
   * @return false for {@link #RELATIVISTIC} and {@link #WASSERSTEIN}, which compare the two
   */
  public boolean separable() {
    return !realHalf.isEmpty();
  }

  /**
   * How many numbers the discriminator gives per picture.
   *
   * @return 2 for {@link #SOFTMAX}, else 1
   */
  public int outputs() {
    return this == SOFTMAX ? 2 : 1;
  }

  /**
   * Whether the generator's loss needs real pictures beside the generated ones.
   *
   * @return true for {@link #RELATIVISTIC}
   */
  public boolean pairs() {
    return this == RELATIVISTIC;
  }

  /**
   * The loss as methods of a script: {@code discriminator_loss}, {@code generator_loss}, {@code
   * accuracy} and {@code certainty}, each of (real, fake) to a scalar. Accuracy is the share of
   * real pictures on the real side of the boundary and of generated ones on the other, averaged;
   * for {@link #RELATIVISTIC} and {@link #WASSERSTEIN}, whose outputs are only compared, the share
   * of pairs in the right order. Certainty is the mean sign of real pictures' side, or of these
   * pairs' order, from −1 to 1. A {@link #separable} loss also has {@code real_loss} and {@code
   * fake_loss}, each of which looks at its own argument only.
   *
   * @param scale of the discriminator's loss
   * @param probability whether the discriminator ends in a sigmoid, so that its outputs are
   *     probabilities and its boundary is ½ where the loss would have it at 0
   * @return TorchScript
   */
  public String methods(LossScale scale, boolean probability) {
    String whole = scale == LossScale.MEAN ? discriminator : realHalf + " + " + fakeHalf;
    return method("discriminator_loss", whole)
        + method("generator_loss", generator)
        + method("accuracy", accuracy(probability ? "0.5" : "0."))
        + method("certainty", certainty(probability ? "0.5" : "0."))
        + (separable() ? method("real_loss", realHalf) + method("fake_loss", fakeHalf) : "");
  }

  private String accuracy(String boundary) {
    // 6 is libtorch's number for float32.
    return switch (this) {
      case RELATIVISTIC, WASSERSTEIN -> "torch.mean(torch.to(torch.gt(real, fake), 6))";
      case LEAST_SQUARES -> sides("0.5");
      // Of two probabilities the larger decides, as of two logits.
      case SOFTMAX -> sides("0.");
      default -> sides(boundary);
    };
  }

  /** The mean sign of what the discriminator says of real pictures. */
  private String certainty(String boundary) {
    return switch (this) {
      case RELATIVISTIC, WASSERSTEIN -> "torch.mean(torch.sign(real - fake))";
      case LEAST_SQUARES -> "torch.mean(torch.sign(real - 0.5))";
      case SOFTMAX -> "torch.mean(torch.sign(real))";
      default -> "torch.mean(torch.sign(real - " + boundary + "))";
    };
  }

  private static String sides(String boundary) {
    return "(torch.mean(torch.to(torch.gt(real, %s), 6))".replace("%s", boundary)
        + " + torch.mean(torch.to(torch.lt(fake, %s), 6))) * 0.5".replace("%s", boundary);
  }

  private String method(String name, String formula) {
    return "def "
        + name
        + "(self, real: Tensor, fake: Tensor) -> Tensor:\n"
        + (this == SOFTMAX
            ? "  real = " + critic("real") + "\n  fake = " + critic("fake") + "\n"
            : "")
        + "  return "
        + formula
        + "\n";
  }

  /**
   * The discriminator's function of a picture, a number each: of {@link #SOFTMAX} real − fake.
   *
   * @param outputs the name of its outputs in a script
   * @return TorchScript
   */
  public String critic(String outputs) {
    return this == SOFTMAX
        ? "torch.sub(torch.select(%s, 1, 1), torch.select(%s, 1, 0))".replace("%s", outputs)
        : outputs;
  }

  /** How the two halves of the discriminator's loss, of real and generated pictures, make one. */
  public enum LossScale {
    /** Their mean. */
    MEAN,
    /** Their sum. */
    SUM
  }
}
