package dev.djinn.exporter.block;

import ai.djl.ndarray.NDManager;
import dev.djinn.evaluation.Classifier;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.Target;
import dev.djinn.run.TorchEngine;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the classifiers that pictures are compared with as ONNX files. */
public final class ClassifierExport {
  private ClassifierExport() {}

  /**
   * {@return whether this is a classifier's name or a file, which no run is}
   *
   * @param nameOrFile what somebody calls it
   */
  public static boolean isClassifier(Path nameOrFile) {
    return !Files.isDirectory(nameOrFile)
        && (Classifiers.KNOWN.contains(nameOrFile.toString()) || Files.isRegularFile(nameOrFile));
  }

  /**
   * Writes a classifier: from {@code image}, float32 (batch, channels, side, side) in [0, 1], to
   * {@code features}, float32 (batch, {@value Classifier#FEATURES}), in which the Fréchet distance
   * is measured, and {@code logits}, float32 (batch, classes).
   *
   * @param nameOrFile a name of {@link Classifiers#KNOWN}, or a file made by {@code djinn
   *     classifier}
   * @param target where the file is to run
   * @param tolerance the largest error allowed, relative to the output's largest number where that
   *     is over 1
   * @param file replaced if it is there
   * @return the file and its proof
   * @throws IllegalArgumentException if {@code nameOrFile} is neither
   * @throws dev.djinn.run.TrainingException if the file is not a classifier's
   * @throws ExportException if the result is not the classifier within the tolerance; then there is
   *     no new file
   */
  public static BlockResult write(String nameOrFile, Target target, double tolerance, Path file) {
    try (NDManager manager =
            NDManager.newBaseManager(TorchEngine.device("cpu").device(), "PyTorch");
        Classifier classifier = Classifiers.open(nameOrFile, manager)) {
      BlockOptions options =
          BlockOptions.of(
                  BlockInput.floats(
                      "image", classifier.channels(), classifier.side(), classifier.side()))
              .withOutputs("features", "logits")
              .withTarget(target)
              .withTolerance(tolerance);
      return BlockExport.write(classifier.block(), options, file);
    }
  }
}
