package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Distribution;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the contract out of a file's metadata, naming the key that is wrong. */
public final class ContractReader {
  private final Map<String, String> metadata;

  private ContractReader(Map<String, String> metadata) {
    this.metadata = metadata;
  }

  /**
   * Reads a contract. Unknown keys are ignored.
   *
   * @param metadata the {@code metadata_props} of a model file
   * @return the contract
   * @throws SamplerException if a key is missing or malformed, or the version is another one
   */
  public static GeneratorContract read(Map<String, String> metadata) {
    return new ContractReader(metadata).contract();
  }

  private GeneratorContract contract() {
    if (!metadata.containsKey("djinn.contract")) {
      throw SamplerException.invalidModel(
          "no djinn.contract in the metadata: not exported by Djinn, so the latent and the image shape must be given");
    }
    Object version = value("djinn.contract");
    long number = version instanceof Long known ? known : 0;
    if (number < 1 || number > GeneratorContract.VERSION) {
      throw SamplerException.invalidModel(
          "djinn.contract is "
              + JsonWriter.write(version)
              + ", this Djinn reads 1 to "
              + GeneratorContract.VERSION
              + (number > 0 ? ": take a newer one" : ""));
    }
    Map<String, Object> image = object("djinn.image");
    return new GeneratorContract(
        latent(),
        labels(),
        new Image(
            integer("djinn.image", image, "channels"),
            integer("djinn.image", image, "height"),
            integer("djinn.image", image, "width")),
        object("djinn.provenance"),
        object("djinn.parity"),
        object("djinn.quality"));
  }

  private Latent latent() {
    String key = "djinn.latent";
    Map<String, Object> latent = object(key);
    int size = integer(key, latent, "size");
    Object family = latent.get("distribution");
    if ("normal".equals(family)) {
      return Latent.normal(size);
    }
    if ("uniform".equals(family)) {
      return new Latent(
          size, Distribution.UNIFORM, number(key, latent, "low"), number(key, latent, "high"));
    }
    throw malformed(
        key, "distribution is " + JsonWriter.write(family) + ", not \"normal\" or \"uniform\"");
  }

  private List<String> labels() {
    if (!(value("djinn.labels") instanceof List<?> list)) {
      throw malformed("djinn.labels", "not a JSON array");
    }
    List<String> labels = new ArrayList<>();
    for (Object label : list) {
      if (!(label instanceof String name)) {
        throw malformed("djinn.labels", "not an array of strings");
      }
      labels.add(name);
    }
    return labels;
  }

  private Object value(String key) {
    String text = metadata.get(key);
    if (text == null) {
      throw SamplerException.invalidModel("no " + key + " in the metadata: export the model again");
    }
    try {
      return JsonReader.read(text);
    } catch (IllegalArgumentException e) {
      throw malformed(key, e.getMessage());
    }
  }

  @SuppressWarnings("unchecked") // The reader makes maps with string keys only.
  private Map<String, Object> object(String key) {
    if (value(key) instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw malformed(key, "not a JSON object");
  }

  private static int integer(String key, Map<String, Object> object, String name) {
    if (object.get(name) instanceof Long value && value == value.intValue()) {
      return value.intValue();
    }
    throw malformed(key, name + " is " + JsonWriter.write(object.get(name)) + ", not an integer");
  }

  private static double number(String key, Map<String, Object> object, String name) {
    if (object.get(name) instanceof Number value) {
      return value.doubleValue();
    }
    throw malformed(key, name + " is " + JsonWriter.write(object.get(name)) + ", not a number");
  }

  private static SamplerException malformed(String key, String why) {
    return SamplerException.invalidModel("metadata " + key + " is malformed: " + why);
  }
}
