package dev.djinn.server;

import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.ModelParts;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import dev.djinn.sampler.SamplerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that are served, by name and version. Loading never stops at a broken one: it is kept
 * with its reason, and a file that takes a good one's place is not used before it is good itself.
 * Readers see one unchanging state and never wait; changes, one at a time, replace it.
 */
final class ModelRepository implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

  private static final long FIRST_RETRY = TimeUnit.SECONDS.toNanos(2);
  private static final long LAST_RETRY = TimeUnit.MINUTES.toNanos(5);

  /**
   * A file that could not be loaded.
   *
   * @param parts the files of it that are known
   * @param stamp of them then
   * @param pause nanoseconds until it is tried again unchanged, for causes outside the file
   * @param at {@link System#nanoTime} then
   */
  private record Failure(ModelParts parts, String stamp, long pause, long at) {
    boolean unchanged() {
      return ServedModel.stamp(parts).equals(stamp);
    }
  }

  private final SamplerOptions options;
  private final Map<Path, Failure> failures = new HashMap<>();
  private volatile Map<String, SortedMap<Integer, ServedModel>> models = Map.of();
  private volatile Path folder;
  private volatile boolean opened;
  private boolean closed;

  ModelRepository(SamplerOptions options) {
    this.options = options;
  }

  /**
   * Loads a repository's models, or a single one.
   *
   * @param place a folder of models, or what {@link ModelFiles#resolve} takes
   * @throws SamplerException if there is no model, not one of them can be loaded, or the device
   *     that was demanded is missing
   */
  synchronized void open(Path place) {
    options.device().checkAvailable();
    if (ModelFiles.repository(place).isEmpty()) {
      Path file = ModelFiles.resolve(place.toString()).toAbsolutePath().normalize();
      String name = nameOf(file);
      int version = versionOf(file);
      ServedModel model = ServedModel.load(name, Integer.toString(version), file, options);
      models = Map.of(name, new TreeMap<>(Map.of(version, model)));
    } else {
      folder = place;
      refresh();
    }
    List<ServedModel> all = all();
    if (all.stream().noneMatch(ServedModel::ready)) {
      throw new SamplerException(Reason.INVALID_MODEL, all.get(0).reason());
    }
    opened = true;
  }

  /** Loads what is new or changed in the folder, and drops what is gone. */
  synchronized void refresh() {
    if (folder == null || closed) {
      return;
    }
    SortedMap<String, Path> found = ModelFiles.repository(folder);
    SortedSet<String> names = new TreeSet<>(found.keySet());
    names.addAll(models.keySet());
    for (String name : names) {
      refresh(name, found.get(name), false);
    }
  }

  /**
   * Loads what is new or changed of one model.
   *
   * @throws RequestException if there is no such model, or none of its versions can be loaded
   */
  synchronized void load(String name) throws RequestException {
    checkControllable();
    Path found = ModelFiles.repository(folder).get(name);
    if (found == null && !models.containsKey(name)) {
      throw new RequestException(404, "the repository has no model '" + name + "'");
    }
    refresh(name, found, true);
    if (readyVersions(name).isEmpty()) {
      find(name, null);
    }
  }

  /** Drops a model; requests that it has taken are finished. */
  synchronized void unload(String name) throws RequestException {
    checkControllable();
    if (!models.containsKey(name)) {
      throw new RequestException(404, "no model '" + name + "' is loaded");
    }
    replace(name, new TreeMap<>());
  }

  private void checkControllable() throws RequestException {
    if (closed) {
      throw RequestException.busy("the server is closing");
    }
    if (folder == null) {
      throw RequestException.bad("a single model is served, not a repository");
    }
  }

  private void refresh(String name, Path modelFolder, boolean asked) {
    SortedMap<Integer, ServedModel> before = models.getOrDefault(name, new TreeMap<>());
    SortedMap<Integer, ServedModel> after = new TreeMap<>();
    SortedMap<Integer, Path> files =
        modelFolder == null ? new TreeMap<>() : ModelFiles.versions(modelFolder);
    files.forEach(
        (version, file) ->
            after.put(version, current(before.get(version), name, version, file, asked)));
    before.values().stream()
        .map(ServedModel::file)
        .filter(file -> !files.containsValue(file))
        .forEach(failures::remove);
    replace(name, after);
  }

  /**
   * Gives what a file holds now.
   *
   * @param loaded what was loaded from it before, null if nothing was
   * @param asked whether a file that could not be loaded is tried again at once
   */
  private ServedModel current(
      ServedModel loaded, String name, int version, Path file, boolean asked) {
    if (loaded != null
        && loaded.ready()
        && loaded.stamp().equals(ServedModel.stamp(loaded.parts()))) {
      return loaded.reason().isEmpty() ? loaded : loaded.withReason("");
    }
    Failure failure = failures.get(file);
    boolean known = failure != null && failure.unchanged();
    if (known && !asked && System.nanoTime() - failure.at() < failure.pause()) {
      return loaded;
    }
    ServedModel model = ServedModel.load(name, Integer.toString(version), file, options);
    if (model.ready()) {
      failures.remove(file);
      LOG.info("loaded {} version {} on {}", name, version, model.placement());
      return model;
    }
    long pause = known ? Math.min(2 * failure.pause(), LAST_RETRY) : FIRST_RETRY;
    failures.put(file, new Failure(model.parts(), model.stamp(), pause, System.nanoTime()));
    if (!known) {
      LOG.warn("{} version {} could not be loaded: {}", name, version, model.reason());
    }
    return loaded != null && loaded.ready()
        ? loaded.withReason("goes on with the file that was here before: " + model.reason())
        : model;
  }

  private void replace(String name, SortedMap<Integer, ServedModel> after) {
    Map<String, SortedMap<Integer, ServedModel>> changed = new TreeMap<>(models);
    SortedMap<Integer, ServedModel> before = changed.remove(name);
    if (!after.isEmpty()) {
      changed.put(name, after);
    }
    models = Collections.unmodifiableMap(changed);
    if (before != null) {
      before.values().stream()
          .filter(model -> after.values().stream().noneMatch(model::shares))
          .forEach(ServedModel::close);
    }
  }

  /** {@return every version of every model, in order} */
  List<ServedModel> all() {
    List<ServedModel> all = new ArrayList<>();
    models.values().forEach(versions -> all.addAll(versions.values()));
    return all;
  }

  List<String> names() {
    return List.copyOf(models.keySet());
  }

  /** {@return the names of models in the folder that are not loaded; looks into the folder} */
  List<String> unloaded() {
    Path place = folder;
    if (place == null) {
      return List.of();
    }
    List<String> names = new ArrayList<>(ModelFiles.repository(place).keySet());
    names.removeAll(models.keySet());
    return names;
  }

  /** {@return the versions of a model that are ready, in order} */
  List<String> readyVersions(String name) {
    return models.getOrDefault(name, new TreeMap<>()).values().stream()
        .filter(ServedModel::ready)
        .map(ServedModel::version)
        .toList();
  }

  /**
   * Whether all has been loaded, and each model has a version that is ready.
   *
   * @param most how long all of its workers may have been at the same batches
   */
  boolean ready(Duration most) {
    return opened
        && !models.isEmpty()
        && models.values().stream()
            .allMatch(versions -> versions.values().stream().anyMatch(m -> m.answers(most)));
  }

  /**
   * Finds a model that can be used: of the given version, or else the highest one that is ready.
   *
   * @param version null for the server's choice
   * @throws RequestException 404 if there is none such, 503 if it is not loaded yet or could not be
   */
  ServedModel find(String name, String version) throws RequestException {
    SortedMap<Integer, ServedModel> versions = models.get(name);
    if (versions == null && !opened) {
      throw RequestException.busy("models are still being loaded; try again later");
    }
    if (versions == null) {
      throw new RequestException(404, "there is no model '" + name + "'; there are " + names());
    }
    ServedModel found = null;
    for (ServedModel model : versions.values()) {
      boolean better = found == null || model.ready() || !found.ready();
      if (version == null ? better : model.version().equals(version)) {
        found = model;
      }
    }
    if (found == null) {
      throw new RequestException(
          404,
          "model '" + name + "' has no version '" + version + "'; it has " + versions.keySet());
    }
    if (!found.ready()) {
      throw RequestException.busy("model '" + name + "' could not be loaded: " + found.reason());
    }
    return found;
  }

  @Override
  public synchronized void close() {
    closed = true;
    all().forEach(ServedModel::close);
    models = Map.of();
  }

  /** A model's name is its file's, its folder's where the file has none of its own. */
  private static String nameOf(Path file) {
    Path folder = file.getParent();
    if (!file.endsWith(ModelFiles.FILE) || folder == null || folder.getFileName() == null) {
      return file.getFileName().toString().replaceFirst("\\.onnx$", "");
    }
    Path above = folder.getParent();
    boolean named = isVersion(folder) && above != null && above.getFileName() != null;
    return (named && Files.isDirectory(above) ? above : folder).getFileName().toString();
  }

  /** A single file's version is its folder's, where that is one. */
  private static int versionOf(Path file) {
    Path folder = file.getParent();
    return file.endsWith(ModelFiles.FILE) && folder != null && isVersion(folder)
        ? Integer.parseInt(folder.getFileName().toString())
        : 1;
  }

  private static boolean isVersion(Path folder) {
    return folder.getFileName() != null && ModelFiles.isVersion(folder.getFileName().toString());
  }
}
