package dev.djinn.exporter;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataException;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Copies;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.trainer.TrainedGenerator;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** Whether a run's generator repeats what it was trained on. */
final class RunCopies {
  private static final long SEED = 1;

  private RunCopies() {}

  /**
   * Draws pictures and holds them against the data of the run.
   *
   * @param run a run's folder
   * @param step of the checkpoint; the last one if empty
   * @return the figures of {@link Copies#figures}
   * @throws dev.djinn.data.DataException if the data cannot be read, or are others now
   */
  static Map<String, Double> measure(Path run, OptionalLong step) {
    RunFolder folder = RunFolder.open(run);
    String data = folder.facts().data();
    DataOptions options =
        DataOptions.of(folder.settings().image().toOptions(folder.facts().dataOptions()))
            .withLabels(DataOptions.Labels.IF_USABLE);
    ImageSet training = DataSets.open(data, options);
    if (!training.checksum().equals(folder.facts().dataChecksum())) {
      throw new DataException(data + " is not what the run was trained on any more");
    }
    Checkpoint checkpoint =
        step.isEmpty() ? TrainedRun.lastCheckpoint(folder) : folder.checkpoint(step.getAsLong());
    try (NDManager manager =
        NDManager.newBaseManager(TorchEngine.device("cpu").device(), "PyTorch")) {
      ImageSet drawn = TrainedGenerator.of(folder, checkpoint, manager).draw(Copies.MOST, SEED);
      return Copies.of(training, DataSets.heldOut(data, options), drawn, SEED, manager).figures();
    }
  }

  /**
   * Refuses more than a share.
   *
   * @param run what it is called
   * @param figures with {@code copies}
   * @param most from 0 to 1
   * @throws ExportException saying both shares
   */
  static void check(Path run, Map<String, Double> figures, double most) {
    double share = figures.get("copies");
    if (share > most) {
      throw new ExportException(
          String.format(
              Locale.ROOT,
              "%s: %s, more than --max-copies %s; train on more pictures or for fewer steps",
              run,
              Copies.told(figures),
              most));
    }
  }
}
