package dev.djinn.graph;

import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.onnx.global.onnx;

/** ONNX's own checker, with shape inference. */
public final class OnnxChecker {
  private OnnxChecker() {}

  /**
   * Checks a file.
   *
   * @throws RuntimeException saying what is wrong with it
   */
  public static void check(Path file) {
    Loader.load(onnx.class);
    try (BytePointer path = new BytePointer(file.toString())) {
      onnx.check_model(path, true, false, false);
    }
  }
}
