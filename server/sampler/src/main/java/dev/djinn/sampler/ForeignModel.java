package dev.djinn.sampler;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What Djinn must be told about an ONNX generator that it did not export. The model has one float32
 * input, shaped (batch, size) or (batch, size, 1, 1), which is the latent; an int64 input (batch)
 * if it has labels; its first float32 output (batch, channels, height, width) is the image. Names
 * do not matter.
 *
 * @param contract the latent's prior, the labels and the image's shape; the rest may be empty
 * @param black the value of the image that stands for 0
 * @param white the value of the image that stands for 1; values outside are cut off
 */
public record ForeignModel(GeneratorContract contract, float black, float white) {
  /** Checks the range. */
  public ForeignModel {
    Objects.requireNonNull(contract, "contract");
    if (!(Float.isFinite(black) && Float.isFinite(white) && black != white)) {
      throw SamplerException.invalidRequest(
          "an image range of " + black + " to " + white + " is not possible");
    }
  }

  /**
   * Describes a model by its shapes alone.
   *
   * @param latent the prior
   * @param labels the classes' names; empty without labels
   * @param image the image's shape
   * @param black the value that stands for 0, −1 for a generator that ends in tanh
   * @param white the value that stands for 1
   * @return the description
   */
  public static ForeignModel of(
      GeneratorContract.Latent latent,
      List<String> labels,
      GeneratorContract.Image image,
      float black,
      float white) {
    GeneratorContract contract =
        new GeneratorContract(latent, labels, image, Map.of(), Map.of(), Map.of());
    return new ForeignModel(contract, black, white);
  }
}
