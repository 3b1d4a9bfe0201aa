package dev.djinn.exporter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far a file is from the trained network it was made of, in the units of its outputs.
 *
 * @param rows latents compared, the edges of the prior among them
 * @param errorByBatch largest |file − network| on {@code image} for each batch size in which the
 *     file was run, each over all rows
 * @param tolerance the largest error allowed on {@code image}
 * @param largestError largest |file − network| on {@code image}, whose range is [0, 1]
 * @param meanError mean |file − network| on {@code image}
 * @param relativeError largest |file − network| / max(|network|, 1/255) on {@code image}
 * @param pixelLevels largest difference in {@code pixels}, in levels of 255
 * @param pixelsDiffering share of {@code pixels} that differ at all
 */
public record Parity(
    int rows,
    SortedMap<Integer, Double> errorByBatch,
    double tolerance,
    double largestError,
    double meanError,
    double relativeError,
    int pixelLevels,
    double pixelsDiffering) {
  /** Keeps a copy. */
  public Parity {
    errorByBatch = Collections.unmodifiableSortedMap(new TreeMap<>(errorByBatch));
  }

  /** Returns whether the file is the network within the tolerance; false if an error is NaN. */
  public boolean holds() {
    return largestError <= tolerance;
  }

  /** Returns this as the JSON values of {@code djinn.parity}. */
  Map<String, Object> toJson(Precision precision) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("compared_with", "the trained network, run by DJL on PyTorch");
    json.put("precision", precision.toString());
    json.put("rows", rows);
    json.put("batches", List.copyOf(errorByBatch.keySet()));
    json.put("tolerance", tolerance);
    json.put("largest_error", rounded(largestError));
    json.put("mean_error", rounded(meanError));
    json.put("relative_error", rounded(relativeError));
    json.put("pixel_levels", pixelLevels);
    json.put("pixels_differing", rounded(pixelsDiffering));
    return json;
  }

  private static double rounded(double value) {
    return Double.parseDouble(String.format(java.util.Locale.ROOT, "%.2e", value));
  }

  @Override
  public String toString() {
    return String.format(
        java.util.Locale.ROOT,
        "largest error %.2e (relative %.2e, mean %.2e, tolerance %.1e) on image, "
            + "%d levels on pixels, %d latents at batch %s",
        largestError,
        relativeError,
        meanError,
        tolerance,
        pixelLevels,
        rows,
        errorByBatch.keySet());
  }
}
