package dev.djinn.trainer;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.SampleSource;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.network.OwnBlock;
import dev.djinn.progress.ProgressLine;
import dev.djinn.report.SampleGrid;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.settings.Settings;
import dev.djinn.step.Seeds;
import dev.djinn.torch.GradientMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A run's generator on the engine that trained it. Not thread-safe. */
public final class TrainedGenerator implements SampleSource {
  private static final int MOST_AT_ONCE = 250;

  private final Settings settings;
  private final List<String> classes;
  private final NetworkBlock generator;
  private final NDManager manager;

  TrainedGenerator(
      Settings settings, List<String> classes, NetworkBlock generator, NDManager manager) {
    this.settings = settings;
    this.classes = settings.conditional() ? List.copyOf(classes) : List.of();
    this.generator = generator;
    this.manager = manager;
  }

  /**
   * The generator of a checkpoint, the averaged one if the run kept one.
   *
   * @param run its run
   * @param checkpoint which
   * @param manager owns the arrays
   * @return the generator
   * @throws dev.djinn.run.TrainingException if the checkpoint's files are unusable
   */
  public static TrainedGenerator of(RunFolder run, Checkpoint checkpoint, NDManager manager) {
    NetworkBlock block = NetworkBlock.create(run.settings().generator().network(), manager);
    Checkpoint.load(
        checkpoint.read(checkpoint.sampled(), run.settings().generator().network()),
        block.arrays());
    return new TrainedGenerator(run.settings(), run.facts().labels(), block, manager);
  }

  /**
   * Gives a block of your own what a run of it has learnt, so that it can be exported as any other.
   *
   * @param run the run's folder
   * @param generator a block of the same parameters as the one that was trained
   * @throws dev.djinn.run.TrainingException if there is no checkpoint, it is unusable, or of other
   *     parameters
   */
  public static void load(Path run, Block generator) {
    RunFolder folder = RunFolder.open(run);
    Checkpoint checkpoint =
        folder
            .lastCheckpoint()
            .orElseThrow(() -> new TrainingException(run + " has no checkpoint yet"));
    Network described = folder.settings().generator().network();
    Layer.Own own = OwnBlock.describe("generator", generator, described.input());
    Network network =
        new Network(described.name(), described.input(), described.classes(), List.of(own));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NetworkBlock trained = NetworkBlock.create(network, manager);
      Checkpoint.load(checkpoint.read(checkpoint.sampled(), network), trained.arrays());
      int next = 0;
      for (NDArray array : trained.arrays().values()) {
        OwnBlock.copy(array, generator.getParameters().get(next++).getValue().getArray());
      }
    }
  }

  /**
   * The generator as the run had it before its first step.
   *
   * @param run its run
   * @param manager owns the arrays
   * @return the generator
   */
  public static TrainedGenerator untrained(RunFolder run, NDManager manager) {
    int seed = (int) Seeds.mix(run.settings().seed(), Seeds.Use.WEIGHTS, 0);
    TorchEngine.get().setRandomSeed(seed);
    NetworkBlock block = NetworkBlock.create(run.settings().generator().network(), manager);
    return new TrainedGenerator(run.settings(), run.facts().labels(), block, manager);
  }

  @Override
  public ImageSet draw(int count, long seed) {
    return draw(count, seed, line -> {});
  }

  @Override
  public ImageSet draw(int count, long seed, Consumer<String> progress) {
    ProgressLine.Task drawing = ProgressLine.over(progress).task("drawing", count, "pictures");
    Settings.Image image = settings.image();
    int size = image.values();
    byte[] pixels = new byte[Math.multiplyExact(count, size)];
    long[] labels =
        IntStream.range(0, count).mapToLong(i -> i % Math.max(1, classes.size())).toArray();
    TorchEngine.get().setRandomSeed((int) Seeds.mix(seed, Seeds.Use.SAMPLES, 1));
    // In the run's own batches, so that looking at a generator takes no more memory than a step.
    int batch = Math.min(MOST_AT_ONCE, settings.batch());
    for (int start = 0; start < count; start += batch) {
      int n = Math.min(batch, count - start);
      try (NDManager scope = manager.newSubManager()) {
        NDArray latents = settings.latent().draw(scope, n);
        NDArray of =
            classes.isEmpty() ? null : scope.create(Arrays.copyOfRange(labels, start, start + n));
        float[] values =
            GradientMode.unrecorded(
                () -> SampleSheet.pictures(settings, generator, latents, of, scope));
        byte[] bytes = SampleGrid.bytes(values, size);
        System.arraycopy(bytes, 0, pixels, start * size, bytes.length);
      }
      drawing.done(start + n);
    }
    int[] kinds =
        classes.isEmpty()
            ? new int[0]
            : IntStream.range(0, count).map(i -> (int) labels[i]).toArray();
    return new ImageSet(
        settings.name(), image.channels(), image.height(), image.width(), pixels, kinds, classes);
  }
}
