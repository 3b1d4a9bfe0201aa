package dev.djinn.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A table of files and their classes: a row a file, values separated by commas, semicolons or tabs,
 * in quotes where they hold such (RFC 4180). The column of files is the one that names pictures, in
 * full, without folders or without ending.
 */
final class LabelTable {
  private static final List<String> CLASS_COLUMNS =
      List.of("label", "labels", "class", "classes", "category", "target", "species", "breed");

  private final String name;
  private final List<List<String>> rows;

  private LabelTable(String name, List<List<String>> rows) {
    this.name = name;
    this.rows = rows;
  }

  static LabelTable read(String name, DataFile file) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(file.open(), StandardCharsets.UTF_8))) {
      char separator = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String text = rows.isEmpty() ? line.replace("\ufeff", "") : line;
        if (!text.isBlank()) {
          separator = separator == 0 ? separator(text) : separator;
          rows.add(split(text, separator));
        }
      }
    }
    if (rows.isEmpty()) {
      throw new DataException("%s: is empty".formatted(name));
    }
    return new LabelTable(name, rows);
  }

  private static char separator(String line) {
    return line.indexOf('\t') >= 0 ? '\t' : line.indexOf(',') < 0 ? ';' : ',';
  }

  private static List<String> split(String line, char separator) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        value.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        values.add(value.toString().strip());
        value.setLength(0);
      } else {
        value.append(c);
      }
    }
    values.add(value.toString().strip());
    return values;
  }

  /**
   * The class of each picture, or empty where the table does not name it.
   *
   * @param folder that the table lies in
   * @throws DataException if it names no picture, or more columns could be the class
   */
  List<Optional<String>> classes(String folder, List<FileTree.Entry> pictures) {
    Map<String, Integer> byName = new HashMap<>();
    // The shorter a name, the less it counts; two pictures of one name go by their longer ones.
    for (int i = 0; i < pictures.size(); i++) {
      String base = pictures.get(i).baseName();
      add(byName, base.replaceFirst("\\.[^.]*$", ""), i);
      add(byName, base, i);
    }
    for (int i = 0; i < pictures.size(); i++) {
      String full = pictures.get(i).name();
      byName.put(full.startsWith(folder) ? full.substring(folder.length()) : full, i);
    }
    int files = fileColumn(byName);
    int classes = classColumn(files);
    String[] found = new String[pictures.size()];
    for (List<String> row : rows) {
      Integer picture = files < row.size() ? byName.get(slashed(row.get(files))) : null;
      if (picture != null && picture >= 0 && classes < row.size()) {
        found[picture] = row.get(classes);
      }
    }
    return Arrays.stream(found)
        .map(kind -> Optional.ofNullable(kind).filter(text -> !text.isEmpty()))
        .toList();
  }

  private static void add(Map<String, Integer> byName, String key, int picture) {
    byName.merge(key, picture, (one, other) -> one.equals(other) ? one : -1);
  }

  private static String slashed(String file) {
    return file.replace('\\', '/').replaceFirst("^\\./", "");
  }

  private int fileColumn(Map<String, Integer> byName) {
    int best = -1;
    long most = 0;
    for (int column = 0; column < rows.get(0).size(); column++) {
      int at = column;
      long named =
          rows.stream()
              .filter(row -> at < row.size() && byName.getOrDefault(slashed(row.get(at)), -1) >= 0)
              .count();
      if (named > most) {
        most = named;
        best = column;
      }
    }
    if (best < 0) {
      throw new DataException("%s: names none of the pictures".formatted(name));
    }
    return best;
  }

  private int classColumn(int files) {
    List<String> head = rows.get(0);
    if (head.size() == 2) {
      return 1 - files;
    }
    OptionalInt named =
        IntStream.range(0, head.size())
            .filter(column -> column != files)
            .filter(column -> CLASS_COLUMNS.contains(head.get(column).toLowerCase(Locale.ROOT)))
            .findFirst();
    return named.orElseThrow(
        () ->
            new DataException(
                "%s: of its columns %s, call the one with the classes 'label'"
                    .formatted(name, String.join(", ", head))));
  }
}
