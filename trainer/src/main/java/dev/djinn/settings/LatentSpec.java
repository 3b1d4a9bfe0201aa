package dev.djinn.settings;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The prior of the generator's input.
 *
 * @param size elements of a latent
 * @param distribution the prior
 * @param low lower bound of the uniform prior, 0 for the normal
 * @param high upper bound of the uniform prior, 0 for the normal
 */
public record LatentSpec(int size, Distribution distribution, double low, double high) {
  /** Priors. */
  public enum Distribution {
    /** Independent standard normals. */
    NORMAL,
    /** Independent uniforms. */
    UNIFORM
  }

  /**
   * Draws from the engine's seeded generator.
   *
   * @param manager owns the result
   * @param batch number of latents
   * @return float32 (batch, size)
   */
  public NDArray draw(NDManager manager, int batch) {
    Shape shape = new Shape(batch, size);
    return distribution == Distribution.NORMAL
        ? manager.randomNormal(0f, 1f, shape, DataType.FLOAT32)
        : manager.randomUniform((float) low, (float) high, shape, DataType.FLOAT32);
  }
}
