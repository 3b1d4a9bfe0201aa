package dev.djinn.exporter.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where things lie, and how much room they have. */
final class Places {
  private Places() {}

  /** The folder that a library of this process was loaded from. */
  static String library(String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.contains("/" + name))
          .map(line -> Path.of(line.substring(line.indexOf('/'))).getParent().toString())
          .findFirst()
          .orElse("an unknown place");
    } catch (IOException | UncheckedIOException e) {
      return "a place that only Linux tells";
    }
  }

  /** Folders that Djinn writes to, with their sizes and the room beside them. */
  static Map<String, String> told() {
    Map<String, String> told = new LinkedHashMap<>();
    Path here = Path.of("").toAbsolutePath();
    told.put("disk", here + ": " + room(here));
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    told.put("temporary", temporary + ": " + room(temporary));
    String home = System.getProperty("user.home", "");
    told.put("cache", cache(setting("DJL_CACHE_DIR").orElse(home + "/.djl.ai")));
    told.put(
        "",
        cache(
            setting("DJINN_CACHE")
                .or(() -> setting("XDG_CACHE_HOME").map(parent -> parent + "/djinn"))
                .orElse(home + "/.cache/djinn")));
    return told;
  }

  private static Optional<String> setting(String name) {
    return Optional.ofNullable(System.getenv(name))
        .filter(value -> !value.isEmpty())
        .or(() -> Optional.ofNullable(System.getProperty(name)));
  }

  private static String cache(String folder) {
    Path path = Path.of(folder);
    return Files.isDirectory(path) ? folder + ": " + bytes(size(path)) : folder + ": not there yet";
  }

  private static String room(Path folder) {
    try {
      return bytes(Files.getFileStore(folder).getUsableSpace())
          + " free"
          + (Files.isWritable(folder) ? "" : ", but not to be written to");
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }

  private static long size(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  /** A number of bytes in words. */
  static String bytes(long count) {
    return count >= 1L << 30
        ? String.format(Locale.ROOT, "%.1f GB", count / (double) (1L << 30))
        : String.format(Locale.ROOT, "%,d MB", count >> 20);
  }
}
