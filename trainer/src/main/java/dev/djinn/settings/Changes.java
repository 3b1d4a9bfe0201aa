package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Random changes of all that the discriminator sees, real and generated, by adaptive discriminator
 * augmentation (Karras et al. 2020, arXiv:2006.06676): each kind is made with a probability, which
 * is fixed, follows a course, or goes up and down by how sure the discriminator is of real
 * pictures. Below some 0.8 the generator does not learn the changes.
 *
 * @param shares of each kind, by which the probability is multiplied, in (0, 1]
 * @param probability of a kind with a share of 1; where it adapts, that of the first step
 * @param adaptive how the probability follows the discriminator, empty if it does not
 */
public record Changes(Map<Kind, Double> shares, Course probability, Optional<Adaptive> adaptive) {
  /** Kinds, in the order in which they are made. */
  public enum Kind {
    /** Left becomes right, in half of the pictures that are chosen. */
    MIRROR(1),
    /** Turned by a multiple of 90°. */
    QUARTER_TURNS(1),
    /** Moved by whole pixels, up to an eighth of the side. */
    TRANSLATION(1),
    /** Larger or smaller by a factor whose log₂ has a deviation of 0.2. */
    SCALE(1),
    /** Turned by any angle. */
    ROTATION(1),
    /** Lighter or darker, by a deviation of a tenth of the range. */
    BRIGHTNESS(0.5),
    /** About the middle grey, by a factor whose log₂ has a deviation of 0.5. */
    CONTRAST(0.5),
    /** Turned about the grey axis, by any angle; of colour pictures. */
    HUE(0.5),
    /** About grey, by a factor whose log₂ has a deviation of 1; of colour pictures. */
    SATURATION(0.5),
    /** A part of half the sides is blank. */
    CUTOUT(1);

    private final double usual;

    Kind(double usual) {
      this.usual = usual;
    }

    /** Whether it moves pixels between their places, by other than whole steps. */
    public boolean interpolates() {
      return this == SCALE || this == ROTATION;
    }
  }

  /**
   * A probability that follows the discriminator.
   *
   * @param target what the mean sign of its judgement of real pictures is held at
   * @param over real pictures after which the probability could go from 0 to 1 at most
   */
  public record Adaptive(double target, double over) {
    /** The paper's. */
    public static final Adaptive USUAL = new Adaptive(0.6, 500_000);

    private static Adaptive read(YamlCursor at) {
      Adaptive adaptive =
          new Adaptive(
              at.find("target").map(v -> v.real(0, 1)).orElse(USUAL.target()),
              at.find("over").map(v -> v.real(1, 1e12)).orElse(USUAL.over()));
      at.rejectUnread();
      return adaptive;
    }

    private Map<String, Object> write() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("target", target);
      map.put("over", over);
      return map;
    }
  }

  /** Copies the map. */
  public Changes {
    shares = Collections.unmodifiableMap(new EnumMap<>(shares));
  }

  /**
   * Reads changes: the word {@code adaptive} for all kinds of the paper, or a map of kinds and
   * {@code probability}.
   */
  static Changes read(YamlCursor at, boolean square, Interval length) {
    Map<Kind, Double> shares = new EnumMap<>(Kind.class);
    if (at.isScalar()) {
      if (!at.text().equals("adaptive")) {
        throw at.failure(
            "expected adaptive, a list or a map of changes such as {mirror: 1, probability: 0.3},"
                + " got '"
                + at.text()
                + "'");
      }
      for (Kind kind : Kind.values()) {
        if (square || kind != Kind.QUARTER_TURNS) {
          shares.put(kind, kind.usual);
        }
      }
      return new Changes(shares, new Course.Constant(0), Optional.of(Adaptive.USUAL));
    }
    for (Kind kind : Kind.values()) {
      at.find(YamlCursor.kebab(kind))
          .map(v -> v.real(0, 1))
          .filter(share -> share > 0)
          .ifPresent(share -> shares.put(kind, share));
    }
    if (shares.containsKey(Kind.QUARTER_TURNS) && !square) {
      throw at.get("quarter-turns")
          .failure("quarter turns are for square pictures; leave them out, or take rotation");
    }
    YamlCursor probability = at.get("probability");
    Optional<Adaptive> adaptive = Optional.empty();
    Course course = new Course.Constant(0);
    if (probability.isScalar() && probability.text().equals("adaptive")) {
      adaptive = Optional.of(Adaptive.USUAL);
    } else if (probability.isMapping() && probability.keys().contains("adaptive")) {
      adaptive = Optional.of(Adaptive.read(probability.get("adaptive")));
      course =
          probability
              .find("from")
              .<Course>map(v -> new Course.Constant(v.real(0, 1)))
              .orElse(course);
      probability.rejectUnread();
    } else {
      course = Course.read(probability, 0, 1, length);
    }
    at.rejectUnread();
    if (shares.isEmpty()) {
      throw at.failure("has a probability but no change; give one, such as mirror: 1");
    }
    return new Changes(shares, course, adaptive);
  }

  Map<String, Object> write() {
    Map<String, Object> map = new LinkedHashMap<>();
    shares.forEach((kind, share) -> map.put(YamlCursor.kebab(kind), share));
    if (adaptive.isPresent()) {
      Map<String, Object> follows = new LinkedHashMap<>();
      follows.put("adaptive", adaptive.get().write());
      if (!probability.zero()) {
        follows.put("from", probability.write());
      }
      map.put("probability", follows);
    } else {
      map.put("probability", probability.write());
    }
    return map;
  }
}
