package dev.djinn.trainer;

import dev.djinn.evaluation.ClassHistogram;
import dev.djinn.evaluation.KernelDistance;
import dev.djinn.evaluation.Neighbourhoods;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How good generated pictures are, beside what real pictures get against other real ones.
 *
 * @param samples generated pictures looked at, and as many real ones
 * @param generated figures of the generated pictures
 * @param floor the same figures of real pictures that are not in the reference
 * @param classes the classes that the classifier sees in the generated pictures
 * @param classNames in the order of the counts
 * @param labelAccuracy share of the pictures whose class is the demanded one; empty if
 *     unconditional
 * @param trainedOnSamples classification accuracy score: accuracy on real pictures of a classifier
 *     trained on generated ones (Ravuri and Vinyals 2019, arXiv:1905.10887); empty if unconditional
 *     or not asked for
 */
public record Quality(
    int samples,
    Figures generated,
    Figures floor,
    ClassHistogram classes,
    List<String> classNames,
    OptionalDouble labelAccuracy,
    OptionalDouble trainedOnSamples) {
  /** What the figures are called where people read them, in the order to show them. */
  public static final Map<String, String> TITLES = titles();

  /** Copies the names. */
  public Quality {
    classNames = List.copyOf(classNames);
  }

  /**
   * Distances in the classifier's features.
   *
   * @param fcd Fréchet distance
   * @param kernel kernel distance
   * @param neighbourhoods precision, recall, density, coverage
   */
  public record Figures(double fcd, KernelDistance kernel, Neighbourhoods neighbourhoods) {}

  /**
   * Every figure by a short name, in the order to show them.
   *
   * @return numbers; those that do not apply are left out
   */
  public Map<String, Double> figures() {
    Map<String, Double> all = new LinkedHashMap<>();
    put(all, "", generated);
    labelAccuracy.ifPresent(value -> all.put("label_accuracy", value));
    trainedOnSamples.ifPresent(value -> all.put("cas", value));
    all.put("classes_found", (double) classes.found());
    all.put("least_class", classes.least());
    all.put("class_kl", classes.divergence());
    put(all, "real_", floor);
    return all;
  }

  private static Map<String, String> titles() {
    Map<String, String> titles = new LinkedHashMap<>();
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
    return Collections.unmodifiableMap(titles);
  }

  private static void put(Map<String, Double> all, String prefix, Figures figures) {
    all.put(prefix + "fcd", figures.fcd());
    all.put(prefix + "kid", figures.kernel().mean());
    all.put(prefix + "kid_spread", figures.kernel().spread());
    all.put(prefix + "precision", figures.neighbourhoods().precision());
    all.put(prefix + "recall", figures.neighbourhoods().recall());
    all.put(prefix + "density", figures.neighbourhoods().density());
    all.put(prefix + "coverage", figures.neighbourhoods().coverage());
  }
}
