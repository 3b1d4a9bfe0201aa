package dev.djinn.sampler;

import dev.djinn.sampler.SamplerException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds model files. A MODEL is an {@code .onnx} file, a folder that holds one, or a name in the
 * models folder. A repository is a folder of {@code <name>/<version>/model.onnx}; the highest
 * version counts.
 */
public final class ModelFiles {
  /** A model's file in its version's folder. */
  public static final String FILE = "model.onnx";

  private static final String ENDING = ".onnx";

  private static final Logger LOG = LoggerFactory.getLogger(ModelFiles.class);

  /** What has been said to be left out, so that it is said once. */
  private static final Set<Path> LEFT_OUT = ConcurrentHashMap.newKeySet();

  private ModelFiles() {}

  /**
   * Gives the models folder: system property {@code djinn.models}, or environment variable {@code
   * DJINN_MODELS}, or {@code models} in the working folder, or, where there is none, the one that
   * Djinn came with.
   *
   * @return a folder that need not exist
   */
  public static Path modelsFolder() {
    List<Path> folders = modelsFolders();
    return folders.stream().filter(Files::isDirectory).findFirst().orElse(folders.get(0));
  }

  /** Where names are looked for, in this order: one that was chosen is the only one. */
  private static List<Path> modelsFolders() {
    Optional<Path> chosen = setting("djinn.models", "DJINN_MODELS");
    if (chosen.isPresent()) {
      return List.of(chosen.get());
    }
    Path here = Path.of("models");
    return setting("djinn.home", "DJINN_HOME")
        .map(home -> List.of(here, home.resolve("models")))
        .orElse(List.of(here));
  }

  private static Optional<Path> setting(String property, String variable) {
    String set = System.getProperty(property);
    String value = set != null ? set : System.getenv(variable);
    return value == null || (set == null && value.isEmpty())
        ? Optional.empty()
        : Optional.of(Path.of(value));
  }

  /**
   * Finds the file of a MODEL.
   *
   * @param model a file, a folder or a name
   * @return an existing file
   * @throws SamplerException if there is none, or a folder holds several
   */
  public static Path resolve(String model) {
    try {
      return resolve(Path.of(model));
    } catch (InvalidPathException e) {
      throw new SamplerException(
          Reason.NOT_FOUND, "unknown model '" + model + "': " + e.getReason(), e);
    }
  }

  /**
   * Finds the file of a MODEL.
   *
   * @param given a file or a folder of any file system, or a name
   * @return an existing file
   * @throws SamplerException if there is none, or a folder holds several
   */
  public static Path resolve(Path given) {
    String model = given.toString();
    if (model.isEmpty()) {
      throw new SamplerException(Reason.NOT_FOUND, "no model named");
    }
    if (Files.isDirectory(given)) {
      return inFolder(given);
    }
    if (Files.exists(given)) {
      return given;
    }
    Set<String> known = new TreeSet<>();
    for (Path folder : modelsFolders()) {
      Path named = folder.resolve(given.toString());
      if (!given.isAbsolute() && Files.isDirectory(named)) {
        return inFolder(named);
      }
      known.addAll(repository(folder).keySet());
    }
    throw new SamplerException(
        Reason.NOT_FOUND,
        known.isEmpty()
            ? "unknown model '" + model + "'; there is none in " + modelsFolder() + "; give a file"
            : Names.unknown("model", model, known) + "; or give a file or folder");
  }

  /**
   * Lists a repository.
   *
   * @param folder with a folder for each model; may be missing
   * @return by name, the folder of each model that has a version; folders that are hidden, may not
   *     be read, such as a disk's {@code lost+found}, or have control characters in their names are
   *     left out
   */
  public static SortedMap<String, Path> repository(Path folder) {
    SortedMap<String, Path> models = new TreeMap<>();
    for (Path child : children(folder, Files::isDirectory)) {
      boolean plain = name(child).chars().noneMatch(Character::isISOControl);
      if (plain && !name(child).startsWith(".") && holdsVersion(child)) {
        models.put(name(child), child);
      }
    }
    return models;
  }

  private static boolean holdsVersion(Path folder) {
    try {
      return !versions(folder).isEmpty();
    } catch (SamplerException e) {
      if (LEFT_OUT.add(folder)) {
        LOG.warn("{} is left out: {}", folder, e.getMessage());
      }
      return false;
    }
  }

  /**
   * Lists the versions of a model in a repository.
   *
   * @param model its folder; may be missing
   * @return by version, each file {@code <version>/model.onnx}
   */
  public static SortedMap<Integer, Path> versions(Path model) {
    SortedMap<Integer, Path> versions = new TreeMap<>();
    for (Path child : children(model, Files::isDirectory)) {
      if (isVersion(name(child)) && Files.isRegularFile(child.resolve(FILE))) {
        versions.put(Integer.valueOf(name(child)), child.resolve(FILE));
      }
    }
    return versions;
  }

  /**
   * {@return whether a folder of this name holds a version: a number from 1 to 999,999,999}
   *
   * @param folder the name
   */
  public static boolean isVersion(String folder) {
    return folder.matches("[1-9][0-9]{0,8}");
  }

  /**
   * The file beside a model that says its SHA-256, as {@code sha256sum} writes it.
   *
   * @param file the model's
   * @return a file that need not exist
   */
  public static Path sumFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".sha256");
  }

  private static Path inFolder(Path folder) {
    if (Files.isRegularFile(folder.resolve(FILE))) {
      return folder.resolve(FILE);
    }
    SortedMap<Integer, Path> versions = versions(folder);
    if (!versions.isEmpty()) {
      return versions.get(versions.lastKey());
    }
    List<Path> files =
        children(folder, file -> name(file).endsWith(ENDING) && Files.isRegularFile(file));
    if (files.size() == 1) {
      return files.get(0);
    }
    SortedMap<String, Path> repository = repository(folder);
    if (files.isEmpty() && repository.size() == 1) {
      return inFolder(repository.get(repository.firstKey()));
    }
    String found =
        !files.isEmpty()
            ? files.size() + " .onnx files: name one of them"
            : repository.isEmpty()
                ? "no .onnx file"
                : "several models: name one of " + repository.keySet();
    throw new SamplerException(Reason.NOT_FOUND, "folder " + folder + " holds " + found);
  }

  private static List<Path> children(Path folder, Predicate<Path> wanted) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.filter(wanted).sorted(Comparator.comparing(ModelFiles::name)).toList();
    } catch (IOException e) {
      throw new SamplerException(
          Reason.NOT_FOUND, "cannot list " + folder + ": " + FileProblem.reason(e), e);
    }
  }

  private static String name(Path path) {
    return Optional.ofNullable(path.getFileName()).map(Path::toString).orElse("");
  }
}
