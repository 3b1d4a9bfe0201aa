package dev.djinn.run;

import dev.djinn.files.Failures;
import dev.djinn.network.NetworkException;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The networks that come with Djinn, and users' own network files. */
public final class Presets {
  private static final List<String> NAMES =
      List.of("quick", "gan", "upsampling-gan", "dcgan", "cgan", "manifold-cgan", "modern");

  private static final String CLASSES = "classes";
  private static final String NAME = "name";

  private Presets() {}

  /**
   * The names of the presets.
   *
   * @return in the order to show them
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * A preset's file.
   *
   * @param name one of {@link #names}
   * @return its text
   * @throws IllegalArgumentException if there is no such preset
   */
  public static String text(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "unknown preset '"
              + name
              + "', expected one of "
              + String.join(", ", NAMES)
              + " or a network file");
    }
    try (InputStream in =
        Presets.class.getResourceAsStream("/dev/djinn/presets/" + name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Resolves a preset or a file into settings.
   *
   * @param nameOrFile a preset's name, or the path of a network file or {@code run.yaml}
   * @param changes values to set first, by dotted key
   * @param classes number of label classes of the data, 0 if it has none
   * @return the settings
   * @throws IllegalArgumentException if there is no such preset or file
   * @throws NetworkException if the file or a change is wrong, naming where
   */
  public static Settings settings(String nameOrFile, Map<String, String> changes, int classes) {
    YamlCursor root = open(nameOrFile);
    if ("0".equals(changes.get(CLASSES)) && SettingsFile.labelsAreOptional(root)) {
      // The network does without labels where the data has none: here the data's are left unused.
      Map<String, String> others = new LinkedHashMap<>(changes);
      others.remove(CLASSES);
      return settings(nameOrFile, others, 0);
    }
    changes.forEach(
        (key, value) -> {
          // The two say the same thing, so the one given last wins.
          if (key.equals("steps") || key.equals("epochs")) {
            root.remove(key.equals("steps") ? "epochs" : "steps");
          }
          root.set(key, value);
        });
    return SettingsFile.read(root, classes);
  }

  /**
   * What a file says of the run that it was written by; refuses a name that is neither a preset nor
   * a file.
   *
   * @param nameOrFile a preset's name, or the path of a network file or {@code run.yaml}
   * @return empty if it is no {@code run.yaml}
   * @throws IllegalArgumentException if there is no such preset or file
   * @throws NetworkException if the file is wrong, naming where
   */
  public static Optional<RunFolder.Facts> run(String nameOrFile) {
    return open(nameOrFile).find("run").map(RunFolder::facts);
  }

  /**
   * What a preset or a file calls its runs; a run's folder is named so unless told otherwise.
   *
   * @param nameOrFile a preset's name, or the path of a network file or {@code run.yaml}
   * @param changes values to set first, by dotted key
   * @return the name
   * @throws IllegalArgumentException if there is no such preset or file
   * @throws NetworkException if the file is wrong, naming where
   */
  public static String runName(String nameOrFile, Map<String, String> changes) {
    YamlCursor root = open(nameOrFile);
    if (changes.containsKey(NAME)) {
      root.set(NAME, changes.get(NAME));
    }
    return root.get(NAME).text();
  }

  private static YamlCursor open(String nameOrFile) {
    Path file = Path.of(nameOrFile);
    if (NAMES.contains(nameOrFile) || !Files.isRegularFile(file)) {
      return YamlCursor.parse(text(nameOrFile), nameOrFile + ".yaml");
    }
    try {
      return YamlCursor.parse(Files.readString(file), nameOrFile);
    } catch (IOException e) {
      throw new NetworkException(nameOrFile + ": cannot be read: " + Failures.reason(e));
    }
  }
}
