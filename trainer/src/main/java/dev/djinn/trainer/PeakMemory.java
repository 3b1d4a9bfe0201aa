package dev.djinn.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The most memory that this process has had, Java's and libtorch's. */
final class PeakMemory {
  private PeakMemory() {}

  /** A line with its end; empty where it is not known. */
  static String told() {
    return told(Path.of("/proc/self/status"));
  }

  static String told(Path status) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.matches("VmHWM:\\s+[0-9]+ kB")) {
          return String.format(
              Locale.ROOT,
              "memory     %,d MB, data and Java included%n",
              Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10);
        }
      }
      return "";
    } catch (IOException e) {
      return "";
    }
  }
}
