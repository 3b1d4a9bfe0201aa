package dev.djinn.exporter;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A run's generator to be written.
 *
 * <pre>{@code
 * new RunExport(
 *         Path.of("runs/quick"),
 *         OptionalLong.empty(),
 *         new RunExport.Repository(Path.of("models"), Optional.of("digits")),
 *         ExportOptions.defaults(),
 *         RunExport.Judged.unknown())
 *     .write();
 * }</pre>
 *
 * @param run the run's folder
 * @param checkpoint the checkpoint of that step; the last one if empty
 * @param place where the file goes
 * @param options how to write it
 * @param judged what is known of the pictures, and what is asked of them
 */
public record RunExport(
    Path run, OptionalLong checkpoint, Place place, ExportOptions options, Judged judged) {
  /**
   * What is known of the pictures that the generator draws, and what is asked of them.
   *
   * @param quality what {@code djinn evaluate --json} said of the run, for the file and its card
   * @param maxCopies the greatest share of pictures, 0 to 1, that may lie nearer to a training
   *     picture than any two of those to each other; measured where the quality does not say it
   */
  public record Judged(Optional<Path> quality, OptionalDouble maxCopies) {
    /** Checks the share. */
    public Judged {
      if (maxCopies.isPresent()
          && !(maxCopies.getAsDouble() >= 0 && maxCopies.getAsDouble() <= 1)) {
        throw new IllegalArgumentException(
            "--max-copies must be from 0 to 1, got " + maxCopies.getAsDouble());
      }
    }

    /** {@return nothing known, nothing asked} */
    public static Judged unknown() {
      return new Judged(Optional.empty(), OptionalDouble.empty());
    }
  }

  /** Where the file goes. */
  public sealed interface Place {}

  /**
   * A folder for {@code model.onnx} and its proof.
   *
   * @param folder made if it is not there
   */
  public record Folder(Path folder) implements Place {}

  /**
   * A model repository, to which the next version of a model is added.
   *
   * @param folder made if it is not there
   * @param name the model's; the preset's if empty
   */
  public record Repository(Path folder, Optional<String> name) implements Place {}

  /**
   * Writes the file.
   *
   * @return the file in its place, and its proof
   * @throws IllegalArgumentException if the run is no folder, or the name not one of a model
   * @throws ExportException if there is no checkpoint, the generator repeats more of its data than
   *     it may, the file is not the network, does not fit where it goes, or cannot be written
   * @throws dev.djinn.run.TrainingException if the run is unusable
   */
  public ExportResult write() {
    Generator trained = TrainedRun.generator(run, checkpoint);
    Map<String, Double> figures = new LinkedHashMap<>(figures());
    if (judged.maxCopies.isPresent()) {
      if (!figures.containsKey("copies")) {
        figures.putAll(RunCopies.measure(run, checkpoint));
      }
      RunCopies.check(run, figures, judged.maxCopies.getAsDouble());
    }
    Generator generator = trained.withQuality(figures);
    if (place instanceof Repository repository) {
      String name = repository.name.orElse((String) generator.provenance().get("preset"));
      return new RepositoryExport(repository.folder).add(name, generator, options, losses());
    }
    return OnnxExporter.export(generator, options, ((Folder) place).folder);
  }

  /** The run's plot; a run that was killed before its end may not have one. */
  private Path losses() {
    Path plot = run.resolve("losses.png");
    return Files.isRegularFile(plot) ? plot : null;
  }

  /** The numbers of the evaluation; its paths stay on this machine. */
  private Map<String, Double> figures() {
    Optional<Path> quality = judged.quality;
    if (quality.isEmpty()) {
      return Map.of();
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    try {
      JsonParser.parseString(Files.readString(quality.get()))
          .getAsJsonObject()
          .asMap()
          .forEach(
              (name, value) -> {
                if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
                  figures.put(name, value.getAsDouble());
                }
              });
    } catch (IOException | JsonParseException | IllegalStateException e) {
      throw new ExportException(
          "cannot use " + quality.get() + " as the JSON of djinn evaluate: " + e.getMessage(), e);
    }
    return figures;
  }
}
