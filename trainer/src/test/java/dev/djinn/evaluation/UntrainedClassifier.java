package dev.djinn.evaluation;

import ai.djl.ndarray.NDManager;
import dev.djinn.run.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;

/** A classifier for tests that need no good one: random features tell pictures apart, too. */
public final class UntrainedClassifier {
  private UntrainedClassifier() {}

  /** Writes a file for pictures of (1, side, side). */
  public static void write(Path file, int side, int classes) throws IOException {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager();
        Classifier fresh = new Classifier(1, side, classes, manager)) {
      fresh.write(file);
    }
  }
}
