package dev.djinn.server;

import dev.djinn.sampler.GeneratorContract;
import java.util.ArrayList;
import java.util.List;

/**
 * A generator as the protocol sees it: named tensors.
 *
 * @param name the model's name, for messages
 * @param contract what the generator says of itself
 * @param inputs latent, and label if it is conditional
 * @param outputs image and pixels
 */
record ModelSignature(
    String name, GeneratorContract contract, List<TensorSpec> inputs, List<TensorSpec> outputs) {

  private static final long ANY = -1;

  static ModelSignature of(String name, GeneratorContract contract) {
    List<TensorSpec> inputs = new ArrayList<>();
    inputs.add(
        new TensorSpec(
            GeneratorContract.LATENT,
            DataType.FP32,
            List.of(ANY, (long) contract.latent().size())));
    if (contract.conditional()) {
      inputs.add(new TensorSpec(GeneratorContract.LABEL, DataType.INT64, List.of(ANY)));
    }
    GeneratorContract.Image image = contract.image();
    long channels = image.channels();
    long height = image.height();
    long width = image.width();
    List<TensorSpec> outputs =
        List.of(
            new TensorSpec(
                GeneratorContract.IMAGE, DataType.FP32, List.of(ANY, channels, height, width)),
            new TensorSpec(
                GeneratorContract.PIXELS, DataType.UINT8, List.of(ANY, height, width, channels)));
    return new ModelSignature(name, contract, List.copyOf(inputs), outputs);
  }

  TensorSpec input(String input) throws RequestException {
    return find("input", inputs, input);
  }

  TensorSpec output(String output) throws RequestException {
    return find("output", outputs, output);
  }

  private TensorSpec find(String kind, List<TensorSpec> specs, String wanted)
      throws RequestException {
    for (TensorSpec spec : specs) {
      if (spec.name().equals(wanted)) {
        return spec;
      }
    }
    List<String> names = specs.stream().map(TensorSpec::name).toList();
    throw RequestException.bad(
        "model '" + name + "' has no " + kind + " '" + wanted + "'; it has " + names);
  }
}
