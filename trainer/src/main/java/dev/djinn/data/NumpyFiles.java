package dev.djinn.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds the images to train on and their labels among numpy's files: the arrays of an NPZ, which is
 * a zip of NPY files, or files of a folder or zip, under their usual names.
 */
final class NumpyFiles {
  private static final String ARRAY = ".npy";
  private static final String ARCHIVE = ".npz";

  /**
   * Names under which people keep the images to train on, and their labels; the first that is there
   * counts.
   */
  private static final List<String> IMAGES =
      List.of(
          "images",
          "pixels",
          "x_train",
          "train_images",
          "train_x",
          "x",
          "data",
          "arr_0",
          "imgs",
          "image",
          "pictures");

  private static final List<String> LABELS =
      List.of(
          "labels",
          "y_train",
          "train_labels",
          "train_y",
          "y",
          "label",
          "arr_1",
          "targets",
          "target",
          "classes");

  private static final String LABEL_NAME = "(?i)(.*[-_. ])?(labels?|targets?|classes|y)([-_. ].*)?";

  private final String name;
  private final DataOptions options;

  private NumpyFiles(String name, DataOptions options) {
    this.name = name;
    this.options = options;
  }

  /** A single NPY or NPZ file, with labels beside it if it has none itself. */
  static ImageSet read(String name, Path file, DataOptions options) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      List<FileTree.Entry> beside = new ArrayList<>();
      try (Stream<Path> files = Files.list(folder)) {
        files
            .filter(path -> isNumpy(path.getFileName().toString()) && Files.isRegularFile(path))
            .sorted()
            .forEach(
                path ->
                    beside.add(
                        new FileTree.Entry(
                            path.getFileName().toString(), DataFile.of(path), Optional.empty())));
      }
      NumpyFiles files = new NumpyFiles(name, options);
      String own = file.getFileName().toString();
      Optional<DataFile> labels = files.labelsOf(own, beside).map(FileTree.Entry::file);
      byte[] start = new byte[8];
      try (InputStream in = Files.newInputStream(file)) {
        in.readNBytes(start, 0, start.length);
      }
      if (NpyArray.isNpy(start)) {
        return files.labelled(DataFile.of(file), labels);
      }
      try (FileTree.Zip zip = new FileTree.Zip(file)) {
        return files.archive(file.toString(), arrays(file.toString(), zip), labels);
      }
    } catch (IOException e) {
      throw DataException.reading(file.toString(), e);
    }
  }

  /** What lies in a folder or zip, or empty if that has none of numpy's files. */
  static Optional<ImageSet> read(
      String name, FileTree tree, List<FileTree.Entry> entries, DataOptions options) {
    List<FileTree.Entry> arrays =
        entries.stream()
            .filter(entry -> !entry.isFolder() && !entry.isHidden() && isNumpy(entry.baseName()))
            .toList();
    if (arrays.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new NumpyFiles(name, options).among(tree, arrays));
    } catch (IOException e) {
      throw DataException.reading(tree.place().toString(), e);
    }
  }

  private static boolean isNumpy(String file) {
    String lower = file.toLowerCase(Locale.ROOT);
    return lower.endsWith(ARRAY) || lower.endsWith(ARCHIVE);
  }

  private static String stem(String file) {
    return file.substring(0, file.length() - ARRAY.length());
  }

  private ImageSet among(FileTree tree, List<FileTree.Entry> files) throws IOException {
    List<FileTree.Entry> images =
        files.stream().filter(file -> !stem(file.baseName()).matches(LABEL_NAME)).toList();
    FileTree.Entry chosen = images.size() == 1 ? images.get(0) : usual(tree, files);
    Optional<DataFile> labels = labelsOf(chosen.name(), files).map(FileTree.Entry::file);
    if (!chosen.name().toLowerCase(Locale.ROOT).endsWith(ARCHIVE)) {
      return labelled(chosen.file(), labels);
    }
    return inArchive(chosen.file(), arrays -> archive(chosen.file().name(), arrays, labels));
  }

  private FileTree.Entry usual(FileTree tree, List<FileTree.Entry> files) {
    for (String usual : IMAGES) {
      for (FileTree.Entry file : files) {
        if (stem(file.baseName()).equalsIgnoreCase(usual)) {
          return file;
        }
      }
    }
    throw new DataException(
        "%s: which of %s are the images? Name the file, or call it images.npy"
            .formatted(
                tree.place(),
                String.join(", ", files.stream().map(FileTree.Entry::name).limit(10).toList())));
  }

  private interface Use<T> {
    T of(Map<String, DataFile> arrays) throws IOException;
  }

  /** An archive within another is unpacked first: its table of contents is at its end. */
  private static <T> T inArchive(DataFile file, Use<T> use) throws IOException {
    Path copy = Files.createTempFile("djinn", ARCHIVE);
    try {
      try (InputStream in = file.open();
          OutputStream out = Files.newOutputStream(copy)) {
        byte[] piece = new byte[1 << 16];
        long length = 0;
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
          length += n;
          if (length > DataLimits.GREATEST_ARRAY) {
            throw new DataException("%s: is more than one set may hold".formatted(file.name()));
          }
          out.write(piece, 0, n);
        }
      }
      try (FileTree.Zip zip = new FileTree.Zip(copy)) {
        return use.of(arrays(file.name(), zip));
      }
    } finally {
      Files.delete(copy);
    }
  }

  private static Map<String, DataFile> arrays(String shown, FileTree.Zip zip) {
    Map<String, DataFile> arrays = new TreeMap<>();
    for (FileTree.Entry entry : zip.entries()) {
      if (entry.name().endsWith(ARRAY) && entry.fault().isPresent()) {
        throw new DataException(
            "%s: %s is there twice, and which is meant cannot be known"
                .formatted(shown, entry.name()));
      }
      if (entry.name().endsWith(ARRAY)) {
        String name = stem(entry.name());
        DataFile file = entry.file();
        arrays.put(name, new DataFile(shown + ": " + name, file.length(), file.opener()));
      }
    }
    return arrays;
  }

  private ImageSet archive(String shown, Map<String, DataFile> arrays, Optional<DataFile> elsewhere)
      throws IOException {
    String images =
        named(arrays, IMAGES).or(() -> only(arrays)).orElseThrow(() -> none(shown, arrays, IMAGES));
    Optional<DataFile> labels =
        named(arrays, LABELS).filter(array -> !array.equals(images)).map(arrays::get);
    return labelled(arrays.get(images), labels.or(() -> elsewhere));
  }

  private static Optional<String> named(Map<String, DataFile> arrays, List<String> names) {
    return names.stream()
        .flatMap(name -> arrays.keySet().stream().filter(array -> array.equalsIgnoreCase(name)))
        .findFirst();
  }

  /** The file that holds the labels of another, by its name. */
  private Optional<FileTree.Entry> labelsOf(String images, List<FileTree.Entry> files) {
    String stem = stem(images);
    List<String> names =
        List.of(
            stem.replaceFirst(
                "(?i)(images?|imgs?|pixels|pictures|data)(?!.*(images?|imgs?))", "labels"),
            stem.replaceFirst("(?i)(^|[-_./ ])x(?=[-_. ]|$)", "$1y"),
            stem + "-labels",
            stem + "_labels");
    return names.stream()
        .filter(wanted -> !wanted.equalsIgnoreCase(stem))
        .flatMap(
            wanted -> files.stream().filter(file -> stem(file.name()).equalsIgnoreCase(wanted)))
        .findFirst();
  }

  private ImageSet labelled(DataFile images, Optional<DataFile> file) throws IOException {
    ImageSet set = NumpyImages.images(name, images, options);
    if (file.isEmpty()) {
      return set;
    }
    try {
      Labels labels = labels(file.get());
      if (labels.numbers().length != set.count()) {
        throw new DataException(
            "%s: %d images, but %d labels"
                .formatted(images.name(), set.count(), labels.numbers().length));
      }
      return new ImageSet(
          name,
          set.channels(),
          set.height(),
          set.width(),
          set.pixels(),
          labels.numbers(),
          labels.classes());
    } catch (DataException e) {
      if (options.labels() == DataOptions.Labels.AS_FOUND) {
        throw e;
      }
      options.log().accept("%s: its labels are left unread: %s".formatted(name, e.getMessage()));
      return set;
    }
  }

  /** Labels as an array, or the one in an archive. */
  private static Labels labels(DataFile file) throws IOException {
    if (!file.name().toLowerCase(Locale.ROOT).endsWith(ARCHIVE)) {
      return NumpyImages.labels(file);
    }
    return inArchive(
        file,
        arrays ->
            NumpyImages.labels(
                named(arrays, LABELS)
                    .or(() -> only(arrays))
                    .map(arrays::get)
                    .orElseThrow(() -> none(file.name(), arrays, LABELS))));
  }

  private static Optional<String> only(Map<String, DataFile> arrays) {
    return arrays.size() == 1 ? arrays.keySet().stream().findFirst() : Optional.empty();
  }

  private static DataException none(String file, Map<String, DataFile> arrays, List<String> names) {
    return new DataException(
        "%s: has arrays %s, but none is called %s"
            .formatted(file, String.join(", ", arrays.keySet()), String.join(", ", names)));
  }
}
