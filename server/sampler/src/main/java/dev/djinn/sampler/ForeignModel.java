package dev.djinn.sampler;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What Djinn must be told about an ONNX generator that it did not export. Which tensor is which is
 * found out where it can be: the latent is the floating-point input of the latent's size, the label
 * an integer input or a one-hot one, the image the first output of the image's shape, as (batch,
 * channels, height, width) or (batch, height, width, channels). A uint8 image is taken as it is.
 *
 * @param contract the latent's prior, the labels and the image's shape; the rest may be empty
 * @param black the value of the image that stands for 0
 * @param white the value of the image that stands for 1; values outside are cut off
 * @param wiring names of tensors, and values of inputs that are neither latent nor label
 */
public record ForeignModel(GeneratorContract contract, float black, float white, Wiring wiring) {
  /**
   * Which tensor is which.
   *
   * @param latent the latent input's name; empty if it is to be found out
   * @param label the label input's name; empty if it is to be found out
   * @param image the image output's name; empty if it is to be found out
   * @param given by name, the values of further inputs, such as {@code psi} or a noise: one number
   *     for all of a tensor, or each of a row or of the whole tensor
   */
  public record Wiring(
      Optional<String> latent,
      Optional<String> label,
      Optional<String> image,
      Map<String, List<Double>> given) {
    /** All is to be found out, and there are no further inputs. */
    public static final Wiring NONE =
        new Wiring(Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

    /** Copies the values. */
    public Wiring {
      Objects.requireNonNull(latent, "latent");
      Objects.requireNonNull(label, "label");
      Objects.requireNonNull(image, "image");
      Map<String, List<Double>> copy = new LinkedHashMap<>();
      given.forEach(
          (name, values) -> {
            if (values.isEmpty()) {
              throw SamplerException.invalidRequest("input '" + name + "' is given no number");
            }
            copy.put(name, List.copyOf(values));
          });
      given = Map.copyOf(copy);
    }
  }

  /** Checks the range. */
  public ForeignModel {
    Objects.requireNonNull(contract, "contract");
    Objects.requireNonNull(wiring, "wiring");
    if (!(Float.isFinite(black) && Float.isFinite(white) && black != white)) {
      throw SamplerException.invalidRequest(
          "an image range of " + black + " to " + white + " is not possible");
    }
  }

  /**
   * Describes a model whose tensors are to be found out.
   *
   * @param contract the latent's prior, the labels and the image's shape
   * @param black the value that stands for 0
   * @param white the value that stands for 1
   */
  public ForeignModel(GeneratorContract contract, float black, float white) {
    this(contract, black, white, Wiring.NONE);
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
