package dev.djinn.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a run starts from instead of from nothing: both networks of another run's last checkpoint. A
 * model may carry them in a folder {@code start}, which is such a run without its optimisers.
 *
 * @param folder the run's folder
 * @param checkpoint its last
 */
public record Origin(Path folder, Checkpoint checkpoint) {
  private static final String START = "start";

  /**
   * Finds a run or a model.
   *
   * @param name a run's folder, a model's folder, or the name of a model in {@code DJINN_MODELS};
   *     if that is not set, in {@code models} or among those that Djinn came with
   * @return the run, checked
   * @throws TrainingException if it is neither, has no checkpoint or lacks a discriminator
   */
  public static Origin open(String name) {
    Path path = Path.of(name);
    if (!Files.exists(path)) {
      path = named(name);
    }
    if (!RunFolder.holdsRun(path) && RunFolder.holdsRun(path.resolve(START))) {
      path = path.resolve(START);
    }
    if (!RunFolder.holdsRun(path)) {
      throw new TrainingException(
          holdsModel(path)
              ? path
                  + " holds a generator alone, and a start needs its discriminator; give the run that"
                  + " it was exported from, or a model with a folder "
                  + START
                  + " (scripts/keep-start makes one)"
              : name + " is neither a run nor a model; give a folder that djinn train has made");
    }
    Optional<Checkpoint> last = RunFolder.open(path).lastCheckpoint();
    if (last.isEmpty()) {
      throw new TrainingException(path + " has no checkpoint to start from");
    }
    if (!last.get().has(Checkpoint.DISCRIMINATOR)) {
      throw new TrainingException(last.get().folder() + " has no discriminator to start from");
    }
    return new Origin(path, last.get());
  }

  /** Looks where the other commands look for models by name, too. */
  private static Path named(String name) {
    String chosen = System.getenv("DJINN_MODELS");
    if (chosen != null && !chosen.isEmpty()) {
      return Path.of(chosen).resolve(name);
    }
    Path here = Path.of("models").resolve(name);
    String home = System.getenv("DJINN_HOME");
    return Files.exists(here) || home == null || home.isEmpty()
        ? here
        : Path.of(home, "models").resolve(name);
  }

  private static boolean holdsModel(Path path) {
    if (path.toString().endsWith(".onnx")) {
      return Files.isRegularFile(path);
    }
    try (Stream<Path> files = Files.walk(path, 2)) {
      return files.anyMatch(file -> file.endsWith("model.onnx"));
    } catch (IOException e) {
      return false;
    }
  }
}
