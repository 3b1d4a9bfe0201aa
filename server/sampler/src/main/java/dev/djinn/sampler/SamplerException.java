package dev.djinn.sampler;

import java.util.Objects;

/**
 * The one exception of the sampler. Its message is one line: what is wrong, with what value, what
 * to do. {@link #reason()} says who can mend it.
 */
public final class SamplerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why a call failed. */
  public enum Reason {
    /** The caller asked for something impossible: a wrong shape, an unknown label, a count of 0. */
    INVALID_REQUEST,
    /** No such model. */
    NOT_FOUND,
    /** The file is not ONNX, lacks the contract, or its tensors do not match it. */
    INVALID_MODEL,
    /** A demanded device, or ONNX Runtime itself, cannot be used on this machine. */
    UNAVAILABLE_DEVICE,
    /** The queue is full; try again later. */
    OVERLOADED,
    /** The request's time ran out before a worker took it. */
    TIMED_OUT,
    /** The sampler is closed. */
    CLOSED,
    /** ONNX Runtime failed while it ran the model. */
    FAILED
  }

  /**
   * Makes an exception without a cause.
   *
   * @param reason who can mend it
   * @param message one line
   */
  public SamplerException(Reason reason, String message) {
    super(OneLine.of(message));
    this.reason = Objects.requireNonNull(reason);
  }

  /**
   * Makes an exception with its cause.
   *
   * @param reason who can mend it
   * @param message one line
   * @param cause what happened below
   */
  public SamplerException(Reason reason, String message, Throwable cause) {
    super(OneLine.of(message), cause);
    this.reason = Objects.requireNonNull(reason);
  }

  /** {@return why the call failed} */
  public Reason reason() {
    return reason;
  }

  static SamplerException invalidRequest(String message) {
    return new SamplerException(Reason.INVALID_REQUEST, message);
  }

  static SamplerException invalidModel(String message) {
    return new SamplerException(Reason.INVALID_MODEL, message);
  }
}
