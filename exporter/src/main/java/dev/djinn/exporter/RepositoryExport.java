package dev.djinn.exporter;

import dev.djinn.files.FileProblem;
import dev.djinn.files.Folders;
import dev.djinn.files.Sha256;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A folder of models that {@code djinn serve} and Triton both read: {@code
 * NAME/VERSION/model.onnx}, each with its SHA-256, and with {@code config.pbtxt}, {@code
 * labels.txt}, a model card and sample pictures beside the versions. Versions add up and are never
 * overwritten.
 */
public final class RepositoryExport {
  private static final int SAMPLES = 64;
  private static final int COLUMNS = 8;
  private static final long SEED = 42;

  /** How the folders start in which exports are made. */
  private static final String STAGING = ".export-";

  private final Path folder;

  /** Takes the repository's folder, which is made when something is added. */
  public RepositoryExport(Path folder) {
    this.folder = folder;
  }

  /**
   * Exports a generator as the next version of a model.
   *
   * @param name the model's: letters, digits, dots, hyphens and underscores
   * @param generator what to write
   * @param options how
   * @return the file in its place
   * @throws IllegalArgumentException if the name is not such a name
   * @throws ExportException if the file is not the network, does not fit the model's other
   *     versions, or the folder cannot be written; then there is no new version, unless the message
   *     says that only what is beside it could not be replaced
   */
  public ExportResult add(String name, Generator generator, ExportOptions options) {
    return add(name, generator, options, null);
  }

  /**
   * Exports a generator as the next version of a model, with a picture of how its training went.
   *
   * @param name the model's: letters, digits, dots, hyphens and underscores
   * @param generator what to write
   * @param options how
   * @param losses a PNG, such as the {@code losses.png} of a run; null for none
   * @return the file in its place
   * @throws IllegalArgumentException if the name is not such a name
   * @throws ExportException if the file is not the network, does not fit the model's other
   *     versions, a file cannot be read or the folder cannot be written; then there is no new
   *     version, unless the message says that only what is beside it could not be replaced
   */
  public ExportResult add(String name, Generator generator, ExportOptions options, Path losses) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException(
          "model name '" + name + "' must be of letters, digits, dots, hyphens and underscores");
    }
    Path home = folder.resolve(name);
    checkVersions(home, generator);
    // Hidden from servers that watch the folder. Not a temporary folder of Files, which others
    // could not read once it is the model's.
    Path staging = folder.resolve(STAGING + UUID.randomUUID());
    try {
      // An export that was killed could not delete its folder.
      Folders.sweep(folder, child -> child.startsWith(STAGING), ExportFiles.ABANDONED);
      String version = Integer.toString(nextVersion(home));
      Files.createDirectories(staging);
      ExportResult made = OnnxExporter.export(generator, options, staging.resolve(version));
      writeHash(made.file());
      Map<String, byte[]> beside = beside(name, generator, made, losses);
      beside.forEach((file, bytes) -> ExportFiles.write(staging.resolve(file), bytes));
      if (!Files.exists(home)) {
        take(staging, home, home);
      } else {
        take(staging.resolve(version), home.resolve(version), home);
        // Only now: an export that lost its version to another must not describe that one.
        replace(home, version, staging, beside.keySet());
      }
      return new ExportResult(
          home.resolve(version).resolve(ModelFiles.FILE),
          made.bytes(),
          made.graph(),
          made.precision(),
          made.parity(),
          made.precisionLoss());
    } catch (IOException e) {
      throw new ExportException("cannot write to " + home + ": " + FileProblem.reason(e), e);
    } finally {
      delete(staging);
    }
  }

  /**
   * Callers of a name get its newest version, whose inputs and outputs must be the ones they know.
   */
  private static void checkVersions(Path home, Generator generator) {
    SortedMap<Integer, Path> versions = ModelFiles.versions(home);
    if (!versions.isEmpty()) {
      OnnxExporter.difference(
              generator.contract(Map.of()), OnnxExporter.contract(versions.get(versions.lastKey())))
          .ifPresent(
              what -> {
                throw new ExportException(
                    "this generator does not fit version %d in %s: its %s; give --name to add it"
                            .formatted(versions.lastKey(), home, what)
                        + " as another model");
              });
    }
  }

  /** Gives a new folder its place, unless another export has taken it in the meantime. */
  private static void take(Path made, Path place, Path home) throws IOException {
    try {
      Files.move(made, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) { // which one differs: Linux has no class for a full folder
      if (!Files.exists(place)) {
        throw e;
      }
      throw new ExportException(
          "another export took the same version in " + home + "; run it again", e);
    }
  }

  /** Renames what describes a version that has just taken its place. */
  private static void replace(Path home, String version, Path staging, Set<String> files) {
    List<String> replaced = new ArrayList<>(files);
    if (!files.contains(ModelCard.LOSSES)) {
      replaced.add(ModelCard.LOSSES); // that of another run
    }
    for (String file : replaced) {
      try {
        if (files.contains(file)) {
          Files.move(
              staging.resolve(file),
              home.resolve(file),
              StandardCopyOption.ATOMIC_MOVE,
              StandardCopyOption.REPLACE_EXISTING);
        } else {
          Files.deleteIfExists(home.resolve(file));
        }
      } catch (IOException e) {
        throw new ExportException(
            "version %s is in %s, but %s beside it could not be replaced: %s"
                .formatted(version, home, file, e),
            e);
      }
    }
  }

  private static Map<String, byte[]> beside(
      String name, Generator generator, ExportResult made, Path losses) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("config.pbtxt", TritonConfig.of(name, generator).getBytes(StandardCharsets.UTF_8));
    if (!generator.labels().isEmpty()) {
      String labels = String.join("\n", generator.labels()) + "\n";
      files.put("labels.txt", labels.getBytes(StandardCharsets.UTF_8));
    }
    files.put(
        "README.md",
        ModelCard.of(name, generator, made, losses != null).getBytes(StandardCharsets.UTF_8));
    if (losses != null) {
      files.put(ModelCard.LOSSES, Files.readAllBytes(losses));
    }
    try (Sampler sampler = Sampler.open(made.file())) {
      files.put(
          "samples.png",
          sampler.sample(SampleRequest.of(SAMPLES).withSeed(SEED)).toGridPng(COLUMNS));
    }
    return files;
  }

  /** What {@code sha256sum} would write; servers hold the model to it. */
  private static void writeHash(Path file) throws IOException {
    String line = Sha256.of(file) + "  " + file.getFileName() + "\n";
    ExportFiles.write(ModelFiles.sumFile(file), line.getBytes(StandardCharsets.UTF_8));
  }

  private static void delete(Path staging) {
    try {
      Folders.delete(staging);
    } catch (IOException e) {
      throw new ExportException("cannot delete " + staging + ": " + FileProblem.reason(e), e);
    }
  }

  private static int nextVersion(Path home) throws IOException {
    if (!Files.isDirectory(home)) {
      return 1;
    }
    try (Stream<Path> children = Files.list(home)) {
      return 1
          + children
              .map(child -> child.getFileName().toString())
              .filter(ModelFiles::isVersion)
              .mapToInt(Integer::parseInt)
              .max()
              .orElse(0);
    }
  }
}
