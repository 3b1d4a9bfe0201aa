package dev.djinn.data;

import dev.djinn.names.Names;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Opens images to train on by name or path.
 *
 * <pre>{@code
 * ImageSet digits = DataSets.open("mnist-10k", DataOptions.defaults());
 * }</pre>
 *
 * <p>Names are {@code mnist-10k} (embedded), {@code mnist}, {@code fashion-mnist}, their {@code
 * -test} halves, and {@code stacked-mnist}, drawn from {@code mnist-10k} or, as {@code
 * stacked-mnist:mnist}, from any grey set of ten classes. Paths are IDX, NPY and NPZ files, a
 * folder with MNIST's files, and a folder or zip of pictures.
 */
public final class DataSets {
  /** The set that Djinn carries: 10,000 MNIST digits, 28×28, grey. */
  public static final String DEFAULT = "mnist-10k";

  /** What TensorFlow's old reader of MNIST left to learn from: it put the first 5,000 aside. */
  static final String SPLIT = "mnist-55k";

  private static final int PUT_ASIDE = 5_000;

  private static final String STACKED = "stacked-mnist";

  /** Before the set whose digits are stacked; a name or a path follows. */
  private static final String STACKED_OF = STACKED + ":";

  /**
   * A set with a name.
   *
   * @param name what to open it by
   * @param about one line: what it is
   * @param licence of its pictures
   * @param place where it was found, or empty
   * @param howToGet what to do to have it, if it was not found
   */
  public record Known(
      String name, String about, String licence, Optional<String> place, String howToGet) {}

  /** Bytes by which a file's kind is told. */
  private static final int START = 512;

  private DataSets() {}

  /**
   * Reads a whole set into memory.
   *
   * @param nameOrPath a known name, or a file or folder; a name wins over a file of the same name,
   *     which is then {@code ./name}
   * @throws UnknownDataException if it is neither
   * @throws DataException if it cannot be found, read or used
   */
  public static ImageSet open(String nameOrPath, DataOptions options) {
    return Fitting.to(openAsFound(nameOrPath, options), options);
  }

  /** The sets with a name, in the order to show them, and where each is on this machine. */
  public static List<Known> known(DataOptions options) {
    List<Known> known = new ArrayList<>();
    known.add(
        new Known(
            DEFAULT,
            "the first 10,000 digits of mnist, 28x28 grey",
            IdxFamily.MNIST.licence(),
            Optional.of("comes with djinn"),
            ""));
    for (IdxFamily family : IdxFamily.ALL) {
      for (IdxFamily.Half half : IdxFamily.Half.values()) {
        known.add(
            new Known(
                family.name(half),
                half == IdxFamily.Half.TRAIN ? family.about() : "10,000 more, to test with",
                family.licence(),
                family.find(half, options).map(pair -> pair.images().getParent().toString()),
                family.howToGet(half, options)));
      }
    }
    known.add(
        new Known(
            SPLIT,
            "the last 55,000 of mnist, as TensorFlow 1 split it",
            IdxFamily.MNIST.licence(),
            IdxFamily.MNIST
                .find(IdxFamily.Half.TRAIN, options)
                .map(pair -> pair.images().getParent().toString()),
            IdxFamily.MNIST.howToGet(IdxFamily.Half.TRAIN, options)));
    known.add(
        new Known(
            STACKED,
            "three random digits as red, green and blue, 1,000 classes; or " + STACKED + ":SET",
            IdxFamily.MNIST.licence(),
            Optional.of("made from " + DEFAULT),
            ""));
    return List.copyOf(known);
  }

  /**
   * The licence of a set's pictures, or empty if Djinn does not know the set.
   *
   * @param name what {@link #open} takes
   */
  public static Optional<String> licence(String name) {
    String pictures = name.startsWith(STACKED_OF) ? name.substring(STACKED_OF.length()) : name;
    if (pictures.equals(DEFAULT) || pictures.equals(SPLIT) || pictures.equals(STACKED)) {
      return Optional.of(IdxFamily.MNIST.licence());
    }
    return IdxFamily.ALL.stream()
        .filter(
            family ->
                Arrays.stream(IdxFamily.Half.values())
                    .anyMatch(half -> pictures.equals(family.name(half))))
        .map(IdxFamily::licence)
        .findFirst();
  }

  /**
   * Pictures of the same kind that a set does not hold: the test half of a known set or of a folder
   * in MNIST's four files, or what {@code mnist-55k} puts aside. Nothing is downloaded.
   *
   * @param nameOrPath what {@link #open} takes
   * @param options as the set was opened with
   * @return empty if there are none, or none on this machine
   * @throws DataException if they cannot be read
   */
  public static Optional<ImageSet> heldOut(String nameOrPath, DataOptions options) {
    return heldOutAsFound(nameOrPath, options.withDownload(false))
        .map(set -> Fitting.to(set, options));
  }

  private static Optional<ImageSet> heldOutAsFound(String nameOrPath, DataOptions options) {
    if (nameOrPath.equals(SPLIT)) {
      ImageSet all = IdxFamily.MNIST.open(IdxFamily.Half.TRAIN, options);
      return Optional.of(all.pick(IntStream.range(0, PUT_ASIDE).toArray()));
    }
    for (IdxFamily family : IdxFamily.ALL) {
      boolean known = nameOrPath.equals(family.name(IdxFamily.Half.TRAIN));
      if (known || (nameOrPath.equals(DEFAULT) && family.equals(IdxFamily.MNIST))) {
        return family
            .find(IdxFamily.Half.TEST, options)
            .map(found -> family.open(IdxFamily.Half.TEST, options));
      }
    }
    if (names().contains(nameOrPath) || nameOrPath.startsWith(STACKED_OF)) {
      return Optional.empty();
    }
    Path folder = Path.of(nameOrPath);
    return IdxFamily.images(folder, IdxFamily.Half.TRAIN).isEmpty()
        ? Optional.empty()
        : IdxFamily.images(folder, IdxFamily.Half.TEST)
            .map(
                images ->
                    IdxReader.read(folder + "", DataFile.of(images), Optional.empty(), List.of()));
  }

  private static ImageSet openAsFound(String nameOrPath, DataOptions options) {
    if (nameOrPath.equals(DEFAULT)) {
      return embedded();
    }
    if (nameOrPath.equals(SPLIT)) {
      ImageSet all = IdxFamily.MNIST.open(IdxFamily.Half.TRAIN, options);
      ImageSet left = all.pick(IntStream.range(PUT_ASIDE, all.count()).toArray());
      return new ImageSet(
          SPLIT,
          left.channels(),
          left.height(),
          left.width(),
          left.pixels(),
          left.labels(),
          left.classes());
    }
    if (nameOrPath.equals(STACKED)) {
      return StackedDigits.of(STACKED, embedded(), options.seed());
    }
    if (nameOrPath.startsWith(STACKED_OF)) {
      ImageSet base = openAsFound(nameOrPath.substring(STACKED_OF.length()), options);
      return StackedDigits.of(STACKED_OF + base.name(), base, options.seed());
    }
    for (IdxFamily family : IdxFamily.ALL) {
      for (IdxFamily.Half half : IdxFamily.Half.values()) {
        if (nameOrPath.equals(family.name(half))) {
          return family.open(half, options);
        }
      }
    }
    return openPath(path(nameOrPath), options);
  }

  /**
   * Names a set so that it is found from any working folder: a known name as it is, a path in full.
   *
   * @param nameOrPath what {@link #open} takes
   */
  public static String portable(String nameOrPath) {
    if (nameOrPath.startsWith(STACKED_OF)) {
      return STACKED_OF + portable(nameOrPath.substring(STACKED_OF.length()));
    }
    return names().contains(nameOrPath)
        ? nameOrPath
        : Path.of(nameOrPath).toAbsolutePath().normalize().toString();
  }

  /**
   * Names a set without saying where it lies: a known name as it is, a path by its end.
   *
   * @param nameOrPath what {@link #open} takes
   */
  public static String withoutFolders(String nameOrPath) {
    return nameOrPath.startsWith(STACKED_OF)
        ? STACKED_OF + withoutFolders(nameOrPath.substring(STACKED_OF.length()))
        : Path.of(nameOrPath).getFileName().toString();
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(List.of(DEFAULT));
    for (IdxFamily family : IdxFamily.ALL) {
      for (IdxFamily.Half half : IdxFamily.Half.values()) {
        names.add(family.name(half));
      }
    }
    names.add(SPLIT);
    names.add(STACKED);
    return names;
  }

  private static Path path(String nameOrPath) {
    try {
      Path path = Path.of(nameOrPath);
      if (!nameOrPath.isBlank() && Files.exists(path)) {
        return path;
      }
    } catch (InvalidPathException e) {
      // a name that the file system cannot have names no file
    }
    List<String> names = names();
    throw new UnknownDataException(
        Names.unknown("data set", nameOrPath, names) + "; or give a file or folder");
  }

  private static ImageSet openPath(Path path, DataOptions options) {
    String name = path.toAbsolutePath().normalize().getFileName() + "";
    if (Files.isDirectory(path)) {
      return openTree(name, new FileTree.Folder(path), options);
    }
    byte[] start = start(path);
    // A zip that unpacks itself begins with a program.
    boolean zip =
        (start[0] == 'P' && start[1] == 'K') || name.toLowerCase(Locale.ROOT).endsWith(".zip");
    if (NpyArray.isNpy(start) || (zip && name.toLowerCase(Locale.ROOT).endsWith(".npz"))) {
      return NumpyFiles.read(name, path, options);
    }
    if (zip) {
      try (FileTree.Zip tree = new FileTree.Zip(path)) {
        return openTree(name, tree, options);
      } catch (IOException e) {
        throw DataException.reading(path.toString(), e);
      }
    }
    OtherFiles.refuse(path, start);
    return IdxFiles.read(name, path, options);
  }

  /** IDX files if there are any, else pictures, else numpy's arrays. */
  private static ImageSet openTree(String name, FileTree tree, DataOptions options) {
    try {
      List<FileTree.Entry> entries = tree.entries();
      Optional<ImageSet> arrays = IdxFiles.read(name, tree.place(), entries, options);
      if (arrays.isEmpty() && entries.stream().noneMatch(PictureFolder::isPicture)) {
        arrays = NumpyFiles.read(name, tree, entries, options);
      }
      return arrays.isPresent() ? arrays.get() : PictureFolder.read(name, tree, entries, options);
    } catch (IOException e) {
      throw DataException.reading(tree.place().toString(), e);
    }
  }

  private static byte[] start(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.copyOf(in.readNBytes(START), START);
    } catch (IOException e) {
      throw DataException.reading(path.toString(), e);
    }
  }

  private static ImageSet embedded() {
    return IdxReader.read(
        DEFAULT,
        resource("mnist-10k/images-idx3-ubyte.gz"),
        Optional.of(resource("mnist-10k/labels-idx1-ubyte.gz")),
        IdxFamily.DIGITS);
  }

  private static DataFile resource(String path) {
    try (InputStream in = DataSets.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new DataException(
            "%s is missing from Djinn's own files: build again".formatted(path));
      }
      byte[] bytes = in.readAllBytes();
      return new DataFile(path, bytes.length, () -> new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw DataException.reading(path, e);
    }
  }
}
