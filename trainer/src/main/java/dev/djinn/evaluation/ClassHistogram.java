package dev.djinn.evaluation;

import java.util.Arrays;
import java.util.List;

/**
 * Which classes a classifier sees in generated pictures.
 *
 * @param counts pictures of each class
 * @param divergence Kullback and Leibler's KL(generated ‖ real), in nats, of the shares of the
 *     classes
 */
public record ClassHistogram(List<Integer> counts, double divergence) {
  /** Copies the counts. */
  public ClassHistogram {
    counts = List.copyOf(counts);
  }

  /**
   * Counts.
   *
   * @param generated classes of generated pictures, at least one
   * @param real share of each class among real pictures, more than 0 for a class to be expected
   * @return the histogram
   */
  public static ClassHistogram of(List<Integer> generated, List<Double> real) {
    Integer[] counts = new Integer[real.size()];
    Arrays.fill(counts, 0);
    generated.forEach(label -> counts[label]++);
    double divergence = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        double share = (double) counts[i] / generated.size();
        divergence += share * Math.log(share / real.get(i));
      }
    }
    return new ClassHistogram(List.of(counts), divergence);
  }

  /** Classes with a picture at least: modes found. */
  public int found() {
    return (int) counts.stream().filter(count -> count > 0).count();
  }

  /** The share of the rarest class, in [0, 1]. */
  public double least() {
    int all = counts.stream().mapToInt(Integer::intValue).sum();
    return (double) counts.stream().mapToInt(Integer::intValue).min().orElse(0) / all;
  }
}
