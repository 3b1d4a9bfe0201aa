package dev.djinn.settings;

import dev.djinn.network.YamlCursor;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of pictures before the discriminator sees them.
 *
 * @param mirror whether each real picture is mirrored or not by the toss of a coin; generated ones
 *     then learn both
 * @param augment random changes of real and generated pictures alike, none if empty
 * @param changes others, each with a probability
 */
public record Seen(boolean mirror, Set<Augment> augment, Optional<Changes> changes) {
  /** Random changes that gradients pass through (Zhao et al. 2020). */
  public enum Augment {
    /** Brightness, contrast and, of colour pictures, saturation. */
    COLOR,
    /** Moved by up to an eighth of the side. */
    TRANSLATION,
    /** A square of half the side is blank. */
    CUTOUT
  }

  /** Copies the set. */
  public Seen {
    augment = Collections.unmodifiableSet(augment);
  }

  /**
   * Whether the discriminator sees pictures as they are.
   *
   * @return true if nothing is changed at random
   */
  public boolean unchanged() {
    return augment.isEmpty() && changes.isEmpty();
  }

  static Seen read(YamlCursor file, boolean square, Interval length) {
    Set<Augment> kinds = EnumSet.noneOf(Augment.class);
    Optional<YamlCursor> augment = file.find("augment");
    Optional<Changes> changes =
        augment
            .filter(at -> at.isScalar() || at.isMapping())
            .map(at -> Changes.read(at, square, length));
    if (changes.isEmpty()) {
      augment.ifPresent(at -> at.list().forEach(kind -> kinds.add(kind.constant(Augment.class))));
    }
    return new Seen(file.find("mirror").map(YamlCursor::bool).orElse(false), kinds, changes);
  }

  void write(Map<String, Object> file) {
    if (mirror) {
      file.put("mirror", true);
    }
    if (!augment.isEmpty()) {
      file.put("augment", augment.stream().map(YamlCursor::kebab).toList());
    }
    changes.ifPresent(made -> file.put("augment", made.write()));
  }
}
