package dev.djinn.network;

import java.util.Optional;

/**
 * How a dense layer or a convolution makes its arrays.
 *
 * @param init of the weight
 * @param bias of the bias, empty if none is added
 * @param spectralNorm whether the weight is divided by its {@linkplain SpectralNorm spectral norm}
 */
public record WeightSpec(WeightInit init, Optional<WeightInit> bias, boolean spectralNorm) {
  /**
   * Checks that the weight can be normalised, and that a bias can be drawn as it says.
   *
   * @throws NetworkException if not
   */
  public WeightSpec {
    if (spectralNorm && init.zero()) {
      throw new NetworkException("spectral-norm cannot start from a weight of zeros");
    }
    bias.filter(WeightInit::needsMatrix)
        .ifPresent(
            asked -> {
              throw new NetworkException(
                  "a bias cannot have init " + asked + ", which depends on a weight's shape");
            });
  }

  /**
   * A weight drawn so, and a bias of zeros.
   *
   * @param init of the weight
   */
  public static WeightSpec of(WeightInit init) {
    return new WeightSpec(init, Optional.of(WeightInit.ZEROS), false);
  }

  /** The same without a bias. */
  public WeightSpec withoutBias() {
    return new WeightSpec(init, Optional.empty(), spectralNorm);
  }

  /** The same with spectral norm. */
  public WeightSpec withSpectralNorm() {
    return new WeightSpec(init, bias, true);
  }

  /** Whether a bias is added. */
  public boolean hasBias() {
    return bias.isPresent();
  }

  /** Such as {@code bias=true, init=glorot-uniform, spectralNorm=false}. */
  @Override
  public String toString() {
    String drawn =
        bias.filter(b -> !b.equals(WeightInit.ZEROS)).map(WeightInit::toString).orElse("");
    return "bias=%s, init=%s, spectralNorm=%s"
        .formatted(drawn.isEmpty() ? hasBias() : drawn, init, spectralNorm);
  }
}
