package dev.djinn.settings;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.Map;

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

  static LatentSpec read(YamlCursor at) {
    int size = (int) at.get("size").integer(1, 100_000);
    Distribution distribution = at.get("distribution").constant(Distribution.class);
    double low = 0;
    double high = 0;
    if (distribution == Distribution.UNIFORM) {
      low = at.get("low").real(-1e6, 1e6);
      high = at.get("high").real(-1e6, 1e6);
      if (low >= high) {
        throw at.failure("low " + low + " must be below high " + high);
      }
    }
    at.rejectUnread();
    return new LatentSpec(size, distribution, low, high);
  }

  Map<String, Object> write() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("size", size);
    map.put("distribution", YamlCursor.kebab(distribution));
    if (distribution == Distribution.UNIFORM) {
      map.put("low", low);
      map.put("high", high);
    }
    return map;
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
