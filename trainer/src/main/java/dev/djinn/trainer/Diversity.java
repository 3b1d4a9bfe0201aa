package dev.djinn.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.djinn.data.ImageSet;
import dev.djinn.data.Transparency;
import dev.djinn.network.NetworkBlock;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Settings;
import dev.djinn.step.Seeds;
import java.util.Random;

/**
 * How much a generator's pictures differ from each other, as a share of how much real ones do: the
 * mean Euclidean distance between pictures of the same label, for the same latents every time.
 */
final class Diversity {
  private static final int PICTURES = 64;
  private static final int MOST_LABELS = 8;
  private static final int MOST_REAL = 256;

  private final Settings settings;
  private final NDManager manager;
  private final NDArray latents;
  private final NDArray labels;
  private final int[] kinds = new int[PICTURES];
  private final double real;

  Diversity(Settings settings, ImageSet images, NDManager manager) {
    this.settings = settings;
    this.manager = manager;
    TorchEngine.get().setRandomSeed((int) Seeds.mix(settings.seed(), Seeds.Use.DIVERSITY, 0));
    latents = settings.latent().draw(manager, PICTURES);
    long[] cycle = new long[PICTURES];
    if (settings.conditional()) {
      for (int i = 0; i < PICTURES; i++) {
        kinds[i] = i % Math.min(settings.classes(), MOST_LABELS);
        cycle[i] = kinds[i];
      }
    }
    labels = settings.conditional() ? manager.create(cycle) : null;
    real = ofData(images, settings.conditional(), settings.seed());
  }

  /** The data's own distance, from some of it. */
  private static double ofData(ImageSet set, boolean conditional, long seed) {
    ImageSet images = Transparency.multiplied(set);
    int size = images.pixels().length / images.count();
    int count = Math.min(images.count(), MOST_REAL);
    float[] pixels = new float[count * size];
    int[] kinds = new int[count];
    Random random = new Random(Seeds.mix(seed, Seeds.Use.DIVERSITY, 1));
    for (int i = 0; i < count; i++) {
      int picked = count == images.count() ? i : random.nextInt(images.count());
      for (int j = 0; j < size; j++) {
        pixels[i * size + j] = (images.pixels()[picked * size + j] & 0xff) / 255f;
      }
      kinds[i] = conditional ? images.labels()[picked] : 0;
    }
    return meanDistance(pixels, kinds);
  }

  /**
   * Draws and compares.
   *
   * @param generator the generator, run in inference mode
   * @return 1 for pictures as different as real ones, 0 for equal ones; not a number if the data
   *     has no two pictures of a label that differ
   */
  double share(NetworkBlock generator) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray pictures = SampleSheet.made(settings, generator, latents, labels, scope);
      return real > 0 ? meanDistance(pictures.toFloatArray(), kinds) / real : Double.NaN;
    }
  }

  /** Mean distance over all pairs of the same kind; 0 if there is none. */
  static double meanDistance(float[] pictures, int[] kinds) {
    int size = pictures.length / kinds.length;
    double sum = 0;
    long pairs = 0;
    for (int a = 0; a < kinds.length; a++) {
      for (int b = a + 1; b < kinds.length; b++) {
        if (kinds[a] == kinds[b]) {
          double square = 0;
          for (int j = 0; j < size; j++) {
            double d = (double) pictures[a * size + j] - pictures[b * size + j];
            square += d * d;
          }
          sum += Math.sqrt(square);
          pairs++;
        }
      }
    }
    return pairs == 0 ? 0 : sum / pairs;
  }
}
