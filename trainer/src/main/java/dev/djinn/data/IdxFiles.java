package dev.djinn.data;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * IDX files under the names that people have them under: {@code train-images-idx3-ubyte}, with a
 * dot in it, packed or not, behind the name of a set ({@code emnist-letters-train-…}), or in a
 * folder of that name.
 */
final class IdxFiles {
  private static final Pattern NAME =
      Pattern.compile(
          "(.*?)[-_.]?(images|labels)[-_.]?(?=idx|ubyte)(idx[0-9])?[-_.]?(ubyte)?([-_.]idx)?(\\.gz)?");

  /**
   * A file's name taken apart.
   *
   * @param set what stands before, such as {@code train}
   * @param isImages or labels
   */
  private record Name(FileTree.Entry entry, String set, boolean isImages) {
    static Optional<Name> of(FileTree.Entry entry) {
      Matcher matcher = NAME.matcher(entry.baseName().toLowerCase(Locale.ROOT));
      return !entry.isFolder() && !entry.isHidden() && matcher.matches()
          ? Optional.of(new Name(entry, matcher.group(1), matcher.group(2).equals("images")))
          : Optional.empty();
    }

    boolean isTest() {
      return set.endsWith("t10k") || set.endsWith("test");
    }
  }

  private IdxFiles() {}

  /**
   * Reads the training half of what a folder or zip holds, with its labels.
   *
   * @return the images, or empty if there are no IDX files
   * @throws DataException if it holds more than one set, or the test half only
   */
  static Optional<ImageSet> read(
      String name, Path place, List<FileTree.Entry> entries, DataOptions options) {
    List<Name> names = entries.stream().flatMap(entry -> Name.of(entry).stream()).toList();
    List<Name> images = names.stream().filter(Name::isImages).toList();
    if (images.isEmpty()) {
      return Optional.empty();
    }
    TreeSet<String> sets = new TreeSet<>();
    images.stream().filter(image -> !image.isTest()).forEach(image -> sets.add(image.set()));
    if (sets.isEmpty()) {
      throw new DataException(
          "%s: has the test half only, no train-images-idx3-ubyte; to take that half, name %s"
              .formatted(place, place.resolve(images.get(0).entry().name())));
    }
    if (sets.size() > 1) {
      throw new DataException(
          "%s: holds %d sets, %s: name the file with the images of one, such as %s"
              .formatted(
                  place,
                  sets.size(),
                  String.join(", ", sets),
                  place.resolve(of(images, sets.first()).entry().name())));
    }
    Name chosen = of(images, sets.first());
    Optional<FileTree.Entry> labels =
        names.stream()
            .filter(other -> !other.isImages() && other.set().equals(chosen.set()))
            .map(Name::entry)
            .min(Comparator.comparing(entry -> !entry.folder().equals(chosen.entry().folder())));
    if (labels.isEmpty() && options.labels() == DataOptions.Labels.AS_FOUND) {
      throw new DataException(
          "%s: the labels are missing: put %s.gz beside it, or leave them out with --unconditional"
              .formatted(
                  chosen.entry().file().name(),
                  chosen
                      .entry()
                      .baseName()
                      .replaceFirst("\\.gz$", "")
                      .replace("images", "labels")
                      .replace("idx3", "idx1")));
    }
    return Optional.of(read(name, chosen.entry(), labels.map(FileTree.Entry::file), options));
  }

  private static Name of(List<Name> images, String set) {
    return images.stream().filter(image -> image.set().equals(set)).findFirst().orElseThrow();
  }

  /** One file, with the labels that lie beside it if there are any. */
  static ImageSet read(String name, Path images, DataOptions options) {
    FileTree.Entry entry =
        new FileTree.Entry(images.getFileName().toString(), DataFile.of(images), Optional.empty());
    Optional<DataFile> labels = IdxFamily.labelsBeside(images).map(DataFile::of);
    if (labels.isEmpty()) {
      options.log().accept("%s: no file of labels beside it, so no classes".formatted(name));
    }
    return read(name, entry, labels, options);
  }

  private static ImageSet read(
      String name, FileTree.Entry images, Optional<DataFile> labels, DataOptions options) {
    ImageSet set = withLabels(name, images.file(), labels, options);
    if (!images.baseName().toLowerCase(Locale.ROOT).startsWith("emnist")) {
      return set;
    }
    options.log().accept("%s: turned over, since EMNIST's rows are columns".formatted(name));
    return transposed(set);
  }

  private static ImageSet withLabels(
      String name, DataFile images, Optional<DataFile> labels, DataOptions options) {
    try {
      return IdxReader.read(name, images, labels, List.of());
    } catch (DataException e) {
      if (labels.isEmpty() || options.labels() == DataOptions.Labels.AS_FOUND) {
        throw e;
      }
      ImageSet set = IdxReader.read(name, images, Optional.empty(), List.of());
      options.log().accept("%s: its labels are left unread: %s".formatted(name, e.getMessage()));
      return set;
    }
  }

  private static ImageSet transposed(ImageSet set) {
    int height = set.height();
    int width = set.width();
    byte[] pixels = new byte[set.pixels().length];
    for (int start = 0; start < pixels.length; start += height * width) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          pixels[start + x * height + y] = set.pixels()[start + y * width + x];
        }
      }
    }
    return new ImageSet(
        set.name(), set.channels(), width, height, pixels, set.labels(), set.classes());
  }
}
