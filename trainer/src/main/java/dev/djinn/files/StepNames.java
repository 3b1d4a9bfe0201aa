package dev.djinn.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Files and folders that are named after a step, in six digits or more. */
public final class StepNames {
  private StepNames() {}

  /** {@return the name of a step, without an ending} */
  public static String of(long step) {
    return String.format(Locale.ROOT, "%06d", step);
  }

  /**
   * The steps that something in a folder is named after.
   *
   * @param folder nothing is in one that does not exist
   * @param ending of the names, as {@code .png}; empty for folders
   * @return ascending
   * @throws IOException if the folder cannot be read
   */
  public static List<Long> in(Path folder, String ending) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .map(name -> name.substring(0, name.length() - ending.length()))
          .filter(step -> step.matches("[0-9]{6,18}"))
          .map(Long::valueOf)
          .sorted()
          .toList();
    }
  }
}
