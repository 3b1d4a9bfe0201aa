package dev.djinn.exporter;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.djinn.data.DataException;
import dev.djinn.evaluation.Copies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A run's generator to be written.
 *
 * <pre>{@code
 * RunExport.of(Path.of("runs/quick"))
 *     .to(new RunExport.Repository(Path.of("models"), Optional.of("digits")))
 *     .write();
 * }</pre>
 *
 * @param run the run's folder
 * @param checkpoint the checkpoint of that step; the last one if empty
 * @param place where the file goes
 * @param options how to write it
 * @param judged what is known of the pictures, and what is asked of them
 * @param licence of what it learnt from, in one line, for the file and its card; if empty, that of
 *     a data set that Djinn knows
 */
public record RunExport(
    Path run,
    OptionalLong checkpoint,
    Place place,
    ExportOptions options,
    Judged judged,
    Optional<String> licence) {
  private static final int LONGEST_LICENCE = 300;

  /** Checks the licence. */
  public RunExport {
    licence.ifPresent(RunExport::checkLicence);
  }

  private static void checkLicence(String text) {
    if (text.isBlank()
        || text.length() > LONGEST_LICENCE
        || text.codePoints().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "--licence must be one line of 1 to %d characters, got %d"
              .formatted(LONGEST_LICENCE, text.length()));
    }
  }

  /**
   * What is known of the pictures that the generator draws, and what is asked of them.
   *
   * @param quality what {@code djinn evaluate --json} said of the run, for the file and its card
   * @param search whether to look for copies of training pictures where the quality does not say
   *     how many there are
   * @param maxCopies the greatest share of pictures, 0 to 1, that may lie nearer to a training
   *     picture than real ones do; looked for in any case
   */
  public record Judged(Optional<Path> quality, Search search, OptionalDouble maxCopies) {
    /** Checks the share. */
    public Judged {
      if (maxCopies.isPresent()
          && !(maxCopies.getAsDouble() >= 0 && maxCopies.getAsDouble() <= 1)) {
        throw new IllegalArgumentException(
            "--max-copies must be from 0 to 1, got " + maxCopies.getAsDouble());
      }
    }

    /** {@return nothing known, nothing asked, copies not looked for} */
    public static Judged unknown() {
      return new Judged(Optional.empty(), Search.NONE, OptionalDouble.empty());
    }

    private boolean looksForCopies() {
      return search == Search.COPIES || maxCopies.isPresent();
    }
  }

  /** What is looked for before a file is written. */
  public enum Search {
    /** Copies of training pictures, if those can be read; it takes some seconds. */
    COPIES,
    /** Nothing. */
    NONE
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
   * The usual export of a run's last checkpoint, as {@code djinn export RUN -o RUN/export} makes it
   * but that copies of training pictures are not looked for.
   *
   * @param run the run's folder
   * @return into {@code export} in the run's folder, with {@link ExportOptions#defaults()}
   */
  public static RunExport of(Path run) {
    return new RunExport(
        run,
        OptionalLong.empty(),
        new Folder(run.resolve("export")),
        ExportOptions.defaults(),
        Judged.unknown(),
        Optional.empty());
  }

  /**
   * Returns this to another place.
   *
   * @param other a {@link Folder} or a {@link Repository}
   */
  public RunExport to(Place other) {
    return new RunExport(run, checkpoint, other, options, judged, licence);
  }

  /**
   * Returns this written otherwise.
   *
   * @param other target, rewrites and precision
   */
  public RunExport with(ExportOptions other) {
    return new RunExport(run, checkpoint, place, other, judged, licence);
  }

  /**
   * Returns this with what is known of the pictures, or asked of them.
   *
   * @param other quality and copies
   */
  public RunExport with(Judged other) {
    return new RunExport(run, checkpoint, place, options, other, licence);
  }

  /**
   * Writes the file, telling nobody what was found of copies.
   *
   * @return as {@link #write(Consumer)}
   */
  public ExportResult write() {
    return write(line -> {});
  }

  /**
   * Writes the file.
   *
   * @param log takes a line on copies of training pictures, or why they were not looked for
   * @return the file in its place, and its proof
   * @throws IllegalArgumentException if the run is no folder, or the name not one of a model
   * @throws ExportException if there is no checkpoint, the generator repeats more of its data than
   *     it may, the file is not the network, does not fit where it goes, or cannot be written
   * @throws dev.djinn.run.TrainingException if the run is unusable
   */
  public ExportResult write(Consumer<String> log) {
    Generator read = TrainedRun.generator(run, checkpoint);
    Generator trained = licence.map(read::withDataLicence).orElse(read);
    Map<String, Double> figures = new LinkedHashMap<>(figures());
    if (judged.looksForCopies()) {
      figures.putAll(copies(figures, log));
    }
    if (judged.maxCopies.isPresent()) {
      RunCopies.check(run, figures, judged.maxCopies.getAsDouble());
    }
    Generator generator = trained.withQuality(figures);
    if (place instanceof Repository repository) {
      String name = repository.name.orElse((String) generator.provenance().get("preset"));
      return new RepositoryExport(repository.folder).add(name, generator, options, losses());
    }
    return OnnxExporter.export(generator, options, ((Folder) place).folder);
  }

  private Map<String, Double> copies(Map<String, Double> known, Consumer<String> log) {
    if (known.containsKey("copies")) {
      return Map.of();
    }
    try {
      Map<String, Double> found = RunCopies.measure(run, checkpoint);
      log.accept("copies: " + Copies.told(found));
      return found;
    } catch (DataException e) {
      if (judged.maxCopies.isPresent()) {
        throw new ExportException(
            "%s: copies cannot be looked for, as --max-copies needs: %s"
                .formatted(run, e.getMessage()),
            e);
      }
      log.accept("copies: not looked for: " + e.getMessage());
      return Map.of();
    }
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
