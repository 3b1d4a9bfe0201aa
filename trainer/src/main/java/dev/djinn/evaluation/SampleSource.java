package dev.djinn.evaluation;

import dev.djinn.data.ImageSet;

/** Something that draws pictures: a run's generator, or an exported one. */
@FunctionalInterface
public interface SampleSource {
  /**
   * Draws pictures.
   *
   * @param count how many, at least 1
   * @param seed of the latents
   * @return unsigned bytes; labelled, all classes in turn, if the generator is conditional
   */
  ImageSet draw(int count, long seed);
}
