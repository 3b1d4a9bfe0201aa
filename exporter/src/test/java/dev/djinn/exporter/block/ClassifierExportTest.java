package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.djinn.data.DataOptions;
import dev.djinn.data.DataSets;
import dev.djinn.data.ImageSet;
import dev.djinn.evaluation.Classifier;
import dev.djinn.evaluation.Classifiers;
import dev.djinn.evaluation.FeatureExtractor;
import dev.djinn.exporter.OnnxRun;
import dev.djinn.exporter.Target;
import dev.djinn.files.Sha256;
import dev.djinn.graph.Tensor;
import dev.djinn.run.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The classifiers as ONNX files: those that are shipped and those that are made here. */
class ClassifierExportTest {
  private static final Path SHIPPED = Path.of("../trainer/classifiers");
  private static final int PICTURES = 1000;

  @TempDir Path folder;

  @Test
  void aShippedFileIsTheCarriedClassifier() {
    ImageSet digits = digits();
    try (NDManager manager = manager();
        Classifier classifier = Classifiers.open("mnist", manager);
        OnnxRun run = OnnxRun.open(read(SHIPPED.resolve("mnist.onnx")))) {
      Map<String, Tensor> made = run.run(Map.of("image", images(digits)));
      FeatureExtractor.Judgement judged = classifier.judge(digits, manager);
      List<Integer> labels = largest(made.get("logits"));
      assertEquals(judged.labels(), labels);
      assertTrue(right(labels, digits) > 0.98 * PICTURES, "right " + right(labels, digits));

      float[] expected = judged.features().toFloatArray();
      float[] features = made.get("features").floats();
      assertEquals(PICTURES * Classifier.FEATURES, features.length);
      for (int i = 0; i < features.length; i++) {
        assertEquals(expected[i], features[i], 1e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mnist", "fashion-mnist"})
  void aShippedFileHasItsHashAndCanBeMadeAgain(String name) throws Exception {
    byte[] shipped = read(SHIPPED.resolve(name + ".onnx"));
    String hash = Sha256.of(shipped);
    assertTrue(
        Files.readAllLines(SHIPPED.resolve("SHA256SUMS")).contains(hash + "  " + name + ".onnx"),
        hash);

    Path file = folder.resolve("again.onnx");
    BlockResult again = ClassifierExport.write(name, Target.SERVER, 1e-5, file);
    assertTrue(again.proof().largestError() < 1e-5, again.proof().toString());
    Map<String, Tensor> pictures = Map.of("image", images(digits()));
    try (OnnxRun one = OnnxRun.open(shipped);
        OnnxRun other = OnnxRun.open(read(file))) {
      float[] expected = one.run(pictures).get("logits").floats();
      float[] logits = other.run(pictures).get("logits").floats();
      for (int i = 0; i < logits.length; i++) {
        assertEquals(expected[i], logits[i], 1e-4);
      }
    }
  }

  private static ImageSet digits() {
    return DataSets.open("mnist-10k", DataOptions.defaults())
        .pick(IntStream.range(0, PICTURES).toArray());
  }

  private static NDManager manager() {
    return NDManager.newBaseManager(TorchEngine.device("cpu").device(), "PyTorch");
  }

  private static Tensor images(ImageSet set) {
    byte[] pixels = set.pixels();
    float[] values = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      values[i] = (pixels[i] & 0xff) / 255f;
    }
    return Tensor.floats(values, set.count(), set.channels(), set.height(), set.width());
  }

  private static List<Integer> largest(Tensor logits) {
    float[] values = logits.floats();
    int classes = values.length / PICTURES;
    return IntStream.range(0, PICTURES)
        .mapToObj(
            row ->
                IntStream.range(0, classes)
                    .boxed()
                    .max(
                        (a, b) ->
                            Float.compare(values[row * classes + a], values[row * classes + b]))
                    .orElseThrow())
        .toList();
  }

  private static long right(List<Integer> labels, ImageSet set) {
    return IntStream.range(0, PICTURES).filter(i -> labels.get(i) == set.labels()[i]).count();
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
