package dev.djinn.sampler;

import dev.djinn.sampler.GeneratorContract.Distribution;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The small JSON file beside a foreign model that says what it is, {@code model.onnx.json} beside
 * {@code model.onnx}:
 *
 * <pre>{@code
 * {
 *   "latent": {"size": 100, "distribution": "normal", "input": "z"},
 *   "image": {"channels": 3, "height": 64, "width": 64, "black": -1, "white": 1, "output": "img"},
 *   "labels": ["cat", "dog"],
 *   "label": "y",
 *   "inputs": {"psi": 0.7, "noise": [0.1, 0.2]}
 * }
 * }</pre>
 *
 * <p>{@code distribution} may be {@code uniform} with {@code low} and {@code high}. Names of
 * tensors may be left out where they can be found out, {@code black} and {@code white} where they
 * are −1 and 1, {@code labels}, {@code label} and {@code inputs} where there are none.
 */
final class ModelDescription {
  private static final int LARGEST = 64 << 20;

  private final Path file;

  private ModelDescription(Path file) {
    this.file = file;
  }

  /** {@return the place of a model's description, which need not exist} */
  static Path file(Path model) {
    return model.resolveSibling(model.getFileName() + ".json");
  }

  /** Reads the description beside a model, if there is one. */
  static Optional<ForeignModel> beside(Path model) {
    Path file = file(model);
    return Files.exists(file) ? Optional.of(new ModelDescription(file).read()) : Optional.empty();
  }

  private ForeignModel read() {
    Map<String, Object> all =
        object("", json(), Set.of("latent", "image", "labels", "label", "inputs"));
    Map<String, Object> latent =
        object("latent", all.get("latent"), Set.of("size", "distribution", "low", "high", "input"));
    Map<String, Object> image =
        object(
            "image",
            all.get("image"),
            Set.of("channels", "height", "width", "black", "white", "output"));
    Map<String, Object> inputs =
        all.containsKey("inputs") ? object("inputs", all.get("inputs"), null) : Map.of();
    try {
      GeneratorContract contract =
          new GeneratorContract(
              latent(latent),
              labels(all.get("labels")),
              new Image(
                  integer("image", image, "channels"),
                  integer("image", image, "height"),
                  integer("image", image, "width")),
              Map.of(),
              Map.of(),
              Map.of());
      Map<String, List<Double>> given = new LinkedHashMap<>();
      inputs.forEach((name, value) -> given.put(name, numbers(name, value)));
      return new ForeignModel(
          contract,
          (float) number("image", image, "black", -1.0),
          (float) number("image", image, "white", 1.0),
          new ForeignModel.Wiring(
              name("latent.input", latent.get("input")),
              name("label", all.get("label")),
              name("image.output", image.get("output")),
              given));
    } catch (SamplerException e) {
      String message = e.getMessage();
      throw message.startsWith(file + ": ") ? e : wrong(message);
    }
  }

  private Object json() {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
        throw wrong("it is no regular file or above 64 MiB");
      }
      return JsonReader.read(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw wrong("it is not UTF-8");
    } catch (IOException e) {
      throw wrong("it cannot be read: " + FileProblem.reason(e));
    } catch (IllegalArgumentException e) {
      throw wrong("it is not JSON: " + e.getMessage());
    }
  }

  private Latent latent(Map<String, Object> latent) {
    int size = integer("latent", latent, "size");
    Object family = latent.get("distribution");
    if ("normal".equals(family)) {
      return Latent.normal(size);
    }
    if ("uniform".equals(family)) {
      return new Latent(
          size,
          Distribution.UNIFORM,
          number("latent", latent, "low", null),
          number("latent", latent, "high", null));
    }
    throw wrong(
        "latent.distribution is " + JsonWriter.write(family) + ", not \"normal\" or \"uniform\"");
  }

  private List<String> labels(Object value) {
    List<String> labels = new ArrayList<>();
    if (value == null) {
      return labels;
    }
    if (value instanceof Long count && count >= 1 && count <= 1 << 20) {
      for (int i = 0; i < count; i++) {
        labels.add(Integer.toString(i));
      }
      return labels;
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      list.forEach(label -> labels.add((String) label));
      return labels;
    }
    throw wrong("labels is neither an array of names nor how many there are");
  }

  private List<Double> numbers(String name, Object value) {
    if (value instanceof Number number) {
      return List.of(number.doubleValue());
    }
    if (value instanceof Boolean flag) {
      return List.of(flag ? 1.0 : 0.0);
    }
    if (value instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
      return list.stream().map(number -> ((Number) number).doubleValue()).toList();
    }
    throw wrong("inputs." + name + " is neither a number nor an array of numbers");
  }

  private Optional<String> name(String key, Object value) {
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String name) {
      return Optional.of(name);
    }
    throw wrong(key + " is " + JsonWriter.write(value) + ", not a tensor's name");
  }

  @SuppressWarnings("unchecked") // The reader makes maps with string keys only.
  private Map<String, Object> object(String key, Object value, Set<String> known) {
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(
          (key.isEmpty() ? "it" : key) + (value == null ? " is missing" : " is not a JSON object"));
    }
    Set<Object> strange = new TreeSet<>(map.keySet());
    strange.removeAll(known == null ? map.keySet() : known);
    if (!strange.isEmpty()) {
      throw wrong(
          (key.isEmpty() ? "" : key + ".")
              + strange.iterator().next()
              + " is not known; there are "
              + String.join(", ", new TreeSet<>(known)));
    }
    return (Map<String, Object>) map;
  }

  private int integer(String key, Map<String, Object> object, String name) {
    if (object.get(name) instanceof Long value && value == value.intValue()) {
      return value.intValue();
    }
    throw wrong(
        key + "." + name + " is " + JsonWriter.write(object.get(name)) + ", not an integer");
  }

  /** Gives a number, or what stands for one that is left out, unless that is null. */
  private double number(String key, Map<String, Object> object, String name, Double otherwise) {
    Object value = object.containsKey(name) ? object.get(name) : otherwise;
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(key + "." + name + " is " + JsonWriter.write(value) + ", not a number");
  }

  private SamplerException wrong(String why) {
    return SamplerException.invalidModel(file + ": " + why);
  }
}
