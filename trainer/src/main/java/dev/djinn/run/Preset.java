package dev.djinn.run;

import dev.djinn.network.NetworkException;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The text of a network file: one of {@link Presets}, a user's, or the {@code run.yaml} of a run.
 *
 * @param source how messages name it
 * @param text YAML
 */
public record Preset(String source, String text) {
  private static final String CLASSES = "classes";
  private static final String NAME = "name";
  private static final String SIDE = "image.side";

  /**
   * Resolves it into settings.
   *
   * @param changes values to set first, by dotted key
   * @param classes number of label classes of the data, 0 if it has none
   * @return the settings
   * @throws NetworkException if the text or a change is wrong, naming where
   */
  public Settings settings(Map<String, String> changes, int classes) {
    YamlCursor root = parse();
    if ("0".equals(changes.get(CLASSES)) && SettingsFile.labelsAreOptional(root)) {
      // The network does without labels where the data has none: here the data's are left unused.
      Map<String, String> others = new LinkedHashMap<>(changes);
      others.remove(CLASSES);
      return settings(others, 0);
    }
    changes.forEach(
        (key, value) -> {
          // The two say the same thing, so the one given last wins.
          if (key.equals("steps") || key.equals("epochs")) {
            root.remove(key.equals("steps") ? "epochs" : "steps");
          }
          if (key.equals(SIDE)) {
            root.find("image").ifPresent(Preset::removeSizes);
          }
          root.set(key, value);
        });
    return SettingsFile.read(root, classes);
  }

  /** Of a file whose pictures are not square. */
  private static void removeSizes(YamlCursor image) {
    image.remove("height");
    image.remove("width");
  }

  /**
   * What it says of the run that wrote it.
   *
   * @return empty if it is no {@code run.yaml}
   * @throws NetworkException if that is wrong, naming where
   */
  public Optional<RunFacts> run() {
    return parse().find("run").map(RunFacts::read);
  }

  /**
   * What it calls its runs; a run's folder is named so unless told otherwise.
   *
   * @param changes values to set first, by dotted key
   * @return the name
   * @throws NetworkException if there is none
   */
  public String runName(Map<String, String> changes) {
    YamlCursor root = parse();
    if (changes.containsKey(NAME)) {
      root.set(NAME, changes.get(NAME));
    }
    return root.get(NAME).text();
  }

  /** In one line what it is for. */
  public String summary() {
    return parse().get("summary").text();
  }

  private YamlCursor parse() {
    return YamlCursor.parse(text, source);
  }
}
