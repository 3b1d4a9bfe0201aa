package dev.djinn.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.djinn.data.Transparency;
import dev.djinn.network.NetworkBlock;
import dev.djinn.report.SampleGrid;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Settings;
import dev.djinn.step.Seeds;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** {@code samples/}: what the generator makes of the same latents, again and again. */
final class SampleSheet {
  /** Pixels drawn at once: more would take gigabytes inside a network. */
  private static final int MOST_PIXELS = 1 << 21;

  private final Settings settings;
  private final FrameFolder folder;
  private final Path animation;
  private final SampleGrid grid;
  private final NDManager manager;
  private final NDArray latents;
  private final NDArray labels;

  SampleSheet(Settings settings, List<String> classes, Path run, NDManager manager) {
    this.settings = settings;
    this.folder = new FrameFolder(run.resolve("samples"));
    this.animation = run.resolve("samples.gif");
    this.manager = manager;
    int count = settings.recording().samples().count();
    TorchEngine.get().setRandomSeed((int) Seeds.mix(settings.seed(), Seeds.Use.SAMPLES, 0));
    latents = settings.latent().draw(manager, count);
    SampleGrid plain =
        SampleGrid.columns(settings.recording().samples().columns())
            .withDarkOnLight(settings.recording().samples().darkOnLight());
    if (settings.conditional()) {
      long[] cycle = IntStream.range(0, count).mapToLong(i -> i % settings.classes()).toArray();
      labels = manager.create(cycle);
      grid =
          plain.withTitles(
              IntStream.range(0, count)
                  .mapToObj(
                      i -> settings.recording().samples().titleOf(classes.get((int) cycle[i])))
                  .toList());
    } else {
      labels = null;
      grid = plain;
    }
  }

  /** Writes the sheet of a step, with the generator in inference mode. */
  void write(NetworkBlock generator, long step) throws IOException {
    try (NDManager scope = manager.newSubManager()) {
      folder.write(draw(settings, grid, generator, latents, labels, scope), step);
    }
  }

  /** The sheets so far. */
  FrameFolder frames() {
    return folder;
  }

  void animate() throws IOException {
    folder.animate(animation, "");
  }

  /** Pictures of latents and labels, laid out; what is computed meanwhile belongs to the scope. */
  static BufferedImage draw(
      Settings settings,
      SampleGrid grid,
      NetworkBlock generator,
      NDArray latents,
      NDArray labels,
      NDManager scope) {
    return grid.ofFloats(
        pictures(settings, generator, latents, labels, scope),
        settings.image().channels(),
        settings.image().height(),
        settings.image().width());
  }

  /**
   * Pictures of latents and labels in inference mode, (n, channels, height, width) in [0, 1] but
   * for what leaves it; straight colours where there is alpha.
   */
  static float[] pictures(
      Settings settings, NetworkBlock generator, NDArray latents, NDArray labels, NDManager scope) {
    int plane = settings.image().height() * settings.image().width();
    int count = (int) latents.getShape().get(0);
    int most = Math.max(1, MOST_PIXELS / plane);
    float[] pictures = new float[count * settings.image().values()];
    for (int from = 0; from < count; from += most) {
      int to = Math.min(count, from + most);
      try (NDManager part = scope.newSubManager()) {
        boolean all = to - from == count;
        NDArray some = all ? latents : part(latents, from, to, part);
        NDArray kinds = all || labels == null ? labels : part(labels, from, to, part);
        float[] made = made(settings, generator, some, kinds, part).toFloatArray();
        System.arraycopy(made, 0, pictures, from * settings.image().values(), made.length);
      }
    }
    if (settings.image().hasAlpha()) {
      Transparency.divide(pictures, plane);
    }
    return pictures;
  }

  private static NDArray part(NDArray array, int from, int to, NDManager scope) {
    NDArray part = array.get(new NDIndex("{}:{}", from, to));
    part.attach(scope);
    return part;
  }

  /** The same as the network makes them, premultiplied where there is alpha, in the scope. */
  static NDArray made(
      Settings settings, NetworkBlock generator, NDArray latents, NDArray labels, NDManager scope) {
    // A copy in the scope, so that what is computed from it closes with the scope.
    NDArray latent = latents.duplicate();
    latent.attach(scope);
    NDArray output = generator.run(latent, labels, false);
    return settings.image().low() == 0 ? output : output.add(1).mul(0.5f);
  }
}
