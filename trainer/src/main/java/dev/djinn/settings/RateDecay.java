package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.Course.Shape;
import dev.djinn.settings.Course.Span;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Both learning rates are multiplied by a factor that goes from 1 to {@code to} over the first
 * steps and stays there.
 *
 * @param shape of the way
 * @param to the last factor
 * @param over how many steps, epochs or images
 */
public record RateDecay(Shape shape, double to, Span over) {
  /** Rates that stay as they are. */
  public static final RateDecay NONE = new RateDecay(Shape.LINEAR, 1, new Span(1, Span.Unit.STEPS));

  /**
   * The factor of a step.
   *
   * @param now the step
   * @return between 1 and {@code to}
   */
  public double factor(Moment now) {
    return to + (1 - to) * shape.left(over.passed(now));
  }

  /** Over the whole run if it does not say; the run's folder then does, for a longer one. */
  static RateDecay read(YamlCursor at, Interval length) {
    RateDecay decay =
        new RateDecay(
            at.get("shape").constant(Shape.class),
            at.get("to").real(0, 1),
            at.find("over").map(Span::read).orElse(Span.of(length)));
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
