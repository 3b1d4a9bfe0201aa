package dev.djinn.sampler;

import dev.djinn.sampler.OnnxFile.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes down what can be seen of a generator in its tensors' types, shapes and names. */
public final class DescriptionDraft {
  private static final Set<String> REAL = Set.of("float32", "float16", "float64", "bfloat16");
  private static final Set<String> WHOLE = Set.of("int32", "int64");

  private final OnnxFile file;

  private DescriptionDraft(OnnxFile file) {
    this.file = file;
  }

  /**
   * Begins the description of a generator that Djinn did not export.
   *
   * @param file the generator's
   * @return JSON, as {@code FILE.json} beside {@code FILE} has it, an entry a line; what cannot be
   *     seen is a text that says what to put there
   * @throws SamplerException if the file has a contract, which would count before any description
   */
  public static String of(OnnxFile file) {
    if (file.metadata().containsKey("djinn.contract")) {
      throw SamplerException.invalidModel(
          "this model has a contract of its own, which no description replaces");
    }
    return new DescriptionDraft(file).text();
  }

  private String text() {
    Map<String, Object> draft = new LinkedHashMap<>();
    List<Tensor> open = new ArrayList<>(file.inputs());
    Optional<Tensor> label = label(open);
    label.ifPresent(open::remove);
    Optional<Tensor> latent = latent(open);
    latent.ifPresent(open::remove);
    draft.put("latent", latent(latent.orElse(null)));
    draft.put("image", image());
    label.ifPresent(
        tensor -> {
          boolean oneHot = REAL.contains(tensor.element());
          draft.put("labels", oneHot && width(tensor) > 0 ? width(tensor) : "how many, or names");
          draft.put("label", tensor.name());
        });
    Map<String, Object> inputs = new LinkedHashMap<>();
    for (Tensor input : open) {
      boolean scalar = input.sizes() != null && input.sizes().isEmpty();
      inputs.put(input.name(), scalar ? 1L : 0L);
    }
    if (!inputs.isEmpty()) {
      draft.put("inputs", inputs);
    }
    List<String> lines = new ArrayList<>();
    draft.forEach(
        (key, value) -> lines.add("  " + JsonWriter.write(key) + ": " + JsonWriter.write(value)));
    return "{\n" + String.join(",\n", lines) + "\n}\n";
  }

  private static Optional<Tensor> label(List<Tensor> inputs) {
    List<Tensor> named =
        inputs.stream()
            .filter(input -> WHOLE.contains(input.element()) || REAL.contains(input.element()))
            .filter(input -> ForeignBinding.LABEL.matcher(input.name()).matches())
            .toList();
    if (!named.isEmpty() && inputs.size() > 1) {
      return Optional.of(named.get(0));
    }
    return inputs.stream().filter(input -> WHOLE.contains(input.element())).findFirst();
  }

  private static Optional<Tensor> latent(List<Tensor> inputs) {
    List<Tensor> real =
        inputs.stream()
            .filter(input -> REAL.contains(input.element()))
            .filter(input -> input.sizes() == null || !input.sizes().isEmpty())
            .toList();
    return real.stream()
        .filter(input -> ForeignBinding.LATENT.matcher(input.name()).matches())
        .findFirst()
        .or(() -> real.stream().findFirst());
  }

  private static Map<String, Object> latent(Tensor tensor) {
    Map<String, Object> latent = new LinkedHashMap<>();
    latent.put("size", tensor == null || width(tensor) <= 0 ? "how many numbers" : width(tensor));
    latent.put("distribution", "normal");
    if (tensor != null) {
      latent.put("input", tensor.name());
    }
    return latent;
  }

  /** Numbers a row, or −1 where a size is open. */
  private static long width(Tensor tensor) {
    if (tensor.sizes() == null || tensor.sizes().isEmpty()) {
      return -1;
    }
    List<Long> row =
        tensor.sizes().size() == 1
            ? tensor.sizes()
            : tensor.sizes().subList(1, tensor.sizes().size());
    return row.stream().anyMatch(size -> size <= 0) ? -1 : row.stream().reduce(1L, (a, b) -> a * b);
  }

  private Map<String, Object> image() {
    Map<String, Object> image = new LinkedHashMap<>();
    Optional<Tensor> found =
        file.outputs().stream()
            .filter(output -> REAL.contains(output.element()) || output.element().equals("uint8"))
            .filter(output -> output.sizes() != null && output.sizes().size() == 4)
            .findFirst();
    List<Long> sizes = found.map(Tensor::sizes).orElse(List.of(-1L, -1L, -1L, -1L));
    boolean square = sizes.get(1).equals(sizes.get(2)) && !sizes.get(2).equals(sizes.get(3));
    boolean last = fewChannels(sizes.get(3)) && (square || !fewChannels(sizes.get(1)));
    image.put("channels", known(sizes.get(last ? 3 : 1)));
    image.put("height", known(sizes.get(last ? 1 : 2)));
    image.put("width", known(sizes.get(last ? 2 : 3)));
    if (found.isEmpty() || !found.get().element().equals("uint8")) {
      image.put("black", -1L);
      image.put("white", 1L);
    }
    found.ifPresent(output -> image.put("output", output.name()));
    return image;
  }

  private static boolean fewChannels(long size) {
    return size >= 1 && size <= 4;
  }

  private static Object known(long size) {
    return size > 0 ? size : "how many";
  }
}
