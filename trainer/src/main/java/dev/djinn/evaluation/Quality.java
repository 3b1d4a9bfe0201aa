package dev.djinn.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How good generated pictures are, beside what real pictures get against other real ones.
 *
 * @param samples generated pictures looked at, and as many real ones
 * @param generated figures of the generated pictures
 * @param floor the same figures of real pictures that are not in the reference
 * @param classNames in the order of the counts
 */
public record Quality(int samples, Figures generated, Figures floor, List<String> classNames) {
  /** Before the names of figures that were measured in {@link RandomFeatures}. */
  public static final String RANDOM = "random_";

  /** What the figures are called where people read them, in the order to show them. */
  public static final Map<String, String> TITLES = titles();

  /** Copies the names. */
  public Quality {
    classNames = List.copyOf(classNames);
  }

  /**
   * What is measured of some pictures.
   *
   * @param fcd Fréchet distance
   * @param kernel kernel distance
   * @param neighbourhoods precision, recall, density, coverage
   * @param classes the classes that the classifier sees in the pictures; empty in random features
   * @param labelAccuracy share of the pictures whose class is the demanded one; empty if they have
   *     no labels
   * @param trainedOnSamples classification accuracy score: accuracy on the reference of a
   *     classifier trained on the pictures (Ravuri and Vinyals 2019, arXiv:1905.10887); empty if
   *     they have no labels, or it was not asked for
   */
  public record Figures(
      double fcd,
      KernelDistance kernel,
      Neighbourhoods neighbourhoods,
      Optional<ClassHistogram> classes,
      OptionalDouble labelAccuracy,
      OptionalDouble trainedOnSamples) {
    /** The same with a classification accuracy score. */
    Figures withTrainedOnSamples(double accuracy) {
      return new Figures(
          fcd, kernel, neighbourhoods, classes, labelAccuracy, OptionalDouble.of(accuracy));
    }
  }

  /**
   * Every figure by a short name, in the order to show them.
   *
   * @return numbers; those that do not apply are left out
   */
  public Map<String, Double> figures() {
    Map<String, Double> all = new LinkedHashMap<>();
    put(all, "", generated);
    put(all, "real_", floor);
    return all;
  }

  private static Map<String, String> titles() {
    Map<String, String> titles = new LinkedHashMap<>();
    titles.put(RANDOM + "fcd", "Fréchet distance (random features)");
    titles.put(RANDOM + "kid", "kernel distance (random features)");
    for (String name : new String[] {"precision", "recall", "density", "coverage"}) {
      titles.put(RANDOM + name, name + " (random features)");
    }
    titles.put("fcd", "Fréchet distance (FCD), less is better");
    titles.put("untrained_fcd", "  before training");
    titles.put("kid", "kernel distance (KID), less is better");
    titles.put("precision", "precision");
    titles.put("recall", "recall");
    titles.put("density", "density");
    titles.put("coverage", "coverage");
    titles.put("label_accuracy", "label accuracy");
    titles.put("cas", "trained on samples (CAS)");
    titles.put("classes_found", "classes found");
    titles.put("least_class", "share of the rarest class");
    titles.put("class_kl", "KL of the classes");
    titles.put("copies", "copies: nearer than any real picture");
    titles.put("copies_distance", "distance to the nearest, median");
    titles.put("copies_least", "distance to the nearest, least");
    titles.put("copies_held_out", "  pictures that were held out");
    return Collections.unmodifiableMap(titles);
  }

  private static void put(Map<String, Double> all, String prefix, Figures figures) {
    String space = prefix + (figures.classes().isPresent() ? "" : RANDOM);
    all.put(space + "fcd", figures.fcd());
    all.put(space + "kid", figures.kernel().mean());
    all.put(space + "kid_spread", figures.kernel().spread());
    all.put(space + "precision", figures.neighbourhoods().precision());
    all.put(space + "recall", figures.neighbourhoods().recall());
    all.put(space + "density", figures.neighbourhoods().density());
    all.put(space + "coverage", figures.neighbourhoods().coverage());
    figures.labelAccuracy().ifPresent(value -> all.put(prefix + "label_accuracy", value));
    figures.trainedOnSamples().ifPresent(value -> all.put(prefix + "cas", value));
    figures
        .classes()
        .ifPresent(
            classes -> {
              all.put(prefix + "classes_found", (double) classes.found());
              all.put(prefix + "least_class", classes.least());
              all.put(prefix + "class_kl", classes.divergence());
            });
  }
}
