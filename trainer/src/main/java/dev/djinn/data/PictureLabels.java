package dev.djinn.data;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which class each picture of a folder or zip is of: as a {@code dataset.json} in StyleGAN's form
 * or a {@code labels.csv} says, else after the first folder in which they differ.
 *
 * @see <a href="https://github.com/NVlabs/stylegan3/blob/main/dataset_tool.py">dataset.json: a list
 *     "labels" of pairs, a file's name and its label</a>
 */
final class PictureLabels {
  private static final String JSON = "dataset.json";
  private static final String CSV = "labels.csv";

  private final FileTree tree;
  private final List<FileTree.Entry> pictures;

  private PictureLabels(FileTree tree, List<FileTree.Entry> pictures) {
    this.tree = tree;
    this.pictures = pictures;
  }

  /**
   * What is known of each picture.
   *
   * @param classes for each picture its class, or empty
   * @param source the file that says so, or empty for folders
   */
  record Known(List<Optional<String>> classes, Optional<String> source) {
    static Known nothing(int count) {
      return new Known(Collections.nCopies(count, Optional.empty()), Optional.empty());
    }

    boolean any() {
      return classes.stream().anyMatch(Optional::isPresent);
    }
  }

  /** Whether a file holds labels, so that it is not one that was passed over. */
  static boolean isLabels(FileTree.Entry entry) {
    return entry.baseName().equalsIgnoreCase(JSON) || entry.baseName().equalsIgnoreCase(CSV);
  }

  /**
   * Reads them.
   *
   * @param all files, of which the pictures are some
   * @throws DataException if they cannot be read, or pictures lie beside the folders of classes
   */
  static Known of(FileTree tree, List<FileTree.Entry> all, List<FileTree.Entry> pictures)
      throws IOException {
    PictureLabels labels = new PictureLabels(tree, pictures);
    Optional<FileTree.Entry> json = labels.shallowest(all, JSON);
    if (json.isPresent()) {
      return labels.ofJson(json.get());
    }
    Optional<FileTree.Entry> csv = labels.shallowest(all, CSV);
    return csv.isPresent() ? labels.ofTable(csv.get()) : labels.ofFolders();
  }

  private Optional<FileTree.Entry> shallowest(List<FileTree.Entry> all, String name) {
    return all.stream()
        .filter(entry -> !entry.isHidden() && entry.baseName().equalsIgnoreCase(name))
        .min(Comparator.comparingInt(entry -> entry.folder().length()));
  }

  private Known ofJson(FileTree.Entry file) throws IOException {
    Map<String, String> known = new HashMap<>();
    try (JsonReader in =
        new JsonReader(new InputStreamReader(file.file().open(), StandardCharsets.UTF_8))) {
      in.beginObject();
      while (in.hasNext()) {
        if (in.nextName().equals("labels") && in.peek() != JsonToken.NULL) {
          in.beginArray();
          while (in.hasNext()) {
            in.beginArray();
            String name = in.nextString().replace('\\', '/');
            known.put(file.folder() + name, label(in, name));
            in.endArray();
          }
          in.endArray();
        } else {
          in.skipValue();
        }
      }
    } catch (MalformedJsonException
        | EOFException
        | IllegalStateException
        | NumberFormatException e) {
      throw new DataException(
          "%s: %s: not labels in StyleGAN's form: %s"
              .formatted(tree.place(), file.name(), e.getMessage().lines().findFirst().orElse("")),
          e);
    }
    return new Known(
        pictures.stream().map(picture -> Optional.ofNullable(known.get(picture.name()))).toList(),
        Optional.of(file.name()));
  }

  /** A number, or a list of numbers of which one is 1 and the others are 0. */
  private static String label(JsonReader in, String name) throws IOException {
    if (in.peek() != JsonToken.BEGIN_ARRAY) {
      return Long.toString(in.nextLong());
    }
    List<Double> values = new ArrayList<>();
    in.beginArray();
    while (in.hasNext()) {
      values.add(in.nextDouble());
    }
    in.endArray();
    if (values.stream().filter(value -> value != 0).count() != 1 || !values.contains(1.0)) {
      throw new IllegalStateException("the label of %s is not one class".formatted(name));
    }
    return Integer.toString(values.indexOf(1.0));
  }

  private Known ofTable(FileTree.Entry file) throws IOException {
    LabelTable table = LabelTable.read(tree.place() + ": " + file.name(), file.file());
    return new Known(table.classes(file.folder(), pictures), Optional.of(file.name()));
  }

  /** For each file its class, from the first folder in which they differ. */
  private Known ofFolders() {
    int start = shared().length();
    List<Optional<String>> classes =
        pictures.stream()
            .map(picture -> picture.name().substring(start))
            .map(
                file ->
                    file.contains("/")
                        ? Optional.of(file.substring(0, file.indexOf('/')))
                        : Optional.<String>empty())
            .toList();
    long without = classes.stream().filter(Optional::isEmpty).count();
    if (without != 0 && without != pictures.size()) {
      int stray = classes.indexOf(Optional.<String>empty());
      throw new DataException(
          ("%s: %d of %d pictures, such as %s, lie beside the folders of classes: move them into"
                  + " one, or leave all labels unread with --unconditional")
              .formatted(tree.place(), without, pictures.size(), pictures.get(stray).name()));
    }
    return new Known(classes, Optional.empty());
  }

  private String shared() {
    return shared(pictures);
  }

  /** The folders that all of some files lie in, with a slash at the end. */
  static String shared(List<FileTree.Entry> sorted) {
    String first = sorted.get(0).name();
    // The list is sorted, so what the first and the last name share, all share.
    String last = sorted.get(sorted.size() - 1).name();
    int shared = 0;
    for (int slash = first.indexOf('/'); slash >= 0; slash = first.indexOf('/', shared)) {
      if (!last.startsWith(first.substring(0, slash + 1))) {
        break;
      }
      shared = slash + 1;
    }
    return first.substring(0, shared);
  }
}
