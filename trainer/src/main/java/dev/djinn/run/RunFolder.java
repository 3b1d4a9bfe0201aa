package dev.djinn.run;

import dev.djinn.files.AtomicFile;
import dev.djinn.files.FileProblem;
import dev.djinn.files.Folders;
import dev.djinn.network.NetworkException;
import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * A run's folder: {@code run.yaml} with every resolved setting, {@code log.csv}, {@code samples/}
 * and {@code checkpoints/}.
 *
 * @param path the folder
 * @param settings what the run computes
 * @param facts what else decides or describes it
 */
public record RunFolder(Path path, Settings settings, Facts facts) {
  private static final String FILE = "run.yaml";
  private static final String LOCK = ".lock";

  /** What a killed run leaves under temporary names, and may be there before a new one. */
  private static final Pattern HALF_MADE = Pattern.compile("\\..*\\.(part|tmp)");

  /**
   * What a run depends on beside its settings.
   *
   * @param data name of the data, as given
   * @param dataOptions how it was found and what was made of it, by option name
   * @param dataChecksum SHA-256 of the data's content
   * @param dataCount number of pictures
   * @param labels names of the classes; empty if the data has none
   * @param threads native threads
   * @param device what it computes on, {@code cpu} or {@code gpu}; empty in older runs
   * @param versions of Djinn, DJL, libtorch and Java
   * @param metrics what is measured at every checkpoint; empty if nothing is
   */
  public record Facts(
      String data,
      Map<String, String> dataOptions,
      String dataChecksum,
      int dataCount,
      List<String> labels,
      int threads,
      Optional<String> device,
      Map<String, String> versions,
      Optional<Metrics> metrics) {
    /** Copies the collections. */
    public Facts {
      labels = List.copyOf(labels);
      versions = new LinkedHashMap<>(versions);
      dataOptions = new LinkedHashMap<>(dataOptions);
    }

    /**
     * How many pictures of how many classes there were, and are now.
     *
     * @param count of other data
     * @param classes of other data
     * @return a clause, such as "3,000 of 10 classes, now 300 of 2"
     */
    public String comparedTo(int count, List<String> classes) {
      if (dataCount == count && labels.equals(classes)) {
        return String.format(Locale.ROOT, "still %,d of %s", count, classes(labels.size()));
      }
      boolean renamed = classes.size() == labels.size() && !labels.equals(classes);
      return String.format(
          Locale.ROOT,
          "%,d of %s, now %,d of %d%s",
          dataCount,
          classes(labels.size()),
          count,
          classes.size(),
          renamed ? " with other names" : "");
    }

    private static String classes(int count) {
      return count + (count == 1 ? " class" : " classes");
    }

    private Facts withMetrics(Optional<Metrics> wish) {
      return new Facts(
          data, dataOptions, dataChecksum, dataCount, labels, threads, device, versions, wish);
    }
  }

  /**
   * A wish for {@code metrics.csv}.
   *
   * @param classifier a name or file that {@code Classifiers.open} takes
   * @param targetFcd end the run once the Fréchet distance is at most this
   */
  public record Metrics(String classifier, OptionalDouble targetFcd) {}

  /** The same run, measured so. */
  public RunFolder withMetrics(Optional<Metrics> wish) {
    return new RunFolder(path, settings, facts.withMetrics(wish));
  }

  /**
   * Refuses a folder that holds anything, since a run replaces and deletes files in its own.
   *
   * @param path a folder for a new run; it need not exist
   * @throws TrainingException if it is not empty
   */
  public static void checkUnused(Path path) {
    if (holdsRun(path)) {
      throw new TrainingException(
          path + " already holds a run; go on with --resume or choose another --out");
    }
    if (!Files.isDirectory(path)) {
      return;
    }
    Optional<String> other;
    try (Stream<Path> list = Files.list(path)) {
      other =
          list.map(file -> file.getFileName().toString())
              .filter(name -> !name.equals(LOCK) && !HALF_MADE.matcher(name).matches())
              .findAny();
    } catch (IOException e) {
      throw new TrainingException("cannot read " + path + ": " + FileProblem.reason(e), e);
    }
    if (other.isPresent()) {
      throw new TrainingException(
          path + " is not empty, it holds " + other.get() + "; choose a new folder as --out");
    }
  }

  public static boolean holdsRun(Path path) {
    return Files.exists(path.resolve(FILE));
  }

  /**
   * Takes the folder for this process and makes it if need be. The system gives it back when the
   * process ends, however it does; the empty file that stays behind means nothing.
   *
   * @return held until it is closed
   * @throws TrainingException if another run has it
   */
  public FileChannel lock() throws IOException {
    Files.createDirectories(path);
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // a run of this process has it
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw new TrainingException(
          path + " is in use by another djinn train; wait for it or choose another --out");
    }
    return channel;
  }

  public void writeDescription() throws IOException {
    AtomicFile.write(path.resolve(FILE), describe(settings, facts));
    Files.createDirectories(path.resolve("samples"));
    Files.createDirectories(path.resolve("checkpoints"));
  }

  /**
   * Writes settings and facts as {@code run.yaml} has them.
   *
   * @param settings the settings
   * @param facts the facts
   * @return YAML
   */
  static String describe(Settings settings, Facts facts) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("contract", 1);
    run.put("data", facts.data());
    run.put("data-options", facts.dataOptions());
    run.put("data-checksum", facts.dataChecksum());
    run.put("data-count", facts.dataCount());
    run.put("labels", facts.labels());
    run.put("threads", facts.threads());
    facts.device().ifPresent(device -> run.put("device", device));
    run.put("versions", facts.versions());
    facts
        .metrics()
        .ifPresent(
            wish -> {
              Map<String, Object> metrics = new LinkedHashMap<>();
              metrics.put("classifier", wish.classifier());
              wish.targetFcd().ifPresent(fcd -> metrics.put("target-fcd", fcd));
              run.put("metrics", metrics);
            });
    Map<String, Object> all = SettingsFile.write(settings);
    all.put("run", run);
    DumpSettings style =
        DumpSettings.builder().setDefaultFlowStyle(FlowStyle.AUTO).setWidth(100).build();
    return new Dump(style).dumpToString(all);
  }

  /**
   * Opens the folder of a run.
   *
   * @param path the folder
   * @return its description
   * @throws TrainingException if there is no run or its {@code run.yaml} is unusable
   */
  public static RunFolder open(Path path) {
    Preset description = preset(path);
    try {
      YamlCursor root = YamlCursor.parse(description.text(), description.source());
      Facts facts = facts(root.get("run"));
      return new RunFolder(path, SettingsFile.read(root, facts.labels().size()), facts);
    } catch (NetworkException e) {
      throw new TrainingException(e.getMessage(), e);
    }
  }

  /**
   * Reads the description of a run as a preset for others.
   *
   * @param path the run's folder
   * @return its {@code run.yaml}
   * @throws TrainingException if there is no run or it cannot be read
   */
  public static Preset preset(Path path) {
    if (!holdsRun(path)) {
      throw new TrainingException(
          path + " holds no run (no " + FILE + "); train one with djinn train");
    }
    Path file = path.resolve(FILE);
    try {
      return new Preset(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new TrainingException("cannot read " + file + ": " + FileProblem.reason(e), e);
    }
  }

  /**
   * Reads the facts of a run from its description.
   *
   * @param run the section {@code run} of a {@code run.yaml}
   * @return the facts
   * @throws NetworkException naming file, line and what is wrong
   */
  static Facts facts(YamlCursor run) {
    return new Facts(
        run.get("data").text(),
        texts(run.get("data-options")),
        run.get("data-checksum").text(),
        (int) run.get("data-count").integer(1, Integer.MAX_VALUE),
        run.get("labels").list().stream().map(YamlCursor::text).toList(),
        (int) run.get("threads").integer(1, 4096),
        run.find("device").map(RunFolder::device),
        texts(run.get("versions")),
        run.find("metrics").map(RunFolder::metrics));
  }

  private static String device(YamlCursor at) {
    if (!at.text().matches("cpu|gpu")) {
      throw at.failure("expected cpu or gpu, got '" + at.text() + "'");
    }
    return at.text();
  }

  private static Metrics metrics(YamlCursor at) {
    return new Metrics(
        at.get("classifier").text(),
        at.find("target-fcd")
            .map(fcd -> OptionalDouble.of(fcd.real(0, 1e9)))
            .orElse(OptionalDouble.empty()));
  }

  private static Map<String, String> texts(YamlCursor mapping) {
    Map<String, String> texts = new LinkedHashMap<>();
    mapping.keys().forEach(key -> texts.put(key, mapping.get(key).text()));
    return texts;
  }

  /**
   * The finished checkpoints.
   *
   * @return steps in ascending order
   */
  public List<Long> checkpoints() {
    Path folder = path.resolve("checkpoints");
    List<Long> steps = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> list = Files.list(folder)) {
        list.map(p -> p.getFileName().toString())
            .filter(name -> name.matches("[0-9]{6,18}"))
            .forEach(name -> steps.add(Long.parseLong(name)));
      } catch (IOException e) {
        throw new TrainingException("cannot read " + folder + ": " + FileProblem.reason(e), e);
      }
    }
    steps.sort(null);
    return steps;
  }

  /**
   * Where the checkpoint of a step stands.
   *
   * @param step finished steps
   * @return a folder that may not exist
   */
  public Path checkpointFolder(long step) {
    return path.resolve("checkpoints").resolve(String.format(Locale.ROOT, "%06d", step));
  }

  /**
   * Opens the checkpoint of a step.
   *
   * @param step finished steps
   * @return the checkpoint
   * @throws TrainingException if there is none or it is corrupted
   */
  public Checkpoint checkpoint(long step) {
    List<Long> steps = checkpoints();
    if (!steps.contains(step)) {
      throw new TrainingException(
          path + " has no checkpoint of step " + step + ", only of " + steps);
    }
    return Checkpoint.open(checkpointFolder(step));
  }

  /**
   * Opens the last checkpoint.
   *
   * @return the checkpoint, empty if there is none yet
   * @throws TrainingException if it is corrupted
   */
  public Optional<Checkpoint> lastCheckpoint() {
    List<Long> steps = checkpoints();
    return steps.isEmpty()
        ? Optional.empty()
        : Optional.of(checkpoint(steps.get(steps.size() - 1)));
  }

  /**
   * Deletes what a killed run has left half-written under temporary names, in the folders that runs
   * write to and nowhere else.
   */
  public void sweep() throws IOException {
    List<Path> folders =
        new ArrayList<>(List.of(path, path.resolve("checkpoints"), path.resolve("samples")));
    Path manifold = path.resolve("manifold");
    folders.add(manifold);
    folders.addAll(list(manifold).stream().filter(Files::isDirectory).toList());
    for (Path folder : folders) {
      for (Path file : list(folder)) {
        if (HALF_MADE.matcher(file.getFileName().toString()).matches()) {
          Folders.delete(file);
        }
      }
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(folder)) {
      return list.toList();
    }
  }

  /** Removes all but the newest checkpoints, as many as the settings keep, and the best one. */
  public void prune(Optional<Long> best) throws IOException {
    List<Long> steps = checkpoints();
    int keep = settings.recording().keepCheckpoints();
    for (int i = 0; keep > 0 && i < steps.size() - keep; i++) {
      if (!best.equals(Optional.of(steps.get(i)))) {
        Folders.remove(checkpointFolder(steps.get(i)));
      }
    }
  }
}
