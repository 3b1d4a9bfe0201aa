package dev.djinn.trainer;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataException;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Copies;
import dev.djinn.report.RunReport;
import dev.djinn.run.RunFolder;
import dev.djinn.step.TrainingState;
import java.util.Optional;

/** Whether a run's generator repeats pictures that it learnt from, for the end of its report. */
final class CopySearch {
  private CopySearch() {}

  /**
   * Draws pictures and looks for the nearest training picture of each.
   *
   * @param folder the run's
   * @param state at the end of the run
   * @param manager its device is used
   * @return what was found, with the nearest pairs
   */
  static RunReport.Pairs of(RunFolder folder, TrainingState state, NDManager manager) {
    ImageSet training = state.pictures();
    ImageSet drawn =
        new TrainedGenerator(folder.settings(), folder.facts().labels(), state.generator(), manager)
            .draw(Copies.MOST, folder.settings().seed());
    Copies copies = Copies.of(training, heldOut(folder), drawn, folder.settings().seed(), manager);
    return new RunReport.Pairs(Copies.told(copies.figures()) + ".", copies.sheet(training, drawn));
  }

  /** What cannot be read any more at the end of a long run is not held out. */
  private static Optional<ImageSet> heldOut(RunFolder folder) {
    try {
      return DataSets.heldOut(
          folder.facts().data(),
          DataOptions.of(folder.settings().image().toOptions(folder.facts().dataOptions())));
    } catch (DataException e) {
      return Optional.empty();
    }
  }
}
