package dev.djinn.server;

import dev.djinn.sampler.ModelFiles;
import dev.djinn.sampler.SamplerException;
import dev.djinn.sampler.SamplerException.Reason;
import dev.djinn.sampler.SamplerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The models that are served, by name and version. Loading never stops at a broken one: it is kept
 * with its reason. Readers see one immutable state; changes replace it.
 */
final class ModelRepository implements AutoCloseable {

  private final SamplerOptions options;
  private volatile Map<String, SortedMap<Integer, ServedModel>> models = Map.of();

  ModelRepository(SamplerOptions options) {
    this.options = options;
  }

  /**
   * Loads a repository's models, or a single one.
   *
   * @param place a folder of models, or what {@link ModelFiles#resolve} takes
   * @throws SamplerException if there is no model, or not one of them can be loaded
   */
  void open(Path place) {
    SortedMap<String, Path> folders = ModelFiles.repository(place);
    Map<String, SortedMap<Integer, ServedModel>> loaded = new TreeMap<>();
    if (folders.isEmpty()) {
      Path file = ModelFiles.resolve(place.toString()).toAbsolutePath().normalize();
      String name = nameOf(file);
      loaded.put(name, new TreeMap<>(Map.of(1, ServedModel.load(name, "1", file, options))));
    }
    folders.forEach(
        (name, folder) -> {
          SortedMap<Integer, ServedModel> versions = new TreeMap<>();
          ModelFiles.versions(folder)
              .forEach(
                  (version, file) ->
                      versions.put(
                          version,
                          ServedModel.load(name, Integer.toString(version), file, options)));
          loaded.put(name, versions);
        });
    models = loaded;
    List<ServedModel> all = all();
    if (all.stream().noneMatch(ServedModel::ready)) {
      throw new SamplerException(Reason.INVALID_MODEL, all.get(0).reason());
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

  /** {@return the versions of a model that are ready, in order} */
  List<String> readyVersions(String name) {
    return models.getOrDefault(name, new TreeMap<>()).values().stream()
        .filter(ServedModel::ready)
        .map(ServedModel::version)
        .toList();
  }

  /** {@return whether each model has a version that is ready} */
  boolean ready() {
    return !models.isEmpty() && names().stream().noneMatch(name -> readyVersions(name).isEmpty());
  }

  /**
   * Finds a model that can be used: of the given version, or else the highest one that is ready.
   *
   * @param version null for the server's choice
   * @throws RequestException 404 if there is none such, 503 if it could not be loaded
   */
  ServedModel find(String name, String version) throws RequestException {
    SortedMap<Integer, ServedModel> versions = models.get(name);
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
    all().forEach(ServedModel::close);
    models = Map.of();
  }

  /** A model's name is its file's, its folder's where the file has none of its own. */
  private static String nameOf(Path file) {
    Path folder = file.getParent();
    if (!file.endsWith(ModelFiles.FILE) || folder == null || folder.getFileName() == null) {
      return file.getFileName().toString().replaceFirst("\\.onnx$", "");
    }
    boolean version = folder.getFileName().toString().matches("[1-9][0-9]{0,8}");
    Path above = folder.getParent();
    boolean named = version && above != null && above.getFileName() != null;
    return (named && Files.isDirectory(above) ? above : folder).getFileName().toString();
  }
}
