package dev.djinn.watch;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.djinn.files.FileProblem;
import dev.djinn.settings.SettingsTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What {@code run.yaml} says, read as plain text: one from another version of Djinn, whose settings
 * this one does not know, is shown all the same.
 *
 * @param preset the preset's name
 * @param data what it learns from
 * @param classes names of the labels
 * @param last steps at the end, 0 if it cannot be told
 * @param settings every setting by name, each layer one
 * @param problem why it cannot be read, empty if it can
 */
record RunDescription(
    String preset,
    String data,
    List<String> classes,
    long last,
    Map<String, String> settings,
    String problem) {
  private static final int LARGEST = 1 << 20;

  static RunDescription read(Path run) {
    try {
      Path file = run.resolve("run.yaml");
      if (Files.size(file) > LARGEST) {
        return broken("run.yaml is larger than a megabyte");
      }
      Object loaded =
          new Load(LoadSettings.builder().setMaxAliasesForCollections(10).build())
              .loadFromString(Files.readString(file, StandardCharsets.UTF_8));
      return loaded instanceof Map<?, ?> map
          ? of(map)
          : broken("run.yaml holds no settings; it may be half-written");
    } catch (IOException e) {
      return broken("cannot read run.yaml: " + FileProblem.reason(e));
    } catch (YamlEngineException e) {
      return broken("run.yaml is not YAML; it may be half-written");
    }
  }

  private static RunDescription broken(String problem) {
    return new RunDescription("", "", List.of(), 0, Map.of(), problem);
  }

  private static RunDescription of(Map<?, ?> file) {
    Map<?, ?> facts = file.get("run") instanceof Map<?, ?> map ? map : Map.of();
    List<String> classes =
        facts.get("labels") instanceof List<?> labels
            ? labels.stream().map(String::valueOf).toList()
            : List.of();
    long batch = number(file.get("batch"));
    long epoch = batch == 0 ? 0 : number(facts.get("data-count")) / batch;
    long last =
        file.containsKey("steps") ? number(file.get("steps")) : number(file.get("epochs")) * epoch;
    Map<String, String> settings = new LinkedHashMap<>();
    file.forEach((key, value) -> flatten(settings, String.valueOf(key), value));
    return new RunDescription(
        text(file.get("name")), text(facts.get("data")), classes, last, settings, "");
  }

  private static void flatten(Map<String, String> settings, String key, Object value) {
    if (value instanceof Map<?, ?> map && (map.containsKey("layers") || key.equals("run"))) {
      map.forEach((part, item) -> flatten(settings, key + "." + part, item));
    } else if (value instanceof List<?> list && key.endsWith(".layers")) {
      for (int i = 0; i < list.size(); i++) {
        settings.put(key + "." + i, SettingsTable.words(list.get(i)));
      }
    } else {
      settings.put(key, SettingsTable.words(value));
    }
  }

  private static String text(Object value) {
    return value == null ? "" : value.toString();
  }

  private static long number(Object value) {
    return value instanceof Number number ? number.longValue() : 0;
  }

  JsonObject json() {
    JsonObject object = new JsonObject();
    object.addProperty("preset", preset);
    object.addProperty("data", data);
    object.addProperty("problem", problem);
    JsonArray names = new JsonArray();
    classes.forEach(names::add);
    object.add("classes", names);
    JsonArray rows = new JsonArray();
    settings.forEach(
        (key, value) -> {
          JsonArray row = new JsonArray();
          row.add(key);
          row.add(value);
          rows.add(row);
        });
    object.add("settings", rows);
    return object;
  }
}
