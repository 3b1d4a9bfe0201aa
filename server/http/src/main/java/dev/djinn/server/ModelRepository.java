package dev.djinn.server;

import dev.djinn.sampler.FileProblem;
import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.ModelParts;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import dev.djinn.sampler.SamplerOptions;
import java.io.IOException;
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
import java.util.concurrent.CompletableFuture;
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

  /** How long a change waits for what it loads. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration CLOSING = Duration.ofSeconds(3);

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

  private final Loads loads = new Loads();

  /** What has been said of folders that cannot be read. */
  private final Map<Path, String> said = new HashMap<>();

  ModelRepository(SamplerOptions options) {
    this.options = options;
  }

  /**
   * Loads a repository's models, or a single one. Of a repository, one that takes longer than
   * {@link #PATIENCE} is not waited for if others can be used.
   *
   * @param place a folder of models, or what {@link ModelFiles#resolve} takes
   * @throws SamplerException if there is no model, not one of them can be loaded, or the device
   *     that was demanded is missing
   */
  void open(Path place) {
    options.device().checkAvailable();
    if (ModelFiles.repository(place).isEmpty()) {
      openFile(place, null);
    } else {
      folder = place;
      refresh();
      while (all().stream().noneMatch(ServedModel::ready) && !await(PATIENCE)) {
        LOG.warn("no model can be used yet; {} are still being loaded", underWay().size());
      }
    }
    checkUsable(place);
  }

  /**
   * Loads a single model under another name than its file's.
   *
   * @throws IllegalArgumentException if the folder is one of several models
   * @throws SamplerException as {@link #open(Path)} does
   */
  void open(Path place, String name) {
    options.device().checkAvailable();
    SortedMap<String, Path> several = ModelFiles.repository(place);
    if (several.size() == 1) {
      openFile(several.get(several.firstKey()), name);
    } else if (several.isEmpty()) {
      openFile(place, name);
    } else {
      throw new IllegalArgumentException(
          "'"
              + place
              + "' holds "
              + several.size()
              + " models, of which one alone can be called '"
              + name
              + "'; name that one, such as "
              + several.get(several.firstKey()));
    }
    checkUsable(place);
  }

  private void openFile(Path place, String called) {
    Path file = ModelFiles.resolve(place.toString()).toAbsolutePath().normalize();
    String name = called == null ? RepositoryListing.nameOf(file) : called;
    int version = RepositoryListing.versionOf(file);
    ServedModel model = ServedModel.load(name, Integer.toString(version), file, options);
    models = Map.of(name, new TreeMap<>(Map.of(version, model)));
  }

  /** Refuses a name that would not stand in a path as it is. */
  static void checkName(String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")) {
      throw new IllegalArgumentException(
          "'"
              + AccessLog.printable(name)
              + "' is no name for a model; give letters, digits, '-', '_' and '.'");
    }
  }

  private void checkUsable(Path place) {
    List<ServedModel> all = all();
    if (all.stream().noneMatch(ServedModel::ready)) {
      String reason = all.isEmpty() ? "no model in " + place : all.get(0).reason();
      throw new SamplerException(Reason.INVALID_MODEL, reason);
    }
    opened = true;
  }

  /**
   * Loads what is new or changed in the folder, drops what is gone, and waits for what is loaded,
   * but no longer than {@link #PATIENCE}.
   */
  void refresh() {
    look();
    await(PATIENCE);
  }

  /** Begins to load what is new or changed in the folder, and drops what is gone. */
  synchronized void look() {
    if (folder == null || closed) {
      return;
    }
    RepositoryListing listing;
    try {
      listing = RepositoryListing.of(folder);
    } catch (IOException e) {
      say(folder, FileProblem.reason(e) + "; its models go on");
      return;
    }
    said.remove(folder);
    SortedSet<String> names = new TreeSet<>(listing.models().keySet());
    names.addAll(models.keySet());
    for (String name : names) {
      if (!listing.unreadable().containsKey(name)) {
        said.remove(folder.resolve(name));
        refresh(name, listing.models().getOrDefault(name, new TreeMap<>()), false);
      }
    }
    listing
        .unreadable()
        .forEach(
            (name, why) ->
                say(
                    folder.resolve(name),
                    why + (models.containsKey(name) ? "; the model goes on" : "")));
  }

  /** Says once what cannot be read, until it can. */
  private void say(Path what, String why) {
    if (!why.equals(said.put(what, why))) {
      LOG.warn("{} cannot be looked through: {}", what, why);
    }
  }

  /**
   * Loads what is new or changed of one model, and waits for it as {@link #refresh} does.
   *
   * @throws RequestException if there is no such model, or none of its versions can be loaded
   */
  void load(String name) throws RequestException {
    begin(name);
    await(PATIENCE);
    if (readyVersions(name).isEmpty()) {
      find(name, null);
    }
  }

  private synchronized void begin(String name) throws RequestException {
    checkControllable();
    RepositoryListing listing;
    try {
      listing = RepositoryListing.of(folder);
    } catch (IOException e) {
      throw RequestException.busy("the repository cannot be read: " + FileProblem.reason(e));
    }
    SortedMap<Integer, Path> found = listing.models().get(name);
    if (found == null && !models.containsKey(name)) {
      throw new RequestException(404, "the repository has no model '" + name + "'");
    }
    if (!listing.unreadable().containsKey(name)) {
      refresh(name, found == null ? new TreeMap<>() : found, true);
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

  private void refresh(String name, SortedMap<Integer, Path> files, boolean asked) {
    SortedMap<Integer, ServedModel> before = models.getOrDefault(name, new TreeMap<>());
    SortedMap<Integer, ServedModel> after = new TreeMap<>();
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
   * Gives what there is of a file now, and begins to load it where it holds something else.
   *
   * @param loaded what was loaded from it before, null if nothing was
   * @param asked whether a file that could not be loaded is tried again at once
   */
  private ServedModel current(
      ServedModel loaded, String name, int version, Path file, boolean asked) {
    if (loaded != null && loads.underWay(file)) {
      return loaded;
    }
    if (loaded != null
        && loaded.ready()
        && loaded.stamp().equals(ServedModel.stamp(loaded.parts()))) {
      return loaded.reason().isEmpty() ? loaded : loaded.withReason("");
    }
    Failure failure = failures.get(file);
    boolean known = failure != null && failure.unchanged();
    if (known && !asked && loaded != null && System.nanoTime() - failure.at() < failure.pause()) {
      return loaded;
    }
    if (!loads.underWay(file)) {
      loads.begin(
          file,
          name,
          () -> load(name, version, file),
          model -> arrived(name, version, file, model));
    }
    return loaded != null ? loaded : ServedModel.waiting(name, Integer.toString(version), file);
  }

  private boolean await(Duration most) {
    return Loads.await(underWay(), most);
  }

  private synchronized List<CompletableFuture<Void>> underWay() {
    return loads.underWay();
  }

  private ServedModel load(String name, int version, Path file) {
    return isClosed()
        ? ServedModel.waiting(name, Integer.toString(version), file)
        : ServedModel.load(name, Integer.toString(version), file, options);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Takes what has been loaded, unless it is not wanted any more. */
  private synchronized void arrived(String name, int version, Path file, ServedModel model) {
    loads.end(file);
    SortedMap<Integer, ServedModel> before = models.getOrDefault(name, new TreeMap<>());
    ServedModel loaded = before.get(version);
    if (closed || loaded == null || !loaded.file().equals(file)) {
      model.close();
      return;
    }
    ServedModel now = model;
    if (model.ready()) {
      failures.remove(file);
      LOG.info("loaded {} version {} on {}", name, version, model.placement());
    } else {
      Failure failure = failures.get(file);
      boolean known = failure != null && failure.stamp().equals(model.stamp());
      long pause = known ? Math.min(2 * failure.pause(), LAST_RETRY) : FIRST_RETRY;
      failures.put(file, new Failure(model.parts(), model.stamp(), pause, System.nanoTime()));
      if (!known) {
        LOG.warn("{} version {} could not be loaded: {}", name, version, model.reason());
      }
      if (loaded.ready()) {
        now = loaded.withReason("goes on with the file that was here before: " + model.reason());
      }
    }
    SortedMap<Integer, ServedModel> after = new TreeMap<>(before);
    after.put(version, now);
    replace(name, after);
  }

  private void replace(String name, SortedMap<Integer, ServedModel> after) {
    Map<String, SortedMap<Integer, ServedModel>> changed = new TreeMap<>(models);
    SortedMap<Integer, ServedModel> before = changed.remove(name);
    if (!after.isEmpty()) {
      changed.put(name, after);
    }
    models = Collections.unmodifiableMap(changed);
    if (before != null) {
      before.forEach(
          (version, model) -> {
            if (!after.containsKey(version)) {
              LOG.info("dropped {} version {}", name, version);
            }
            if (after.values().stream().noneMatch(model::shares)) {
              Loads.close(List.of(model));
            }
          });
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
    try {
      List<String> names = new ArrayList<>(RepositoryListing.of(place).models().keySet());
      names.removeAll(models.keySet());
      return names;
    } catch (IOException e) {
      return List.of(); // Nothing is known of them now.
    }
  }

  /**
   * Gives what can be used: one version, the versions of one model, or all.
   *
   * @param name null for all models
   * @param version null for all versions
   * @throws RequestException as {@link #find} does, if a model is named
   */
  List<ServedModel> ready(String name, String version) throws RequestException {
    if (name != null) {
      find(name, version);
    }
    return all().stream()
        .filter(ServedModel::ready)
        .filter(model -> name == null || model.name().equals(name))
        .filter(model -> version == null || model.version().equals(version))
        .toList();
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
  public void close() {
    List<ServedModel> all;
    synchronized (this) {
      closed = true;
      all = all();
      models = Map.of();
    }
    Loads.close(all).forEach(Loads::join);
    // A process that ends while a model is being read may crash; it is not waited for longer.
    await(CLOSING);
  }
}
