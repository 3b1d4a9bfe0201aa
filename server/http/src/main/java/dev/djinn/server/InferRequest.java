package dev.djinn.server;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * A validated inference request: what the generator is fed and what of its outputs goes back.
 *
 * @param id the client's own name for it, echoed; null if it gave none
 * @param rows images asked for, at least 1
 * @param latents (rows, latent size)
 * @param labels (rows); null for an unconditional generator
 * @param schedule how urgent it is
 * @param outputs in the order of the answer, each once, at least one
 */
record InferRequest(
    String id,
    int rows,
    FloatBuffer latents,
    LongBuffer labels,
    SchedulePolicy schedule,
    List<Wanted> outputs) {

  /**
   * An output to send.
   *
   * @param spec which
   * @param binary as bytes behind the JSON rather than as numbers in it
   */
  record Wanted(TensorSpec spec, boolean binary) {

    long bytes(int rows) {
      return rows * spec.rowSize() * spec.type().size();
    }
  }

  InferRequest {
    outputs = List.copyOf(outputs);
  }
}
