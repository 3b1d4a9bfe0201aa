package dev.djinn.run;

import dev.djinn.files.FileProblem;
import dev.djinn.names.Names;
import dev.djinn.network.NetworkException;
import dev.djinn.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The networks that come with Djinn, and users' own network files. */
public final class Presets {
  private static final List<String> NAMES =
      List.of(
          "quick",
          "gan",
          "upsampling-gan",
          "dcgan",
          "cgan",
          "cgan-as-written",
          "manifold-cgan",
          "modern");

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
          Names.unknown("preset", name, NAMES) + "; or give a network file");
    }
    try (InputStream in =
        Presets.class.getResourceAsStream("/dev/djinn/presets/" + name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Resolves a preset or a file into settings: {@link #open} and {@link Preset#settings} in one.
   *
   * @param nameOrFile a preset's name, or the path of a network file or {@code run.yaml}
   * @param changes values to set first, by dotted key
   * @param classes number of label classes of the data, 0 if it has none
   * @return the settings
   * @throws IllegalArgumentException if there is no such preset or file
   * @throws NetworkException if the file or a change is wrong, naming where
   */
  public static Settings settings(String nameOrFile, Map<String, String> changes, int classes) {
    return open(nameOrFile).settings(changes, classes);
  }

  /**
   * Reads a preset or a file, once.
   *
   * @param nameOrFile a preset's name, or the path of a network file or {@code run.yaml}
   * @return its text, to be asked for settings and more
   * @throws IllegalArgumentException if there is no such preset or file
   * @throws NetworkException if the file cannot be read or is not YAML, naming where
   */
  public static Preset open(String nameOrFile) {
    Path file = Path.of(nameOrFile);
    if (NAMES.contains(nameOrFile) || !Files.isRegularFile(file)) {
      return new Preset(nameOrFile + ".yaml", text(nameOrFile));
    }
    try {
      return new Preset(nameOrFile, Files.readString(file));
    } catch (IOException e) {
      throw new NetworkException(nameOrFile + ": cannot be read: " + FileProblem.reason(e));
    }
  }
}
