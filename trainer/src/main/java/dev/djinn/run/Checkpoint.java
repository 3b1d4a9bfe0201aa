package dev.djinn.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.djinn.files.AtomicFile;
import dev.djinn.files.FileProblem;
import dev.djinn.files.Folders;
import dev.djinn.files.Sha256;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkException;
import dev.djinn.network.ParameterSpec;
import dev.djinn.network.YamlCursor;
import dev.djinn.run.SafeTensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A finished checkpoint: a folder with one safetensors file a part ({@code generator}, {@code
 * discriminator}, {@code optimizers}, …) and {@code state.yaml}, which has the step and each file's
 * SHA-256. It is written under another name and renamed, so it is complete or absent.
 *
 * @param folder the checkpoint's folder
 * @param step finished steps
 * @param counters other whole numbers of the run's state, by name
 */
public record Checkpoint(Path folder, long step, Map<String, Long> counters) {
  /** The part with the generator's arrays. */
  public static final String GENERATOR = "generator";

  /** The part with the discriminator's arrays. */
  public static final String DISCRIMINATOR = "discriminator";

  /** The part with the averaged generator, if the run averages. */
  public static final String AVERAGE = "average";

  public static final String OPTIMIZERS = "optimizers";

  /** The counter of the time that the run has trained; checkpoints of older runs lack it. */
  public static final String MILLISECONDS = "milliseconds";

  private static final String STATE = "state.yaml";

  /**
   * Writes a checkpoint.
   *
   * @param folder where it will stand
   * @param step finished steps
   * @param counters other whole numbers of the run's state, by name
   * @param parts arrays by part and name
   * @return the checkpoint
   * @throws IOException if it cannot be written; then nothing is left
   */
  public static Checkpoint write(
      Path folder, long step, Map<String, Long> counters, Map<String, Map<String, NDArray>> parts)
      throws IOException {
    Path temporary = folder.resolveSibling("." + folder.getFileName() + ".tmp");
    Folders.delete(temporary);
    try {
      Files.createDirectories(temporary);
      StringBuilder state = new StringBuilder("step: " + step + "\ncounters:\n");
      counters.forEach((name, n) -> state.append("  " + name + ": " + n + "\n"));
      state.append("files:\n");
      for (Map.Entry<String, Map<String, NDArray>> part : parts.entrySet()) {
        Path file = temporary.resolve(part.getKey() + ".safetensors");
        MessageDigest digest = Sha256.digest();
        SafeTensors.write(file, part.getValue(), digest);
        state
            .append("  ")
            .append(part.getKey())
            .append(": ")
            .append(Sha256.hex(digest))
            .append('\n');
      }
      AtomicFile.write(temporary.resolve(STATE), state.toString());
      Folders.remove(folder);
      Folders.move(temporary, folder);
    } catch (IOException | RuntimeException e) {
      Folders.delete(temporary);
      throw e;
    }
    return new Checkpoint(folder, step, Map.copyOf(counters));
  }

  /**
   * Opens a checkpoint and checks its files against their hashes.
   *
   * @param folder its folder
   * @return the checkpoint
   * @throws TrainingException if a file is missing or differs from what was written
   */
  public static Checkpoint open(Path folder) {
    try {
      Path file = folder.resolve(STATE);
      YamlCursor state = YamlCursor.parse(Files.readString(file), file.toString());
      long step = state.get("step").integer(0, Long.MAX_VALUE);
      YamlCursor files = state.get("files");
      for (String part : files.keys()) {
        Path path = folder.resolve(part + ".safetensors");
        if (!Files.exists(path)) {
          throw new TrainingException(
              "checkpoint " + folder + " lacks " + path.getFileName() + without(folder));
        }
        if (!Sha256.of(path).equals(files.get(part).text())) {
          throw new TrainingException(
              path + " is corrupted: its SHA-256 is not the one in " + STATE + without(folder));
        }
      }
      Map<String, Long> counters = new LinkedHashMap<>();
      YamlCursor stored = state.get("counters");
      for (String name : stored.keys()) {
        counters.put(name, stored.get(name).integer(0, Long.MAX_VALUE));
      }
      return new Checkpoint(folder, step, counters);
    } catch (IOException e) {
      throw unreadable(folder, FileProblem.reason(e), e);
    } catch (NetworkException e) {
      throw unreadable(folder, e.getMessage(), e);
    }
  }

  private static TrainingException unreadable(Path folder, String why, Exception e) {
    return new TrainingException(
        "checkpoint " + folder + " is unreadable: " + why + without(folder), e);
  }

  /** What to do about a broken checkpoint. */
  private static String without(Path folder) {
    return "; delete " + folder + " to go on from the checkpoint before it";
  }

  /**
   * Whether the checkpoint has a part.
   *
   * @param part as {@link #AVERAGE}
   * @return true if it does
   */
  public boolean has(String part) {
    return Files.exists(folder.resolve(part + ".safetensors"));
  }

  /**
   * The generator to sample and export: the averaged one where the run kept one.
   *
   * @return {@link #AVERAGE} or {@link #GENERATOR}
   */
  public String sampled() {
    return has(AVERAGE) ? AVERAGE : GENERATOR;
  }

  /**
   * Reads a part.
   *
   * @param part as {@link #GENERATOR}
   * @return arrays by name
   * @throws TrainingException if there is no such part or it is unreadable
   */
  public Map<String, Tensor> read(String part) {
    if (!has(part)) {
      throw new TrainingException("checkpoint " + folder + " has no part " + part);
    }
    return SafeTensors.read(folder.resolve(part + ".safetensors"));
  }

  /**
   * Reads a network's arrays and checks that they are the network's.
   *
   * @param part as {@link #GENERATOR}
   * @param network whose arrays they must be
   * @return arrays by name, in the network's order
   * @throws TrainingException naming the first array that is missing or has another shape
   */
  public Map<String, Tensor> read(String part, Network network) {
    Map<String, Tensor> stored = read(part);
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (ParameterSpec spec : network.parameters()) {
      Tensor tensor = stored.get(spec.name());
      if (tensor == null || !tensor.shape().equals(spec.shape())) {
        throw new TrainingException(
            "checkpoint "
                + folder
                + " is of another network: "
                + part
                + " "
                + spec.name()
                + " should be "
                + spec.shape()
                + " but is "
                + (tensor == null ? "missing" : tensor.shape()));
      }
      arrays.put(spec.name(), tensor);
    }
    return arrays;
  }

  /**
   * Copies stored layers into live ones where every array of a layer is there in the same shape.
   *
   * @param tensors stored arrays by name
   * @param arrays live arrays by name, on any device
   * @return the paths of the other layers, which stay as they are
   */
  public static List<String> loadAgreeing(
      Map<String, Tensor> tensors, Map<String, NDArray> arrays) {
    Set<String> others = new LinkedHashSet<>();
    arrays.forEach(
        (name, array) -> {
          Tensor stored = tensors.get(name);
          if (stored == null || !stored.shape().equals(array.getShape())) {
            others.add(layer(name));
          }
        });
    Map<String, NDArray> agreeing = new LinkedHashMap<>(arrays);
    agreeing.keySet().removeIf(name -> others.contains(layer(name)));
    load(tensors, agreeing);
    return List.copyOf(others);
  }

  private static String layer(String array) {
    return array.substring(0, array.lastIndexOf('.'));
  }

  /**
   * Copies stored arrays into live ones.
   *
   * @param tensors stored arrays by name
   * @param arrays live arrays by name, on any device
   */
  public static void load(Map<String, Tensor> tensors, Map<String, NDArray> arrays) {
    arrays.forEach(
        (name, array) -> {
          Tensor tensor = tensors.get(name);
          if (tensor == null || tensor.shape().size() != array.size()) {
            throw new TrainingException("the checkpoint lacks " + name + " of " + array.getShape());
          }
          // Not set(Buffer), which would make the array live in Java's memory instead of copying.
          try (NDArray values =
              array.getManager().create(tensor.values().duplicate(), array.getShape())) {
            array.set(new NDIndex("..."), values);
          }
        });
  }
}
