package dev.djinn.data;

import dev.djinn.files.FileProblem;
import dev.djinn.picture.PictureFile;
import dev.djinn.picture.UnusablePicture;
import dev.djinn.progress.ProgressLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads pictures of any size and colour from a folder or zip. Each sub-folder is a class, unless a
 * file of labels says otherwise; pictures that all lie in one folder have no labels. Each is
 * brought to one size. What is not used is skipped, counted and listed in the log.
 */
final class PictureFolder {
  private static final int MOST_LISTED = 20;

  /** Folders that are parts of one set, not classes. */
  private static final Set<String> PARTS =
      Set.of("train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval");

  private final FileTree tree;
  private final DataOptions options;
  private final String name;
  private final List<String> skipped = new ArrayList<>();

  private PictureFolder(String name, FileTree tree, DataOptions options) {
    this.name = name;
    this.tree = tree;
    this.options = options;
  }

  /**
   * Reads everything.
   *
   * @param entries of the folder or zip
   * @throws DataException if there is no usable picture, or the labels cannot be used
   */
  static ImageSet read(
      String name, FileTree tree, List<FileTree.Entry> entries, DataOptions options)
      throws IOException {
    return new PictureFolder(name, tree, options).read(entries);
  }

  /** Whether a file is one to train on, by its name. */
  static boolean isPicture(FileTree.Entry entry) {
    return !entry.isFolder() && !entry.isHidden() && PictureFile.isNamedAsOne(entry.name());
  }

  private ImageSet read(List<FileTree.Entry> all) throws IOException {
    List<FileTree.Entry> files = all.stream().filter(PictureFolder::isPicture).toList();
    if (files.isEmpty()) {
      throw new DataException(
          "%s: holds no pictures (%s), no arrays (NPY or NPZ) and no IDX files"
              .formatted(tree.place(), PictureFile.FORMATS));
    }
    // Where one channel each is too much, nothing need be decoded to know.
    int channels =
        switch (options.form().colour()) {
          case AS_FOUND, GREY -> 1;
          case RGB -> 3;
          case RGBA -> Transparency.CHANNELS;
        };
    options
        .form()
        .size()
        .ifPresent(size -> Fitting.checkLength(name, files.size(), channels, size));
    PictureLabels.Known known = labels(all, files);
    PictureStack stack = new PictureStack(name, options);
    List<String> used = new ArrayList<>();
    ProgressLine.Task reading =
        ProgressLine.over(options.log()).task(name + ": reading", files.size(), "pictures");
    for (int i = 0; i < files.size(); i++) {
      Optional<String> kind = known.classes().get(i);
      if (known.any() && kind.isEmpty()) {
        skip(files.get(i), "has no label in " + known.source().orElseThrow());
      } else if (place(files.get(i), stack)) {
        kind.ifPresent(used::add);
      }
      reading.done(i + 1);
    }
    reportSkipped(files.size());
    reportPassedOver(all);
    if (stack.count() == 0) {
      throw new DataException(
          "%s: none of %d pictures can be used; the first is %s"
              .formatted(name, files.size(), skipped.get(0)));
    }
    options.log().accept(stack.told());
    if (known.any()) {
      warnOfClasses(all, files, known, used);
    }
    return stack.toSet(used.isEmpty() ? Labels.none() : Labels.named(used));
  }

  private PictureLabels.Known labels(List<FileTree.Entry> all, List<FileTree.Entry> files)
      throws IOException {
    boolean optional = options.labels() == DataOptions.Labels.IF_USABLE;
    try {
      PictureLabels.Known known = PictureLabels.of(tree, all, files);
      if (!optional || known.classes().stream().allMatch(Optional::isPresent)) {
        return known;
      }
    } catch (DataException e) {
      if (!optional) {
        throw e;
      }
      options.log().accept("%s: its labels are left unread: %s".formatted(name, e.getMessage()));
    }
    return PictureLabels.Known.nothing(files.size());
  }

  /** Puts one picture onto the stack; false if it was skipped. */
  private boolean place(FileTree.Entry file, PictureStack stack) {
    if (file.fault().isPresent()) {
      skip(file, file.fault().get());
      return false;
    }
    try {
      stack.add(PictureFile.decode(file.file().readPicture()));
      return true;
    } catch (UnusablePicture e) {
      skip(file, e.getMessage());
    } catch (IOException e) {
      skip(file, FileProblem.reason(e));
    }
    return false;
  }

  private void skip(FileTree.Entry file, String reason) {
    skipped.add("%s: %s".formatted(file.name(), reason));
  }

  private void reportSkipped(int files) {
    if (!skipped.isEmpty()) {
      options.log().accept("%s: skipped %d of %d pictures".formatted(name, skipped.size(), files));
      skipped.stream().limit(MOST_LISTED).forEach(line -> options.log().accept("  " + line));
      if (skipped.size() > MOST_LISTED) {
        options.log().accept("  and %d more".formatted(skipped.size() - MOST_LISTED));
      }
    }
  }

  private void reportPassedOver(List<FileTree.Entry> all) {
    List<FileTree.Entry> others =
        all.stream()
            .filter(entry -> !entry.isFolder() && !entry.isHidden())
            .filter(entry -> !isPicture(entry) && !PictureLabels.isLabels(entry))
            .toList();
    if (!others.isEmpty()) {
      options
          .log()
          .accept(
              "%s: passed over %,d file%s not called a picture, such as %s"
                  .formatted(
                      name, others.size(), others.size() == 1 ? "" : "s", others.get(0).name()));
    }
  }

  private void warnOfClasses(
      List<FileTree.Entry> all,
      List<FileTree.Entry> files,
      PictureLabels.Known known,
      List<String> used) {
    Map<String, Integer> before =
        counted(known.classes().stream().flatMap(Optional::stream).toList());
    Map<String, Integer> counts = counted(used);
    before.forEach(
        (kind, count) -> {
          if (!counts.containsKey(kind)) {
            options
                .log()
                .accept(
                    "%s: class %s has lost all of its %d pictures and is no class any more: %s"
                        .formatted(name, kind, count, named("left", counts.keySet())));
          }
        });
    if (known.source().isEmpty()) {
      warnOfFolders(all, files, before.keySet());
    }
    List<String> lone = counts.keySet().stream().filter(kind -> counts.get(kind) == 1).toList();
    if (!lone.isEmpty()) {
      options
          .log()
          .accept(
              "%s: %d of %d classes have a single image, which a network can only repeat: %s"
                  .formatted(name, lone.size(), counts.size(), listed(lone)));
    }
  }

  private void warnOfFolders(
      List<FileTree.Entry> all, List<FileTree.Entry> files, Set<String> classes) {
    String shared = PictureLabels.shared(files);
    Set<String> without = new TreeSet<>();
    for (FileTree.Entry entry : all) {
      if (!entry.isHidden() && entry.name().startsWith(shared)) {
        int slash = entry.name().indexOf('/', shared.length());
        if (slash >= 0 && !classes.contains(entry.name().substring(shared.length(), slash))) {
          without.add(entry.name().substring(shared.length(), slash));
        }
      }
    }
    if (!without.isEmpty()) {
      options
          .log()
          .accept(
              "%s: no pictures in %s, so no class of that name"
                  .formatted(name, named("the folder", without)));
    }
    List<String> parts =
        classes.stream().filter(kind -> PARTS.contains(kind.toLowerCase(Locale.ROOT))).toList();
    if (parts.size() > 1) {
      options
          .log()
          .accept(
              "%s: the folders %s were taken for classes; if they are parts of one set, name the one to learn from: %s"
                  .formatted(
                      name,
                      listed(parts),
                      tree instanceof FileTree.Folder
                          ? tree.place().resolve(shared + parts.get(parts.size() - 1))
                          : "unpack it and give its folder " + parts.get(parts.size() - 1)));
    }
  }

  private static Map<String, Integer> counted(List<String> kinds) {
    Map<String, Integer> counts = new HashMap<>();
    kinds.forEach(kind -> counts.merge(kind, 1, Integer::sum));
    Map<String, Integer> sorted = new TreeMap<>(Labels.ORDER);
    sorted.putAll(counts);
    return sorted;
  }

  private static String named(String what, Collection<String> names) {
    return names.isEmpty() ? "none is left" : what + " " + listed(names);
  }

  private static String listed(Collection<String> names) {
    String first = String.join(", ", names.stream().limit(MOST_LISTED).toList());
    return names.size() > MOST_LISTED
        ? first + ", and %d more".formatted(names.size() - MOST_LISTED)
        : first;
  }
}
