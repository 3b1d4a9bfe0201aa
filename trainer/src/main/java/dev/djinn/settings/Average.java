package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import dev.djinn.settings.Course.Moment;
import java.util.Map;

/** The averaged generator, which samples and exports come from where there is one. */
public sealed interface Average {
  /** {@return no average} */
  static Average none() {
    return new Decay(0);
  }

  /**
   * Whether there is one at all.
   *
   * @return false if the generator itself serves
   */
  default boolean exists() {
    return !equals(none());
  }

  /**
   * What the average keeps of itself in a step.
   *
   * @param now the step
   * @return d of a ← d · a + (1 − d) · p, in [0, 1)
   */
  double kept(Moment now);

  /** {@return this as a file has it} */
  Object write();

  /**
   * The same share each step, but less at first: min(share, (1 + t) / (10 + t)), so that the first
   * steps do not weigh on it for long (TensorFlow's warm-up).
   *
   * @param share in [0, 1)
   */
  record Decay(double share) implements Average {
    @Override
    public double kept(Moment now) {
      return Math.min(share, (1.0 + now.step()) / (10.0 + now.step()));
    }

    @Override
    public Object write() {
      return share;
    }
  }

  /**
   * After so many real pictures what the average was counts half: d = ½^(batch / half-life). A
   * half-life of 0 is the generator itself (Karras et al. 2020, whose training goes by images so
   * that a recipe holds for any batch).
   *
   * @param images the half-life, at least 0
   */
  record HalfLife(Course images) implements Average {
    @Override
    public double kept(Moment now) {
      double life = images.at(now);
      return life == 0 ? 0 : Math.pow(0.5, now.batch() / life);
    }

    @Override
    public Object write() {
      return Map.of("half-life", images.write());
    }
  }

  /** A share, or {@code {half-life: …}}. */
  static Average read(YamlCursor at, Interval length) {
    if (!at.isMapping()) {
      return new Decay(at.real(0, 0.999_999));
    }
    Average average = new HalfLife(Course.read(at.get("half-life"), 0, 1e12, length));
    at.rejectUnread();
    return average;
  }
}
