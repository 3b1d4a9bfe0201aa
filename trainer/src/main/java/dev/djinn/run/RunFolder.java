package dev.djinn.run;

import dev.djinn.files.AtomicFile;
import dev.djinn.files.FileProblem;
import dev.djinn.files.Folders;
import dev.djinn.files.StepNames;
import dev.djinn.network.NetworkException;
import dev.djinn.network.YamlCursor;
import dev.djinn.network.YamlOutput;
import dev.djinn.settings.Settings;
import dev.djinn.settings.SettingsFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run's folder: {@code run.yaml} with every resolved setting, {@code log.csv}, {@code samples/}
 * and {@code checkpoints/}.
 *
 * @param path the folder
 * @param settings what the run computes
 * @param facts what else decides or describes it
 */
public record RunFolder(Path path, Settings settings, RunFacts facts) {
  private static final String FILE = "run.yaml";
  private static final String LOCK = ".lock";

  /** What a killed run leaves under temporary names, and may be there before a new one. */
  private static final Pattern HALF_MADE = Pattern.compile("\\..*\\.(part|tmp)");

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

  /**
   * What the run is called: its folder's name, since many runs are of one preset.
   *
   * @return the name, as titles have it
   */
  public String name() {
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? settings.name() : last.toString();
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
    AtomicFile.write(path.resolve(FILE), describe());
    Files.createDirectories(path.resolve("samples"));
    Files.createDirectories(path.resolve("checkpoints"));
  }

  /** Settings and facts as {@code run.yaml} has them. */
  String describe() {
    Map<String, Object> all = SettingsFile.write(settings);
    all.put("run", facts.write());
    return YamlOutput.file(all);
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
      RunFacts facts = RunFacts.read(root.get("run"));
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
   * The finished checkpoints.
   *
   * @return steps in ascending order
   */
  public List<Long> checkpoints() {
    Path folder = path.resolve("checkpoints");
    try {
      return StepNames.in(folder, "");
    } catch (IOException e) {
      throw new TrainingException("cannot read " + folder + ": " + FileProblem.reason(e), e);
    }
  }

  /**
   * Where the checkpoint of a step stands.
   *
   * @param step finished steps
   * @return a folder that may not exist
   */
  public Path checkpointFolder(long step) {
    return path.resolve("checkpoints").resolve(StepNames.of(step));
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
      Folders.sweep(folder, name -> HALF_MADE.matcher(name).matches());
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
