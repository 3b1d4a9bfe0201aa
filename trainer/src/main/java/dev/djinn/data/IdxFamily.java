package dev.djinn.data;

import dev.djinn.files.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Data sets in MNIST's four files, found on this machine or downloaded: in the folder the user
 * names, where Debian's package puts them, in the cache.
 *
 * @param name of the training half; the other is {@code name-test}
 * @param about one line for the list of data sets
 * @param licence of the pictures
 * @param classes names of the ten classes
 * @param packages what to type to get it from a system package, or empty
 * @param mirrors where the files can be had, the first being asked first; each ends with a slash
 * @param files training images and labels, test images and labels
 */
record IdxFamily(
    String name,
    String about,
    String licence,
    List<String> classes,
    String packages,
    List<URI> mirrors,
    List<RemoteFile> files) {
  private static final Path SYSTEM = Path.of("/usr/share/datasets");
  private static final String IMAGES = "-images-idx3-ubyte";
  private static final String LABELS = "-labels-idx1-ubyte";

  static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  static final IdxFamily MNIST =
      new IdxFamily(
          "mnist",
          "60,000 handwritten digits, 28x28 grey",
          "CC BY-SA 3.0",
          DIGITS,
          "",
          List.of(
              URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
              URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/")),
          List.of(
              new RemoteFile(
                  "train-images-idx3-ubyte.gz",
                  9_912_422,
                  "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
              new RemoteFile(
                  "train-labels-idx1-ubyte.gz",
                  28_881,
                  "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
              new RemoteFile(
                  "t10k-images-idx3-ubyte.gz",
                  1_648_877,
                  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
              new RemoteFile(
                  "t10k-labels-idx1-ubyte.gz",
                  4_542,
                  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")));

  static final IdxFamily FASHION =
      new IdxFamily(
          "fashion-mnist",
          "60,000 pieces of clothing, 28x28 grey",
          "MIT",
          List.of(
              "T-shirt/top",
              "Trouser",
              "Pullover",
              "Dress",
              "Coat",
              "Sandal",
              "Shirt",
              "Sneaker",
              "Bag",
              "Ankle boot"),
          "apt-get install dataset-fashion-mnist",
          List.of(
              URI.create("https://fashion-mnist.s3.eu-central-1.amazonaws.com/"),
              URI.create(
                  "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/")),
          List.of(
              new RemoteFile(
                  "train-images-idx3-ubyte.gz",
                  26_421_880,
                  "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
              new RemoteFile(
                  "train-labels-idx1-ubyte.gz",
                  29_515,
                  "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
              new RemoteFile(
                  "t10k-images-idx3-ubyte.gz",
                  4_422_102,
                  "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
              new RemoteFile(
                  "t10k-labels-idx1-ubyte.gz",
                  5_148,
                  "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")));

  static final List<IdxFamily> ALL = List.of(MNIST, FASHION);

  /** Which half of the four files. */
  enum Half {
    TRAIN("train", ""),
    TEST("t10k", "-test");

    private final String prefix;
    private final String suffix;

    Half(String prefix, String suffix) {
      this.prefix = prefix;
      this.suffix = suffix;
    }
  }

  /** An images file and the labels that belong to it. */
  record Pair(Path images, Path labels) {}

  String name(Half half) {
    return name + half.suffix;
  }

  /** Reads one half from where it is, downloading it first if that is allowed and needed. */
  ImageSet open(Half half, DataOptions options) {
    Optional<Pair> found = find(half, options);
    if (found.isEmpty()) {
      if (!options.download()) {
        throw new DataException(
            "%s is not on this machine: %s".formatted(name(half), howToGet(half, options)));
      }
      found = Optional.of(download(half, options));
    }
    Pair pair = found.get();
    ALL.forEach(other -> checkIsNot(other, pair));
    options.log().accept("%s: read from %s".formatted(name(half), pair.images().getParent()));
    return IdxReader.read(
        name(half), DataFile.of(pair.images()), Optional.of(DataFile.of(pair.labels())), classes);
  }

  /**
   * Every family's files have the same names: those of another one, by the checksum of the pictures
   * or the labels, would be trained on under the wrong name.
   */
  void checkIsNot(IdxFamily other, Pair pair) {
    if (other.name.equals(name)) {
      return;
    }
    for (Path file : List.of(pair.images(), pair.labels())) {
      if (other.files.stream().anyMatch(its -> isSame(file, its))) {
        throw new DataException(
            "%s is %s's, not %s's: name another folder, or %s as the data"
                .formatted(file, other.name, name, other.name));
      }
    }
  }

  private static boolean isSame(Path file, RemoteFile known) {
    try {
      return Files.size(file) == known.length() && Sha256.of(file).equals(known.sha256());
    } catch (IOException e) {
      throw DataException.reading(file.toString(), e);
    }
  }

  /**
   * Where one half is, without reading it. A given folder with the name of another family has that
   * one's files. Images without labels are an error in a given folder; elsewhere they are what a
   * download that was cut has left, and not yet a set.
   */
  Optional<Pair> find(Half half, DataOptions options) {
    List<Path> given = new ArrayList<>();
    options
        .folder()
        .ifPresent(
            folder -> {
              given.add(folder.resolve(name));
              if (!isAnothers(folder)) {
                given.add(folder);
              }
            });
    Stream<Path> others =
        Stream.of(SYSTEM.resolve(name), cache(options))
            .filter(folder -> either(folder, half.prefix + LABELS).isPresent());
    return Stream.concat(given.stream(), others)
        .flatMap(folder -> inFolder(folder, half).stream())
        .findFirst();
  }

  private boolean isAnothers(Path folder) {
    String last = folder.toAbsolutePath().normalize().getFileName() + "";
    return !last.equals(name) && ALL.stream().anyMatch(family -> family.name.equals(last));
  }

  /** One half's files in a folder, packed or not. */
  static Optional<Pair> inFolder(Path folder, Half half) {
    Optional<Path> images = images(folder, half);
    if (images.isEmpty()) {
      return Optional.empty();
    }
    Path labels =
        either(folder, half.prefix + LABELS)
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: the labels are missing: put %s.gz beside it"
                            .formatted(images.get(), half.prefix + LABELS)));
    return Optional.of(new Pair(images.get(), labels));
  }

  /** The labels of images that are a file of their own, packed or not, if they lie beside it. */
  static Optional<Path> labelsBeside(Path images) {
    Path file = images.toAbsolutePath();
    String name = file.getFileName().toString();
    String labels =
        name.replaceFirst("\\.gz$", "")
            .replaceFirst("images(?=[-_.]?(idx|ubyte))", "labels")
            .replace("idx3", "idx1");
    if (name.startsWith(labels)) {
      return Optional.empty();
    }
    String hyphened = labels.replace(".idx", "-idx");
    // Beside it, or beside the folder of its name that it lies in.
    return Stream.of(file.getParent(), file.getParent().resolveSibling(""))
        .flatMap(folder -> either(folder, hyphened).stream())
        .findFirst();
  }

  /** The images of one half in a folder, packed or not, with labels or without. */
  static Optional<Path> images(Path folder, Half half) {
    return either(folder, half.prefix + IMAGES);
  }

  /**
   * A file under one of the names that it may have: packed, with a dot, in a folder of its name.
   */
  private static Optional<Path> either(Path folder, String file) {
    String dotted = file.replace("-idx", ".idx");
    return Stream.of(
            folder.resolve(file + ".gz"),
            folder.resolve(file),
            folder.resolve(dotted),
            folder.resolve(dotted + ".gz"),
            folder.resolve(file).resolve(file),
            folder.resolve(dotted).resolve(dotted),
            folder.resolve(file).resolve(dotted))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** What the user can do to have one half, as a clause. */
  String howToGet(Half half, DataOptions options) {
    List<RemoteFile> wanted = files(half);
    return "put %s and %s into %s%s, or run: djinn data %s --download"
        .formatted(
            wanted.get(0).name(),
            wanted.get(1).name(),
            cache(options),
            packages.isEmpty() ? "" : ", or run: " + packages,
            name(half));
  }

  private Pair download(Half half, DataOptions options) {
    List<RemoteFile> wanted = files(half);
    Downloader downloader =
        new Downloader(mirrors, line -> options.log().accept(name(half) + ": " + line));
    try {
      return new Pair(
          downloader.fetch(wanted.get(0), cache(options)),
          downloader.fetch(wanted.get(1), cache(options)));
    } catch (DataException e) {
      throw new DataException(
          "%s: %s; without a connection, put %s and %s into %s"
              .formatted(
                  name(half),
                  e.getMessage(),
                  wanted.get(0).name(),
                  wanted.get(1).name(),
                  cache(options)),
          e);
    }
  }

  private List<RemoteFile> files(Half half) {
    return files.stream().filter(file -> file.name().startsWith(half.prefix)).toList();
  }

  private Path cache(DataOptions options) {
    return options.cache().resolve("data").resolve(name);
  }
}
