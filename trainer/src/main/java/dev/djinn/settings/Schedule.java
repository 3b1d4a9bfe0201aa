package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who is updated when. */
public sealed interface Schedule {
  /** One discriminator update, then one generator update. */
  record Alternating() implements Schedule {
    @Override
    public Object write() {
      return "alternating";
    }
  }

  /**
   * The discriminator trains until its loss is below one bound, then the generator until the
   * discriminator's loss is above another, each on new batches and at most so often. Generated
   * pictures carry the real batch's labels in both.
   *
   * @param most updates of each network in a step
   * @param discriminatorUntil the discriminator stops below this loss
   * @param generatorUntil the generator stops above this loss of the discriminator
   */
  record Adaptive(int most, double discriminatorUntil, double generatorUntil) implements Schedule {
    @Override
    public Object write() {
      Map<String, Object> bounds = new LinkedHashMap<>();
      bounds.put("most", most);
      bounds.put("discriminator-until", discriminatorUntil);
      bounds.put("generator-until", generatorUntil);
      return Map.of("adaptive", bounds);
    }
  }

  /** {@return this as a file has it} */
  Object write();

  /**
   * Reads a schedule.
   *
   * @param at {@code alternating}, or {@code adaptive: {…}}
   * @return the schedule
   */
  static Schedule read(YamlCursor at) {
    if (at.isScalar()) {
      if (!at.text().equals("alternating")) {
        throw at.failure("expected alternating or adaptive: {…}, got '" + at.text() + "'");
      }
      return new Alternating();
    }
    YamlCursor adaptive = at.get("adaptive");
    Schedule schedule =
        new Adaptive(
            (int) adaptive.get("most").integer(1, 1000),
            adaptive.get("discriminator-until").real(0, 1e9),
            adaptive.get("generator-until").real(0, 1e9));
    adaptive.rejectUnread();
    at.rejectUnread();
    return schedule;
  }
}
