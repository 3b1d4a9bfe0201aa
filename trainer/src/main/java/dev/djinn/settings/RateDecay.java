package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Both learning rates are multiplied by a factor that goes from 1 to {@code to} over the first
 * steps and stays there.
 *
 * @param shape of the way
 * @param to the last factor
 * @param over how many steps or epochs
 */
public record RateDecay(Shape shape, double to, Interval over) {
  /** Rates that stay as they are. */
  public static final RateDecay NONE = new RateDecay(Shape.LINEAR, 1, new Interval(1, false));

  /** Ways down. */
  public enum Shape {
    /** A straight line. */
    LINEAR,
    /** Half a cosine wave (Loshchilov and Hutter 2017, equation 5). */
    COSINE
  }

  /**
   * The factor of a step.
   *
   * @param step counted from 0
   * @param stepsPerEpoch steps in an epoch
   * @return between 1 and {@code to}
   */
  public double factor(long step, long stepsPerEpoch) {
    double way = Math.min(1, (double) step / over.steps(stepsPerEpoch));
    double left = shape == Shape.LINEAR ? 1 - way : (1 + Math.cos(Math.PI * way)) / 2;
    return to + (1 - to) * left;
  }

  /** Over the whole run if it does not say; the run's folder then does, for a longer one. */
  static RateDecay read(YamlCursor at, Interval length) {
    RateDecay decay =
        new RateDecay(
            at.get("shape").constant(Shape.class),
            at.get("to").real(0, 1),
            at.find("over").map(Interval::read).orElse(length));
    if (decay.over().later().isPresent()) {
      throw at.get("over").failure("must be one number of steps or epochs");
    }
    at.rejectUnread();
    return decay;
  }

  Map<String, Object> write() {
    Map<String, Object> decay = new LinkedHashMap<>();
    decay.put("shape", YamlCursor.kebab(shape));
    decay.put("to", to);
    decay.put("over", over.write());
    return decay;
  }
}
