package dev.djinn.sampler;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which samples to draw. Immutable. Without more said: seed 0, from sample 0, labels drawn by the
 * seed, both outputs.
 *
 * <pre>{@code
 * SampleRequest.of(64).withSeed(42).withLabel(7)
 * }</pre>
 */
public final class SampleRequest {
  private final int count;
  private final long seed;
  private final long firstIndex;

  /** One for all, or one a sample, or null. */
  private final int[] labels;

  private final float[] latents;
  private final double truncation;
  private final Set<Output> outputs;

  private SampleRequest(
      int count,
      long seed,
      long firstIndex,
      int[] labels,
      float[] latents,
      double truncation,
      Set<Output> outputs) {
    this.count = count;
    this.seed = seed;
    this.firstIndex = firstIndex;
    this.labels = labels;
    this.latents = latents;
    this.truncation = truncation;
    this.outputs = outputs;
  }

  /**
   * Asks for a number of samples.
   *
   * @param count at least 1
   * @return the request
   * @throws SamplerException if the count is not possible
   */
  public static SampleRequest of(int count) {
    if (count < 1) {
      throw SamplerException.invalidRequest(
          "a count of " + count + " is not possible, it must be at least 1");
    }
    return new SampleRequest(count, 0, 0, null, null, 1, EnumSet.allOf(Output.class));
  }

  /**
   * Sets the seed.
   *
   * @param value any number
   * @return a copy
   */
  public SampleRequest withSeed(long value) {
    return new SampleRequest(count, value, firstIndex, labels, latents, truncation, outputs);
  }

  /**
   * Starts at another sample of the seed, so that several machines can share one seed: one takes
   * samples 0 to 999, the next 1000 to 1999, and together they have what one machine would have
   * made.
   *
   * @param index at least 0
   * @return a copy
   * @throws SamplerException if the index is not possible
   */
  public SampleRequest withFirstIndex(long index) {
    if (index < 0 || index > Long.MAX_VALUE - count) {
      throw SamplerException.invalidRequest(
          "a first index of " + index + " is not possible for " + count + " samples");
    }
    return new SampleRequest(count, seed, index, labels, latents, truncation, outputs);
  }

  /**
   * Gives all samples one label.
   *
   * @param label from 0 to classes − 1
   * @return a copy
   */
  public SampleRequest withLabel(int label) {
    return new SampleRequest(
        count, seed, firstIndex, new int[] {label}, latents, truncation, outputs);
  }

  /**
   * Gives each sample its label.
   *
   * @param values one a sample, each from 0 to classes − 1
   * @return a copy
   * @throws SamplerException if there are more or fewer than samples
   */
  public SampleRequest withLabels(int... values) {
    if (values.length != count) {
      throw SamplerException.invalidRequest(
          values.length + " labels given for " + count + " samples");
    }
    return new SampleRequest(count, seed, firstIndex, values.clone(), latents, truncation, outputs);
  }

  /**
   * Gives the latents instead of drawing them. The seed then only draws labels that are not given.
   *
   * @param values (count, latent size), finite
   * @return a copy
   */
  public SampleRequest withLatents(float... values) {
    return new SampleRequest(count, seed, firstIndex, labels, values.clone(), truncation, outputs);
  }

  /**
   * Pulls drawn latents towards the prior's centre: each becomes centre + truncation × (latent −
   * centre), rounded to float. Less variety, more typical pictures. Latents that were given stay as
   * they are.
   *
   * @param factor from 0, always the centre, to 1, as drawn
   * @return a copy
   * @throws SamplerException if the factor is outside
   */
  public SampleRequest withTruncation(double factor) {
    if (!(factor >= 0 && factor <= 1)) {
      throw SamplerException.invalidRequest(
          "a truncation of " + factor + " is not between 0 and 1");
    }
    return new SampleRequest(count, seed, firstIndex, labels, latents, factor, outputs);
  }

  /**
   * Asks for some outputs only, which saves memory and copying.
   *
   * @param first one
   * @param more others
   * @return a copy
   */
  public SampleRequest withOutputs(Output first, Output... more) {
    return new SampleRequest(
        count, seed, firstIndex, labels, latents, truncation, EnumSet.of(first, more));
  }

  /** {@return how many samples} */
  public int count() {
    return count;
  }

  /** {@return the seed} */
  public long seed() {
    return seed;
  }

  /** {@return the number of the first sample} */
  public long firstIndex() {
    return firstIndex;
  }

  /** {@return the given labels, one a sample or one for all, or empty if they are drawn} */
  public Optional<int[]> labels() {
    return Optional.ofNullable(labels).map(int[]::clone);
  }

  /** As {@link #labels}, null without any, and not to be changed. */
  int[] givenLabels() {
    return labels;
  }

  /** As {@link #latents}, null without any, and not to be changed. */
  float[] givenLatents() {
    return latents;
  }

  /** {@return how far latents are pulled to the prior's centre, 1 for not at all} */
  public double truncation() {
    return truncation;
  }

  /** {@return the given latents (count, latent size), or empty if they are drawn} */
  public Optional<float[]> latents() {
    return Optional.ofNullable(latents).map(float[]::clone);
  }

  /**
   * Gives the request for a part of the samples, which has the same samples as the whole has there.
   */
  SampleRequest part(int first, int size, int latentSize) {
    return new SampleRequest(
        size,
        seed,
        firstIndex + first,
        labels == null || labels.length == 1
            ? labels
            : Arrays.copyOfRange(labels, first, first + size),
        latents == null
            ? null
            : Arrays.copyOfRange(latents, first * latentSize, (first + size) * latentSize),
        truncation,
        outputs);
  }

  /** {@return whether this output is wanted} */
  boolean wants(Output output) {
    return outputs.contains(output);
  }
}
