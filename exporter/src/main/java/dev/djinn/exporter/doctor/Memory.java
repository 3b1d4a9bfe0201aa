package dev.djinn.exporter.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Memory of the machine, and what a container leaves of it.
 *
 * @param total bytes of the machine, 0 where not known
 * @param available bytes that programs could have now
 * @param limit bytes that the container may use
 * @param processors that the container may use, empty for all
 */
record Memory(long total, long available, OptionalLong limit, String processors) {
  /** Limits of version 1 are numbers like this where there is none. */
  private static final long NO_LIMIT = 1L << 60;

  static Memory of(Path proc, Path cgroup) {
    long total = 0;
    long available = 0;
    for (String line : lines(proc.resolve("meminfo"))) {
      String[] words = line.split("\\s+", -1);
      if (line.startsWith("MemTotal:")) {
        total = Long.parseLong(words[1]) << 10;
      } else if (line.startsWith("MemAvailable:")) {
        available = Long.parseLong(words[1]) << 10;
      }
    }
    return new Memory(total, available, limit(cgroup), processors(cgroup));
  }

  private static OptionalLong limit(Path cgroup) {
    for (String file : new String[] {"memory.max", "memory/memory.limit_in_bytes"}) {
      for (String line : lines(cgroup.resolve(file))) {
        if (line.matches("[0-9]{1,18}") && Long.parseLong(line) < NO_LIMIT) {
          return OptionalLong.of(Long.parseLong(line));
        }
      }
    }
    return OptionalLong.empty();
  }

  private static String processors(Path cgroup) {
    List<String> words = new ArrayList<>();
    for (String line : lines(cgroup.resolve("cpu.max"))) {
      words.addAll(List.of(line.split(" ", -1)));
    }
    for (String file : new String[] {"cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"}) {
      words.addAll(lines(cgroup.resolve(file)));
    }
    return words.size() >= 2 && words.get(0).matches("[0-9]+")
        ? String.format(
            Locale.ROOT,
            "%.1f",
            Double.parseDouble(words.get(0)) / Double.parseDouble(words.get(1)))
        : "";
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  String told() {
    String heap = Places.bytes(Runtime.getRuntime().maxMemory()) + " for Java's heap at most";
    return total == 0
        ? heap
        : "%s, %s of it free; %s".formatted(Places.bytes(total), Places.bytes(available), heap);
  }

  String limits() {
    List<String> told = new ArrayList<>();
    limit.ifPresent(bytes -> told.add(Places.bytes(bytes) + " of memory"));
    if (!processors.isEmpty()) {
      told.add(processors + " processors");
    }
    return told.isEmpty() ? "no limits" : "limited to " + String.join(" and ", told);
  }
}
