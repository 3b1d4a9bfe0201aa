package dev.djinn.network;

/** What batch norm, dropout and spectral norm do in a pass. */
public enum Mode {
  /** Batch statistics, which move the running ones; dropout drops. */
  TRAINING("train"),
  /** Batch statistics, the running ones stay; dropout drops. */
  UNMOVED("train_unmoved"),
  /**
   * Running statistics, but dropout drops: what {@code tf.keras} 2 makes of a network that is not
   * trainable.
   */
  FROZEN("train_frozen"),
  /** Running statistics, no dropout. */
  INFERENCE("infer");

  private final String method;

  Mode(String method) {
    this.method = method;
  }

  String method() {
    return method;
  }
}
