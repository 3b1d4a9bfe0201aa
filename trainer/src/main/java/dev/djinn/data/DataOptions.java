package dev.djinn.data;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * How a data set is found and what is made of its images.
 *
 * @param imageSize height and width to bring every image to, 28 to 128; if empty, images keep their
 *     own size where they agree, and a folder or zip of images that do not takes {@value
 *     #DEFAULT_IMAGE_SIZE}
 * @param colour what the images are turned into
 * @param labels whether labels must be usable
 * @param seed of what is drawn at random, such as which digits {@code stacked-mnist} stacks
 * @param folder where to look first for the files of a known set, in the folder itself or in a
 *     sub-folder of its name
 * @param cache where downloaded files are kept
 * @param download whether files that are found nowhere may be fetched from the internet
 * @param log takes one line at a time: what was found, skipped, or is being downloaded
 */
public record DataOptions(
    OptionalInt imageSize,
    Colour colour,
    Labels labels,
    long seed,
    Optional<Path> folder,
    Path cache,
    boolean download,
    Consumer<String> log) {
  /** The side of images from a folder or zip if none is asked for. */
  public static final int DEFAULT_IMAGE_SIZE = 64;

  /** What images are turned into. */
  public enum Colour {
    /** One channel if all images are grey, else three. */
    AS_FOUND,
    /** One channel; coloured images become their luma. */
    GREY,
    /** Three channels; grey images repeat theirs. */
    RGB
  }

  /** Whether labels must be usable. */
  public enum Labels {
    /** Labels that are there must be usable. */
    AS_FOUND,
    /** Labels that cannot be used are left out, with a word in the log. */
    IF_USABLE
  }

  /**
   * @throws IllegalArgumentException if the image size is out of range
   */
  public DataOptions {
    Objects.requireNonNull(colour);
    Objects.requireNonNull(labels);
    Objects.requireNonNull(cache);
    Objects.requireNonNull(log);
    if (imageSize.isPresent() && !isImageSize(imageSize.getAsInt())) {
      throw new IllegalArgumentException(
          "image size %d is not in 28 to 128".formatted(imageSize.getAsInt()));
    }
  }

  /** Whether images may have this height and width. */
  static boolean isImageSize(int side) {
    return side >= 28 && side <= 128;
  }

  /** As found, seed 0, no download, nothing logged, the user's cache folder. */
  public static DataOptions defaults() {
    return new DataOptions(
        OptionalInt.empty(),
        Colour.AS_FOUND,
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
   * @param named {@code image-size}, {@code colour} and {@code data-dir}; others are left alone
   * @return the defaults but for these
   * @throws IllegalArgumentException if a value is none
   */
  public static DataOptions of(Map<String, String> named) {
    DataOptions options = defaults();
    if (named.containsKey("data-dir")) {
      options = options.withFolder(Path.of(named.get("data-dir")));
    }
    if (named.containsKey("image-size")) {
      options = options.withImageSize(Integer.parseInt(named.get("image-size")));
    }
    return named.containsKey("colour")
        ? options.withColour(Colour.valueOf(named.get("colour").toUpperCase(Locale.ROOT)))
        : options;
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

  /** The same with another image size. */
  public DataOptions withImageSize(int side) {
    return new DataOptions(
        OptionalInt.of(side), colour, labels, seed, folder, cache, download, log);
  }

  /** The same with another colour. */
  public DataOptions withColour(Colour colour) {
    return new DataOptions(imageSize, colour, labels, seed, folder, cache, download, log);
  }

  /** The same with another rule for labels. */
  public DataOptions withLabels(Labels labels) {
    return new DataOptions(imageSize, colour, labels, seed, folder, cache, download, log);
  }

  /** The same with another seed. */
  public DataOptions withSeed(long seed) {
    return new DataOptions(imageSize, colour, labels, seed, folder, cache, download, log);
  }

  /** The same, looking first in a folder. */
  public DataOptions withFolder(Path folder) {
    return new DataOptions(
        imageSize, colour, labels, seed, Optional.of(folder), cache, download, log);
  }

  /** The same with another cache folder. */
  public DataOptions withCache(Path cache) {
    return new DataOptions(imageSize, colour, labels, seed, folder, cache, download, log);
  }

  /** The same, with downloads allowed or not. */
  public DataOptions withDownload(boolean download) {
    return new DataOptions(imageSize, colour, labels, seed, folder, cache, download, log);
  }

  /** The same with another taker of log lines. */
  public DataOptions withLog(Consumer<String> log) {
    return new DataOptions(imageSize, colour, labels, seed, folder, cache, download, log);
  }
}
