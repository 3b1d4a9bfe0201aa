package dev.djinn.sampler;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs.
 *
 * @param kind wish or demand
 * @param index the GPU's number; 0 unless {@code kind} is {@link Kind#GPU}
 */
public record Device(Kind kind, int index) {
  /** A GPU if this machine can use one, otherwise the CPU; the sampler logs which and why. */
  public static final Device AUTO = new Device(Kind.AUTO, 0);

  /** The CPU. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  private static final Pattern GPU = Pattern.compile("gpu(?::([0-9]{1,3}))?");

  /** Wish or demand. */
  public enum Kind {
    /** A wish: GPU if there is one. */
    AUTO,
    /** A demand. */
    CPU,
    /** A demand that fails where there is no usable GPU. */
    GPU
  }

  /** Checks the index. */
  public Device {
    Objects.requireNonNull(kind, "kind");
    if (index < 0 || (kind != Kind.GPU && index != 0)) {
      throw SamplerException.invalidRequest(
          "device index " + index + " is not possible for " + kind);
    }
  }

  /**
   * Makes a demand for one GPU.
   *
   * @param index its number, from 0
   * @return the device
   */
  public static Device gpu(int index) {
    return new Device(Kind.GPU, index);
  }

  /**
   * Reads {@code auto}, {@code cpu}, {@code gpu} or {@code gpu:N}.
   *
   * @param text as on the command line
   * @return the device
   * @throws SamplerException if it is none of these
   */
  public static Device parse(String text) {
    if (text.equals("auto")) {
      return AUTO;
    }
    if (text.equals("cpu")) {
      return CPU;
    }
    Matcher gpu = GPU.matcher(text);
    if (!gpu.matches()) {
      throw SamplerException.invalidRequest(
          "device '" + text + "' is none of auto, cpu, gpu, gpu:N");
    }
    return gpu(gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
  }

  /**
   * Looks for what this device needs, without loading anything, so that a demand that cannot be met
   * fails before any model is read.
   *
   * @throws SamplerException if this is a demand for a GPU and CUDA's libraries are not here
   */
  public void checkAvailable() {
    if (kind == Kind.GPU) {
      Cuda.problem()
          .ifPresent(
              problem -> {
                throw unavailable(problem);
              });
    }
  }

  SamplerException unavailable(String problem) {
    return new SamplerException(
        SamplerException.Reason.UNAVAILABLE_DEVICE,
        "device " + this + " was demanded, but cannot be used: " + problem);
  }

  /** {@return the text that {@link #parse} reads} */
  @Override
  public String toString() {
    return switch (kind) {
      case AUTO -> "auto";
      case CPU -> "cpu";
      case GPU -> "gpu:" + index;
    };
  }
}
