package dev.djinn.exporter.block;

import java.util.List;
import java.util.Locale;

/**
 * How far a file is from the plain DJL block it was made of.
 *
 * @param batches the batch sizes at which both were run
 * @param rows how many rows were compared in all
 * @param largestOutput the largest |number| that the block made
 * @param largestError the largest |file − block| of an output, relative to the largest |number| of
 *     that output where that is over 1
 * @param meanError the mean of the same
 */
public record BlockProof(
    List<Integer> batches, int rows, double largestOutput, double largestError, double meanError) {
  /** Keeps a copy. */
  public BlockProof {
    batches = List.copyOf(batches);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "largest error %.2e (mean %.2e) beside the block run by DJL, outputs up to %.3g, "
            + "%d rows at batch %s",
        largestError,
        meanError,
        largestOutput,
        rows,
        batches);
  }
}
