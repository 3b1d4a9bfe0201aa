package dev.djinn.evaluation;

import dev.djinn.data.ImageSet;
import java.util.function.Consumer;

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

  /**
   * The same, and says how far it is where it takes long.
   *
   * @param count how many, at least 1
   * @param seed of the latents
   * @param progress takes lines
   * @return as without
   */
  default ImageSet draw(int count, long seed, Consumer<String> progress) {
    return draw(count, seed);
  }
}
