package dev.djinn.run;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How far a run is that is being trained now, as its process writes it down about once a second. A
 * run that has ended has none; one that was killed has left its last.
 *
 * @param pid of the process that trains
 * @param host where it does
 * @param step finished steps
 * @param last steps at the end
 * @param imagesPerSecond real pictures a second
 * @param secondsLeft as far as can be told
 * @param memory resident, in bytes, 0 where the system does not say
 * @param written when this was so
 */
public record RunStatus(
    long pid,
    String host,
    long step,
    long last,
    double imagesPerSecond,
    double secondsLeft,
    long memory,
    Instant written) {
  private static final String FILE = ".status";
  private static final String HOST = hostName();
  private static final Path MEMORY = Path.of("/proc/self/statm");
  private static final long PAGE = 4096;

  /** A process that started so much later than this was written has only the same number. */
  private static final long SECONDS_APART = 2;

  /**
   * How this process stands now.
   *
   * @param step finished steps
   * @param last steps at the end
   * @param imagesPerSecond real pictures a second
   * @param secondsLeft as far as can be told
   * @return that, with its own number, host and memory
   */
  public static RunStatus now(long step, long last, double imagesPerSecond, double secondsLeft) {
    return new RunStatus(
        ProcessHandle.current().pid(),
        HOST,
        step,
        last,
        imagesPerSecond,
        secondsLeft,
        resident(),
        Instant.now());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  private static long resident() {
    try {
      return Long.parseLong(Files.readString(MEMORY).split(" ", -1)[1]) * PAGE;
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return 0;
    }
  }

  /**
   * Whether the process that wrote this still trains. Of another machine's nothing is known but how
   * long ago it was.
   *
   * @param seconds after which silence from another machine means that it has ended
   * @return true if it does, as far as can be told
   */
  public boolean alive(long seconds) {
    if (!host.equals(HOST)) {
      return written.plusSeconds(seconds).isAfter(Instant.now());
    }
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(
            process ->
                process
                    .info()
                    .startInstant()
                    .map(start -> start.isBefore(written.plusSeconds(SECONDS_APART)))
                    .orElse(true))
        .isPresent();
  }

  /**
   * Writes this into a run's folder. Not forced to disk: it is worth nothing a second later.
   *
   * @param run the folder
   * @throws IOException if it cannot be written
   */
  public void write(Path run) throws IOException {
    String text =
        String.format(
            Locale.ROOT,
            "pid=%d%nhost=%s%nstep=%d%nlast=%d%nimages_per_second=%.1f%nseconds_left=%.1f%nmemory=%d%nwritten=%d%n",
            pid,
            host,
            step,
            last,
            imagesPerSecond,
            secondsLeft,
            memory,
            written.toEpochMilli());
    Path part = run.resolve(FILE + ".part");
    Files.writeString(part, text);
    Files.move(part, run.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Removes it, as the end of a run does.
   *
   * @param run the folder
   * @throws IOException if it cannot be removed
   */
  public static void remove(Path run) throws IOException {
    Files.deleteIfExists(run.resolve(FILE));
  }

  /**
   * Reads what a run has written.
   *
   * @param run the folder
   * @return empty if there is none or it is not whole
   */
  public static Optional<RunStatus> read(Path run) {
    try {
      List<String> lines = Files.readAllLines(run.resolve(FILE), StandardCharsets.UTF_8);
      Map<String, String> values =
          lines.stream()
              .map(line -> line.split("=", 2))
              .filter(parts -> parts.length == 2)
              .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (one, two) -> two));
      return Optional.of(
          new RunStatus(
              Long.parseLong(values.getOrDefault("pid", "")),
              values.getOrDefault("host", ""),
              Long.parseLong(values.getOrDefault("step", "")),
              Long.parseLong(values.getOrDefault("last", "")),
              Double.parseDouble(values.getOrDefault("images_per_second", "")),
              Double.parseDouble(values.getOrDefault("seconds_left", "")),
              Long.parseLong(values.getOrDefault("memory", "")),
              Instant.ofEpochMilli(Long.parseLong(values.getOrDefault("written", "")))));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
