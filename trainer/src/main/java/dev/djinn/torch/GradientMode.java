package dev.djinn.torch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Says what libtorch records for differentiation. Its gradient mode is a property of the thread, on
 * by default; DJL switches it off only in the thread that loaded the engine, so every piece of work
 * states what it needs.
 */
public final class GradientMode {
  private GradientMode() {}

  /**
   * Runs work whose graph gradients can be taken of.
   *
   * @param work what to run
   * @param <T> its result
   * @return its result
   */
  public static <T> T recorded(Supplier<T> work) {
    return with(true, work);
  }

  /**
   * Runs work that no gradient is taken of.
   *
   * @param work what to run
   * @param <T> its result
   * @return its result
   */
  public static <T> T unrecorded(Supplier<T> work) {
    return with(false, work);
  }

  private static <T> T with(boolean enabled, Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(enabled);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
