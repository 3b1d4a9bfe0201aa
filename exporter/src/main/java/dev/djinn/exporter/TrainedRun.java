package dev.djinn.exporter;

import dev.djinn.data.DataSets;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Network;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.SafeTensors;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.settings.LatentSpec;
import dev.djinn.settings.Settings;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Reads generators from the trainer's run folders. */
public final class TrainedRun {
  private TrainedRun() {}

  /**
   * Reads the generator of one of a run's checkpoints.
   *
   * @param run the run's folder
   * @param step finished steps; those of the last checkpoint if empty
   * @throws IllegalArgumentException if there is no such folder
   * @throws ExportException if there is no checkpoint
   * @throws dev.djinn.run.TrainingException if it is the folder of no run, or its files are
   *     unusable
   */
  public static Generator generator(Path run, OptionalLong step) {
    if (!Files.isDirectory(run)) {
      throw new IllegalArgumentException(
          run + " is no folder; give the folder of a run, such as runs/quick");
    }
    return step.isPresent() ? at(run, step.getAsLong()) : last(run);
  }

  /**
   * Reads the generator of a run's last checkpoint.
   *
   * @param run the run's folder
   * @throws ExportException if it has no checkpoint
   * @throws dev.djinn.run.TrainingException if there is no run, or its files are unusable
   */
  public static Generator last(Path run) {
    RunFolder folder = RunFolder.open(run);
    return generator(folder, lastCheckpoint(folder));
  }

  /**
   * The last checkpoint of a run.
   *
   * @param run the run
   * @throws ExportException if it has none
   * @throws dev.djinn.run.TrainingException if its files are unusable
   */
  public static Checkpoint lastCheckpoint(RunFolder run) {
    return run.lastCheckpoint()
        .orElseThrow(
            () ->
                new ExportException(
                    run.path()
                        + " has no checkpoint yet; let it train on, or stop it with Ctrl-C to save"
                        + " one"));
  }

  /**
   * Reads the generator of one of a run's checkpoints.
   *
   * @param run the run's folder
   * @param step finished steps
   * @throws dev.djinn.run.TrainingException if there is no such run or checkpoint, or its files are
   *     unusable
   */
  public static Generator at(Path run, long step) {
    RunFolder folder = RunFolder.open(run);
    return generator(folder, folder.checkpoint(step));
  }

  private static Generator generator(RunFolder run, Checkpoint checkpoint) {
    Settings settings = run.settings();
    Network network = settings.generator().network();
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    checkpoint.read(checkpoint.sampled()).forEach((name, array) -> arrays.put(name, tensor(array)));
    return new Generator(
        network,
        Weights.of(network, arrays),
        settings.image().low() < 0 ? PixelRange.MINUS_ONE_TO_ONE : PixelRange.ZERO_TO_ONE,
        prior(settings.latent()),
        network.conditional() ? run.facts().labels() : List.of(),
        provenance(run, checkpoint),
        Map.of(),
        length(run));
  }

  private static Tensor tensor(SafeTensors.Tensor array) {
    FloatBuffer from = array.values().duplicate();
    float[] values = new float[from.remaining()];
    from.get(values);
    return Tensor.floats(values, array.shape().getShape());
  }

  private static GeneratorContract.Latent prior(LatentSpec latent) {
    return switch (latent.distribution()) {
      case NORMAL -> GeneratorContract.Latent.normal(latent.size());
      case UNIFORM -> GeneratorContract.Latent.uniform(latent.size(), latent.low(), latent.high());
    };
  }

  /** In steps; the last batch of an epoch is left out if it is not full. */
  private static long length(RunFolder run) {
    Settings settings = run.settings();
    return settings.length().steps(run.facts().dataCount() / settings.batch());
  }

  /**
   * A set without its folders, and with {@code ./} before a file or folder that is called as a
   * known set is: nothing that Djinn knows of that set is true of it.
   */
  private static String dataName(String data) {
    String name = DataSets.withoutFolders(data);
    return isKnown(name) && !isKnown(data) ? name.replaceFirst("[^:]+$", "./$0") : name;
  }

  private static boolean isKnown(String data) {
    return DataSets.licence(data).isPresent();
  }

  /** No time and no path: the same checkpoint gives the same file. */
  private static Map<String, Object> provenance(RunFolder run, Checkpoint checkpoint) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", dataName(run.facts().data()));
    data.put("sha256", run.facts().dataChecksum());
    data.put("count", run.facts().dataCount());
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("preset", run.settings().name());
    provenance.put("steps", checkpoint.step());
    provenance.put("seed", run.settings().seed());
    provenance.put("averaged", checkpoint.has(Checkpoint.AVERAGE));
    provenance.put("data", data);
    provenance.put("versions", run.facts().versions());
    return provenance;
  }
}
