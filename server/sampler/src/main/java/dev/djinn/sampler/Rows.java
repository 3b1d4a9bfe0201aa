package dev.djinn.sampler;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Objects;

/**
 * Inputs for a generator and the buffers that take what it makes of them: the lower-level call, for
 * those who bring their own latents and memory. Buffers may be direct or not, and are used from
 * their positions, which stay. They must not be touched until the call that took them is done.
 *
 * @param count how many images, at least 1
 * @param latents (count, latent size), finite
 * @param labels (count), or null for an unconditional generator
 * @param image takes (count, channels, height, width) in [0, 1], or null if not wanted
 * @param pixels takes (count, height, width, channels), or null if not wanted
 */
public record Rows(
    int count, FloatBuffer latents, LongBuffer labels, FloatBuffer image, ByteBuffer pixels) {
  /** Checks the count; {@link Sampler} checks the buffers. */
  public Rows {
    Objects.requireNonNull(latents, "latents");
    if (count < 1) {
      throw SamplerException.invalidRequest(
          "a count of " + count + " is not possible, it must be at least 1");
    }
  }

  /**
   * Makes rows that have no labels and no place for their outputs yet.
   *
   * @param count how many images
   * @param latents (count, latent size)
   * @return the rows
   */
  public static Rows of(int count, FloatBuffer latents) {
    return new Rows(count, latents, null, null, null);
  }

  /**
   * Gives each row its label.
   *
   * @param values (count), each from 0 to classes − 1
   * @return a copy
   */
  public Rows withLabels(LongBuffer values) {
    return new Rows(count, latents, values, image, pixels);
  }

  /**
   * Asks for the floats.
   *
   * @param target takes (count, channels, height, width)
   * @return a copy
   */
  public Rows toImage(FloatBuffer target) {
    return new Rows(count, latents, labels, target, pixels);
  }

  /**
   * Asks for the bytes.
   *
   * @param target takes (count, height, width, channels)
   * @return a copy
   */
  public Rows toPixels(ByteBuffer target) {
    return new Rows(count, latents, labels, image, target);
  }

  /** Refuses rows that do not fit the generator. */
  void check(GeneratorContract contract) {
    long values = (long) count * contract.image().size();
    checkLatents(latents, count, contract);
    if (image == null && pixels == null) {
      throw SamplerException.invalidRequest(
          "neither image nor pixels wanted: ask for at least one");
    }
    checkOutput("image", image, values);
    checkOutput("pixels", pixels, values);
    checkLabels(contract);
  }

  /** Refuses latents that are too few or too many, or not finite. */
  static void checkLatents(FloatBuffer latents, int count, GeneratorContract contract) {
    long width = contract.latent().size();
    if (latents.remaining() != count * width) {
      throw SamplerException.invalidRequest(
          "latents hold "
              + latents.remaining()
              + " numbers, but "
              + count
              + " x "
              + width
              + " are needed");
    }
    int bad = notFinite(latents);
    if (bad >= 0) {
      throw SamplerException.invalidRequest(
          "latent "
              + bad / width
              + " holds "
              + latents.get(latents.position() + bad)
              + " at "
              + bad % width
              + ": numbers must be finite");
    }
  }

  /** Gives the place of a number that is not finite, or -1. */
  private static int notFinite(FloatBuffer latents) {
    if (latents.hasArray()) { // Twice as fast as through the buffer, and each request goes here.
      float[] array = latents.array();
      int from = latents.arrayOffset() + latents.position();
      for (int i = 0; i < latents.remaining(); i++) {
        if (!Float.isFinite(array[from + i])) {
          return i;
        }
      }
      return -1;
    }
    for (int i = latents.position(); i < latents.limit(); i++) {
      if (!Float.isFinite(latents.get(i))) {
        return i - latents.position();
      }
    }
    return -1;
  }

  private void checkLabels(GeneratorContract contract) {
    if (!contract.conditional()) {
      if (labels != null) {
        throw SamplerException.invalidRequest("labels given, but this generator is unconditional");
      }
      return;
    }
    if (labels == null) {
      throw SamplerException.invalidRequest("no labels given, but this generator needs one a row");
    }
    if (labels.remaining() != count) {
      throw SamplerException.invalidRequest(
          labels.remaining() + " labels given for " + count + " rows");
    }
    for (int i = labels.position(); i < labels.limit(); i++) {
      checkLabel(labels.get(i), contract);
    }
  }

  /** Refuses a label that the generator does not have. */
  static void checkLabel(long label, GeneratorContract contract) {
    int classes = contract.labels().size();
    if (label < 0 || label >= classes) {
      throw SamplerException.invalidRequest(
          "label " + label + " is not between 0 and " + (classes - 1));
    }
  }

  private static void checkOutput(String name, Buffer target, long needed) {
    if (target == null) {
      return;
    }
    if (target.remaining() < needed) {
      throw SamplerException.invalidRequest(
          "buffer for " + name + " has room for " + target.remaining() + " of " + needed);
    }
    if (target.isReadOnly()) {
      // Writing into it would fail, and with it the batch, in which others' rows are too.
      throw SamplerException.invalidRequest("buffer for " + name + " is read-only");
    }
  }
}
