package dev.djinn.sampler;

/**
 * What batches of one size took.
 *
 * @param count how many there were
 * @param input nanoseconds of gathering latents and labels, summed
 * @param run nanoseconds in the model, summed
 * @param output nanoseconds of handing out images and pixels, summed
 */
public record BatchTimes(long count, long input, long run, long output) {
  /** {@return one batch} */
  static BatchTimes of(long input, long run, long output) {
    return new BatchTimes(1, input, run, output);
  }

  BatchTimes plus(BatchTimes other) {
    return new BatchTimes(
        count + other.count, input + other.input, run + other.run, output + other.output);
  }
}
