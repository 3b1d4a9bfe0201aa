package dev.djinn.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a data set is found and what is made of its images.
 *
 * @param form what every image is brought to
 * @param labels whether labels must be usable
 * @param seed of what is drawn at random, such as which digits {@code stacked-mnist} stacks
 * @param folder where to look first for the files of a known set, in the folder itself or in a
 *     sub-folder of its name
 * @param cache where downloaded files are kept
 * @param download whether files that are found nowhere may be fetched from the internet
 * @param log takes one line at a time: what was found, skipped, or is being downloaded
 */
public record DataOptions(
    Form form,
    Labels labels,
    long seed,
    Optional<Path> folder,
    Path cache,
    boolean download,
    Consumer<String> log) {
  /** The side of images from a folder or zip whose sizes differ, if none is asked for. */
  public static final int DEFAULT_IMAGE_SIZE = 64;

  private static final String IMAGE_SIZE = "image-size";
  private static final String FIT = "fit";
  private static final String COLOUR = "colour";

  /**
   * What every image is brought to.
   *
   * @param size width and height; if empty, images keep their own size, or that of their largest
   *     squares, where they agree and no side is under 16 or over 128, and a folder or zip of
   *     others takes {@value #DEFAULT_IMAGE_SIZE}
   * @param fit what happens to images of another shape
   * @param colour what they are turned into
   */
  public record Form(Optional<ImageSize> size, Fit fit, Colour colour) {
    /** As found. */
    static final Form AS_FOUND = new Form(Optional.empty(), Fit.CROP, Colour.AS_FOUND);

    /** Checks that all is said. */
    public Form {
      Objects.requireNonNull(size, "size");
      Objects.requireNonNull(fit, "fit");
      Objects.requireNonNull(colour, "colour");
    }
  }

  /** What happens to images of another shape than the one that they are brought to. */
  public enum Fit {
    /** The largest centred part of that shape is taken. */
    CROP,
    /** The whole image is put in the middle; what is left is white, or clear with alpha. */
    PAD,
    /** The whole image is made wider or higher. */
    STRETCH
  }

  /** What images are turned into. */
  public enum Colour {
    /** One channel if all images are grey, else three; what is transparent is shown on white. */
    AS_FOUND,
    /** One channel; coloured images become their luma. */
    GREY,
    /** Three channels; grey images repeat theirs. */
    RGB,
    /** Four channels, the last being alpha, by which the others are not multiplied. */
    RGBA
  }

  /** Whether labels must be usable. */
  public enum Labels {
    /** Labels that are there must be usable. */
    AS_FOUND,
    /** Labels that cannot be used are left out, with a word in the log. */
    IF_USABLE
  }

  /** Checks that all is said. */
  public DataOptions {
    Objects.requireNonNull(form, "form");
    Objects.requireNonNull(labels, "labels");
    Objects.requireNonNull(cache, "cache");
    Objects.requireNonNull(log, "log");
  }

  /** As found, seed 0, no download, nothing logged, the user's cache folder. */
  public static DataOptions defaults() {
    return new DataOptions(
        Form.AS_FOUND,
        Labels.AS_FOUND,
        0,
        Optional.empty(),
        defaultCache(System.getenv()),
        false,
        line -> {});
  }

  /**
   * Options by the names that commands give them, as a run remembers them.
   *
   * @param named {@code image-size}, {@code fit}, {@code colour} and {@code data-dir}; others are
   *     left alone
   * @return the defaults but for these
   * @throws IllegalArgumentException if a value is none
   */
  public static DataOptions of(Map<String, String> named) {
    DataOptions options = defaults();
    if (named.containsKey("data-dir")) {
      options = options.withFolder(Path.of(named.get("data-dir")));
    }
    if (named.containsKey(IMAGE_SIZE)) {
      options = options.withImageSize(ImageSize.parse(named.get(IMAGE_SIZE)));
    }
    if (named.containsKey(FIT)) {
      options = options.withFit(Fit.valueOf(named.get(FIT).toUpperCase(Locale.ROOT)));
    }
    return named.containsKey(COLOUR)
        ? options.withColour(Colour.valueOf(named.get(COLOUR).toUpperCase(Locale.ROOT)))
        : options;
  }

  /**
   * The names and values by which {@link #of} makes the same images.
   *
   * @param form what images are brought to
   * @return without what is as found
   */
  public static Map<String, String> named(Form form) {
    Map<String, String> named = new LinkedHashMap<>();
    form.size().ifPresent(size -> named.put(IMAGE_SIZE, size.option()));
    if (form.fit() != Fit.CROP) {
      named.put(FIT, form.fit().name().toLowerCase(Locale.ROOT));
    }
    if (form.colour() != Colour.AS_FOUND) {
      named.put(COLOUR, form.colour().name().toLowerCase(Locale.ROOT));
    }
    return named;
  }

  /**
   * {@code DJINN_CACHE}, else {@code XDG_CACHE_HOME/djinn}, else {@code .cache/djinn} in the home
   * folder.
   */
  static Path defaultCache(Map<String, String> environment) {
    String own = environment.getOrDefault("DJINN_CACHE", "");
    if (!own.isEmpty()) {
      return Path.of(own);
    }
    String everyones = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!everyones.isEmpty()) {
      return Path.of(everyones, "djinn");
    }
    return Path.of(System.getProperty("user.home"), ".cache", "djinn");
  }

  /**
   * The same with images of another size.
   *
   * @param side height and width
   * @throws IllegalArgumentException if it is out of range
   */
  public DataOptions withImageSize(int side) {
    return withImageSize(ImageSize.parse(Integer.toString(side)));
  }

  /** The same with images of another size. */
  public DataOptions withImageSize(ImageSize size) {
    return withForm(new Form(Optional.of(size), form.fit, form.colour));
  }

  /** The same with images of another shape fitted otherwise. */
  public DataOptions withFit(Fit fit) {
    return withForm(new Form(form.size, fit, form.colour));
  }

  /** The same with another colour. */
  public DataOptions withColour(Colour colour) {
    return withForm(new Form(form.size, form.fit, colour));
  }

  private DataOptions withForm(Form other) {
    return new DataOptions(other, labels, seed, folder, cache, download, log);
  }

  /** The same with another rule for labels. */
  public DataOptions withLabels(Labels labels) {
    return new DataOptions(form, labels, seed, folder, cache, download, log);
  }

  /** The same with another seed. */
  public DataOptions withSeed(long seed) {
    return new DataOptions(form, labels, seed, folder, cache, download, log);
  }

  /** The same, looking first in a folder. */
  public DataOptions withFolder(Path folder) {
    return new DataOptions(form, labels, seed, Optional.of(folder), cache, download, log);
  }

  /** The same with another cache folder. */
  public DataOptions withCache(Path cache) {
    return new DataOptions(form, labels, seed, folder, cache, download, log);
  }

  /** The same, with downloads allowed or not. */
  public DataOptions withDownload(boolean download) {
    return new DataOptions(form, labels, seed, folder, cache, download, log);
  }

  /** The same with another taker of log lines. */
  public DataOptions withLog(Consumer<String> log) {
    return new DataOptions(form, labels, seed, folder, cache, download, log);
  }
}
