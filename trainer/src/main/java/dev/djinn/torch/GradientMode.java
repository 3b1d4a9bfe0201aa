package dev.djinn.torch;

import ai.djl.pytorch.jni.JniUtils;

/**
 * Records graphs for differentiation in this thread until closed. libtorch's gradient mode is a
 * property of the thread, on by default; DJL switches it off only in the thread that loaded the
 * engine, so work that must not record starts with {@link #off}.
 */
public final class GradientMode implements AutoCloseable {
  private final boolean before;

  private GradientMode(boolean enabled) {
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(enabled);
  }

  /**
   * Switches recording on.
   *
   * @return closing it restores the mode of before
   */
  public static GradientMode on() {
    return new GradientMode(true);
  }

  /**
   * Switches recording off.
   *
   * @return closing it restores the mode of before
   */
  public static GradientMode off() {
    return new GradientMode(false);
  }

  @Override
  public void close() {
    JniUtils.setGradMode(before);
  }
}
