package dev.djinn.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Stacked MNIST: three random digits as the red, green and blue channel of one image, for counting
 * how many of the 1,000 combinations a generator makes. The class 427 is a red 4, a green 2 and a
 * blue 7.
 *
 * @see <a href="https://arxiv.org/abs/1611.02163">Metz et al. 2017, Unrolled Generative Adversarial
 *     Networks</a>
 */
final class StackedDigits {
  private StackedDigits() {}

  /**
   * As many stacks as the base has images, drawn with replacement; the same for the same seed on
   * every machine.
   */
  static ImageSet of(String name, ImageSet base, long seed) {
    if (base.channels() != 1 || base.classes().size() != 10) {
      throw new DataException(
          "%s: needs grey images of 10 classes, and %s is not that".formatted(name, base));
    }
    int plane = base.height() * base.width();
    if (3L * base.pixels().length > DataLimits.GREATEST_ARRAY) {
      throw new DataException(
          "%s: three channels of %s are more than one set may hold".formatted(name, base));
    }
    byte[] pixels = new byte[3 * base.pixels().length];
    int[] labels = new int[base.count()];
    // java.util.Random, because its sequence is part of its specification.
    Random random = new Random(seed);
    for (int i = 0; i < labels.length; i++) {
      for (int c = 0; c < 3; c++) {
        int digit = random.nextInt(base.count());
        System.arraycopy(base.pixels(), digit * plane, pixels, (3 * i + c) * plane, plane);
        labels[i] = 10 * labels[i] + base.labels()[digit];
      }
    }
    return new ImageSet(
        name, 3, base.height(), base.width(), pixels, labels, classes(base.classes()));
  }

  private static List<String> classes(List<String> digits) {
    List<String> classes = new ArrayList<>();
    for (String red : digits) {
      for (String green : digits) {
        for (String blue : digits) {
          classes.add(red.length() == 1 ? red + green + blue : String.join("+", red, green, blue));
        }
      }
    }
    return classes;
  }
}
