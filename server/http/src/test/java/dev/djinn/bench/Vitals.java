package dev.djinn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process uses.
 *
 * @param megabytes resident
 * @param descriptors open
 * @param threads running
 */
record Vitals(double megabytes, long descriptors, long threads) {

  static Vitals of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    long kilobytes = 0;
    long threads = 0;
    for (String line : Files.readAllLines(process.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        kilobytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
      } else if (line.startsWith("Threads:")) {
        threads = Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      return new Vitals(kilobytes * 1024 / 1e6, descriptors.count(), threads);
    }
  }
}
