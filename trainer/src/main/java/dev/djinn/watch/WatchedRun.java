package dev.djinn.watch;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.djinn.files.StepNames;
import dev.djinn.run.RunStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What one run folder holds, finished or not, and how that changes. */
final class WatchedRun {
  /** After so long without a word, a run on another machine, or of an older Djinn, has ended. */
  private static final long SILENT_SECONDS = 60;

  private static final int MOST_LINES = 100;

  /** What decides whether the slow parts are to be sent again. */
  private static final List<String> SLOW =
      List.of(
          "run.yaml",
          "warnings.txt",
          "metrics.csv",
          "quality.json",
          "quality.html",
          "report.html",
          "checkpoints");

  private final Path path;
  private final LogSeries log;
  private RunDescription described;
  private Optional<Instant> describedAt = Optional.empty();

  WatchedRun(Path path) {
    this.path = path;
    this.log = new LogSeries(path.resolve("log.csv"));
  }

  Path path() {
    return path;
  }

  /** What {@code run.yaml} says, read again only when it has changed. */
  private synchronized RunDescription description() {
    Optional<Instant> now = modified(path.resolve("run.yaml"));
    if (described == null || !now.equals(describedAt)) {
      described = RunDescription.read(path);
      describedAt = now;
    }
    return described;
  }

  /** What a page already has of a run. */
  record Known(int generation, int stretches, int sheets, long lastSheet, String stamp) {}

  /** Whether the run is being trained now. */
  boolean running() throws IOException {
    return state(description().last()).equals("running");
  }

  /** One of: running, finished, stopped, killed, unreadable, begun. */
  private String state(long last) throws IOException {
    Optional<RunStatus> status = RunStatus.read(path);
    if (status.isPresent()) {
      return status.get().alive(SILENT_SECONDS) ? "running" : "killed";
    }
    long step = (long) log.newest("step", 0);
    if (last > 0 && step >= last) {
      return "finished";
    }
    return "stopped";
  }

  /** A line of the list of runs. */
  JsonObject summary() throws IOException {
    log.update();
    RunDescription description = description();
    JsonObject object = new JsonObject();
    object.addProperty("preset", description.preset());
    object.addProperty("data", description.data());
    progress(object, description);
    object.addProperty("changed", changed());
    return object;
  }

  private long changed() {
    return Stream.of("log.csv", "run.yaml")
        .map(path::resolve)
        .map(WatchedRun::modified)
        .filter(Optional::isPresent)
        .mapToLong(time -> time.get().toEpochMilli())
        .max()
        .orElse(0);
  }

  private void progress(JsonObject object, RunDescription description) throws IOException {
    String state = description.problem().isEmpty() ? state(description.last()) : "unreadable";
    double step = log.newest("step", 0);
    double rate = log.newest("images_per_second", 0);
    Optional<RunStatus> status = RunStatus.read(path);
    if (status.isPresent()) {
      step = Math.max(step, (double) status.get().step());
      rate = status.get().imagesPerSecond();
    }
    object.addProperty("state", state);
    object.addProperty("step", (long) step);
    object.addProperty("last", status.map(RunStatus::last).orElse(description.last()));
    object.addProperty("seconds", log.newest("seconds", 0));
    object.addProperty("rate", rate);
    if (state.equals("running") && status.isPresent()) {
      object.addProperty("left", status.get().secondsLeft());
      object.addProperty("memory", status.get().memory());
    }
  }

  /** All that has changed since a page asked last. */
  JsonObject since(Known known) throws IOException {
    log.update();
    RunDescription description = description();
    JsonObject object = new JsonObject();
    progress(object, description);
    object.add("log", log.since(known.generation(), known.stretches()));
    object.add("sheets", sheetsSince(known));
    String stamp = stamp();
    if (!stamp.equals(known.stamp())) {
      object.addProperty("stamp", stamp);
      object.add("about", description.json());
      object.add("warnings", lines("warnings.txt", line -> true));
      object.add("metrics", lines("metrics.csv", line -> line.indexOf(',') > 0));
      object.add("checkpoints", names("checkpoints", "[0-9]{6,18}"));
      object.add("manifolds", names("", "manifold(-[^/\\\\]+)?\\.png"));
      object.add("nearest", nearest());
      for (String page : List.of("report.html", "quality.html", "quality.json")) {
        object.addProperty(page, Files.isRegularFile(path.resolve(page)));
      }
    }
    return object;
  }

  private JsonObject sheetsSince(Known known) throws IOException {
    long[] steps = sheets();
    int has = known.sheets();
    boolean goesOn = has > 0 && has <= steps.length && steps[has - 1] == known.lastSheet();
    JsonObject object = new JsonObject();
    object.addProperty("from", goesOn ? has : 0);
    JsonArray all = new JsonArray();
    Arrays.stream(steps, goesOn ? has : 0, steps.length).forEach(all::add);
    object.add("steps", all);
    return object;
  }

  /** The steps of the sample sheets, ascending. */
  long[] sheets() throws IOException {
    return StepNames.in(path.resolve("samples"), ".png").stream()
        .mapToLong(Long::longValue)
        .toArray();
  }

  private String stamp() throws IOException {
    StringBuilder stamp = new StringBuilder();
    for (String name : SLOW) {
      stamp.append(modified(path.resolve(name)).map(Instant::toEpochMilli).orElse(0L)).append('.');
    }
    return Integer.toHexString(stamp.toString().hashCode());
  }

  private static Optional<Instant> modified(Path file) {
    try {
      return Optional.of(
          Files.readAttributes(file, BasicFileAttributes.class).lastModifiedTime().toInstant());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The whole lines of a small file; one that is half-written ends without a line break. */
  private JsonArray lines(String name, Predicate<String> wanted) throws IOException {
    JsonArray lines = new JsonArray();
    Path file = path.resolve(name);
    if (Files.isRegularFile(file)) {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n');
      List<String> all = end < 0 ? List.of() : text.substring(0, end).lines().toList();
      int from = name.endsWith(".csv") ? 0 : Math.max(0, all.size() - MOST_LINES);
      all.stream().skip(from).filter(wanted).forEach(lines::add);
    }
    return lines;
  }

  private JsonArray names(String folder, String form) throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.isDirectory(path.resolve(folder))) {
      try (Stream<Path> files = Files.list(path.resolve(folder))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.matches(form))
            .sorted()
            .forEach(names::add);
      }
    }
    JsonArray array = new JsonArray();
    names.forEach(array::add);
    return array;
  }

  private JsonArray nearest() throws IOException {
    JsonArray all = new JsonArray();
    for (String page : List.of("report.html", "quality.html")) {
      List<EmbeddedPictures.Picture> pictures = EmbeddedPictures.of(path.resolve(page));
      for (int i = 0; i < pictures.size(); i++) {
        JsonObject one = new JsonObject();
        one.addProperty("page", page);
        one.addProperty("index", i);
        one.addProperty("caption", pictures.get(i).caption());
        all.add(one);
      }
    }
    return all;
  }
}
