package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a generator's {@code .onnx} file says about itself in its {@code metadata_props}: the
 * artifact contract. Version 1 is of grey and RGB squares. Version 2 is the same for pictures that
 * are not square or have an alpha channel; a file that needs neither says 1.
 *
 * @param latent the input's prior
 * @param labels the classes' names in order of their numbers; empty for an unconditional generator
 * @param image the shape of one image
 * @param provenance where the file comes from (preset, steps, seed, data name and checksum,
 *     versions); JSON values
 * @param parity what the file was compared with and the largest absolute error; JSON values
 * @param quality the metrics of its samples; JSON values
 */
public record GeneratorContract(
    Latent latent,
    List<String> labels,
    Image image,
    Map<String, Object> provenance,
    Map<String, Object> parity,
    Map<String, Object> quality) {
  /** The newest version of the contract that this class reads and writes; it reads all before. */
  public static final int VERSION = 2;

  /** The input float32 (batch, latent size). */
  public static final String LATENT = "latent";

  /** The input int64 (batch), conditional generators only. */
  public static final String LABEL = "label";

  /** The output float32 (batch, channels, height, width) in [0, 1]. */
  public static final String IMAGE = "image";

  /** The output uint8 (batch, height, width, channels). */
  public static final String PIXELS = "pixels";

  private static final String SEED = "seed";

  private static final int MAX_LATENT = 1 << 20;
  private static final int MAX_LABELS = 1 << 20;
  private static final int MAX_IMAGE = 1 << 28;

  /** Names that one line has room for. */
  private static final int MOST_SHOWN = 40;

  /** The prior's family. */
  public enum Distribution {
    /** Standard normal. */
    NORMAL,
    /** Uniform between two bounds. */
    UNIFORM
  }

  /**
   * The prior of the latent input.
   *
   * @param size numbers per sample
   * @param distribution the family
   * @param low the uniform's lower bound; 0 for a normal
   * @param high the uniform's upper bound; 0 for a normal
   */
  public record Latent(int size, Distribution distribution, double low, double high) {
    /** Checks the size and the bounds. */
    public Latent {
      Objects.requireNonNull(distribution, "distribution");
      if (size < 1 || size > MAX_LATENT) {
        throw SamplerException.invalidModel(
            "latent size " + size + " is not between 1 and " + MAX_LATENT);
      }
      boolean bounded = distribution == Distribution.UNIFORM;
      if (bounded && !(low < high && Double.isFinite(low) && Double.isFinite(high))) {
        throw SamplerException.invalidModel(
            "uniform latent needs low < high, not " + low + " and " + high);
      }
      if (!bounded && (low != 0 || high != 0)) {
        throw SamplerException.invalidModel(
            "a normal latent has no bounds, but got " + low + " and " + high);
      }
    }

    /**
     * Makes a standard normal prior.
     *
     * @param size numbers per sample
     * @return the prior
     */
    public static Latent normal(int size) {
      return new Latent(size, Distribution.NORMAL, 0, 0);
    }

    /**
     * Makes a uniform prior.
     *
     * @param size numbers per sample
     * @param low the lower bound
     * @param high the upper bound
     * @return the prior
     */
    public static Latent uniform(int size, double low, double high) {
      return new Latent(size, Distribution.UNIFORM, low, high);
    }

    /** {@return such as {@code 100, normal} or {@code 100, uniform in [-1.0, 1.0]}} */
    @Override
    public String toString() {
      String bounds = distribution == Distribution.UNIFORM ? " in [" + low + ", " + high + "]" : "";
      return size + ", " + distribution.name().toLowerCase(Locale.ROOT) + bounds;
    }
  }

  /**
   * The shape of one image.
   *
   * @param channels 1 for grey, 3 for red, green and blue, 4 for these and alpha: 0 where a pixel
   *     is clear, the colours not multiplied by it, and 0 where it is 0 in {@value #PIXELS}
   * @param height in pixels
   * @param width in pixels
   */
  public record Image(int channels, int height, int width) {
    /** Checks the sizes. */
    public Image {
      if (channels < 1
          || height < 1
          || width < 1
          || (double) channels * height * width > MAX_IMAGE) {
        throw SamplerException.invalidModel(
            "image of "
                + channels
                + " x "
                + height
                + " x "
                + width
                + " is not between 1 and "
                + MAX_IMAGE
                + " values");
      }
    }

    /** {@return whether the last channel is alpha} */
    public boolean hasAlpha() {
      return channels == 4;
    }

    /** {@return channels × height × width} */
    public int size() {
      return channels * height * width;
    }

    /** {@return such as {@code 1 x 28 x 28}} */
    @Override
    public String toString() {
      return channels + " x " + height + " x " + width;
    }
  }

  /** Checks the names and copies everything. */
  public GeneratorContract {
    Objects.requireNonNull(latent, "latent");
    Objects.requireNonNull(image, "image");
    labels = List.copyOf(labels);
    if (labels.size() > MAX_LABELS) {
      throw SamplerException.invalidModel(labels.size() + " labels are more than " + MAX_LABELS);
    }
    Set<String> names = new HashSet<>();
    for (String label : labels) {
      if (!names.add(label)) {
        throw SamplerException.invalidModel("two labels have the same name, '" + label + "'");
      }
    }
    provenance = copy(provenance);
    parity = copy(parity);
    quality = copy(quality);
  }

  /**
   * Says whether sample <i>i</i> of a seed is one picture, as it should be. A sampler looks when it
   * opens a model, and writes what it found into {@link #parity} under {@value #SEED}.
   *
   * @return empty for a generator that keeps the promise, or why this one does not
   */
  public Optional<String> brokenSeed() {
    return Optional.ofNullable(parity.get(SEED)).map(Object::toString);
  }

  /** {@return the same, of a generator that breaks the promise of the seed} */
  GeneratorContract withBrokenSeed(String why) {
    Map<String, Object> found = new LinkedHashMap<>(parity);
    found.put(SEED, why);
    return new GeneratorContract(latent, labels, image, provenance, found, quality);
  }

  /** {@return the least version of the contract that has room for this} */
  public int version() {
    return image.hasAlpha() || image.height() != image.width() ? 2 : 1;
  }

  /** {@return whether the generator takes a label} */
  public boolean conditional() {
    return !labels.isEmpty();
  }

  /**
   * Finds a label by its name, or else by its number.
   *
   * @param label such as {@code sneaker} or {@code 7}
   * @return its number, empty if there is none
   */
  public OptionalInt labelIndex(String label) {
    int named = labels.indexOf(label);
    if (named >= 0) {
      return OptionalInt.of(named);
    }
    if (!label.matches("[0-9]{1,7}")) {
      return OptionalInt.empty();
    }
    int number = Integer.parseInt(label);
    return number < labels.size() ? OptionalInt.of(number) : OptionalInt.empty();
  }

  /**
   * The number of a label, by its name or its number.
   *
   * @param label such as {@code sneaker} or {@code 7}
   * @return its number
   * @throws SamplerException {@code INVALID_REQUEST} if the generator has no labels, or none that
   *     is called so
   */
  public int label(String label) {
    if (!conditional()) {
      throw new SamplerException(
          Reason.INVALID_REQUEST, "label '" + label + "' given, but this generator has no labels");
    }
    return labelIndex(label)
        .orElseThrow(
            () ->
                new SamplerException(
                    Reason.INVALID_REQUEST,
                    labels.size() > MOST_SHOWN
                        ? String.format(
                            Locale.ROOT,
                            "unknown label '%s'%s; give a name or a number from 0 to %d",
                            label,
                            Names.hint(label, labels),
                            labels.size() - 1)
                        : Names.unknown("label", label, labels)));
  }

  /**
   * {@return the {@code metadata_props} of a model file, as {@link ContractReader#read} reads them}
   */
  public Map<String, String> toMetadata() {
    Map<String, Object> prior = new LinkedHashMap<>();
    prior.put("size", latent.size());
    prior.put("distribution", latent.distribution().name().toLowerCase(Locale.ROOT));
    if (latent.distribution() == Distribution.UNIFORM) {
      prior.put("low", latent.low());
      prior.put("high", latent.high());
    }
    Map<String, Object> shape = new LinkedHashMap<>();
    shape.put("channels", image.channels());
    shape.put("height", image.height());
    shape.put("width", image.width());
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("djinn.contract", Integer.toString(version()));
    metadata.put("djinn.latent", JsonWriter.write(prior));
    metadata.put("djinn.labels", JsonWriter.write(labels));
    metadata.put("djinn.image", JsonWriter.write(shape));
    metadata.put("djinn.provenance", JsonWriter.write(provenance));
    metadata.put("djinn.parity", JsonWriter.write(parity));
    metadata.put("djinn.quality", JsonWriter.write(quality));
    return metadata;
  }

  private static Map<String, Object> copy(Map<String, Object> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> copy.put(Objects.requireNonNull(key), copyValue(value)));
    return Collections.unmodifiableMap(copy);
  }

  /**
   * Widens numbers to those that the JSON reader gives, so that a contract equals the one read
   * back.
   */
  private static Object copyValue(Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float || value instanceof Double) {
      double number = ((Number) value).doubleValue();
      if (!Double.isFinite(number)) {
        throw SamplerException.invalidModel("JSON has no number " + number);
      }
      return number;
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(element -> copy.add(copyValue(element)));
      return Collections.unmodifiableList(copy);
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, element) -> copy.put((String) key, copyValue(element)));
      return Collections.unmodifiableMap(copy);
    }
    throw SamplerException.invalidModel("JSON has no value of " + value.getClass());
  }
}
