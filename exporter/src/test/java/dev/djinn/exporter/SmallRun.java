package dev.djinn.exporter;

import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.run.Presets;
import dev.djinn.settings.Settings;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Real runs of a few steps. */
public final class SmallRun {
  private SmallRun() {}

  /** Trains a preset for two steps of a small batch, with a checkpoint after each. */
  public static Path train(String preset, Path folder) {
    return train(preset, DataSets.DEFAULT, folder);
  }

  /** Trains on the same digits under another name. */
  static Path train(String preset, String data, Path folder) {
    ImageSet images = DataSets.open(DataSets.DEFAULT, DataOptions.defaults());
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("steps", "2");
    changes.put("batch", "8");
    changes.put("checkpoint-every", "1");
    Settings settings = Presets.settings(preset, changes, images.classes().size());
    TrainingRun.Source source = new TrainingRun.Source(images, data, Map.of(), 2);
    TrainingRun.Plan plan = new TrainingRun.Plan(folder, settings, source, "cpu", Optional.empty());
    try (TrainingRun run = TrainingRun.start(plan, new TrainingListener() {})) {
      run.run();
    }
    return folder;
  }
}
