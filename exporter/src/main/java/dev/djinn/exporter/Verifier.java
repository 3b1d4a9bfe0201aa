package dev.djinn.exporter;

import dev.djinn.data.Transparency;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import dev.djinn.sampler.GeneratorContract;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Compares an ONNX file with the trained network it claims to be. */
final class Verifier {
  /** Batch sizes in which a file is run. */
  static final List<Integer> BATCHES = List.of(1, 2, 7, 64, 257);

  private static final int REFERENCE_BATCH = 64;

  /** Pixels of a batch: more would take gigabytes inside a network. */
  private static final int MOST_PIXELS = 1 << 23;

  private final Generator generator;
  private final double tolerance;
  private final Probes probes;
  private final float[] reference;

  /** Runs the trained network on the probes. */
  Verifier(Generator generator, double tolerance) {
    this.generator = generator;
    this.tolerance = tolerance;
    this.probes = new Probes(generator);
    this.reference = reference();
  }

  /**
   * Compares a model.
   *
   * @param model the bytes of an {@code .onnx} file
   * @throws ExportException if it cannot be run, or its outputs are not the contract's
   */
  Parity compare(byte[] model) {
    try (OnnxRun run = OnnxRun.open(model)) {
      Difference difference = new Difference();
      for (int batch : batches()) {
        for (int from = 0; from < probes.rows(); from += batch) {
          int count = Math.min(batch, probes.rows() - from);
          compare(run.run(inputs(from, count)), from, count, difference);
        }
        difference.endBatch(batch);
      }
      return difference.parity();
    }
  }

  private void compare(Map<String, Tensor> outputs, int from, int count, Difference difference) {
    GeneratorContract.Image size = generator.image();
    Tensor image = outputs.get(GeneratorContract.IMAGE);
    Tensor pixels = outputs.get(GeneratorContract.PIXELS);
    TensorType first =
        TensorType.of(ElementType.FLOAT, count, size.channels(), size.height(), size.width());
    TensorType last =
        TensorType.of(ElementType.UINT8, count, size.height(), size.width(), size.channels());
    if (image == null
        || pixels == null
        || !image.tensorType().equals(first)
        || !pixels.tensorType().equals(last)) {
      throw new ExportException(
          "the model makes %s for batch %d, expected image %s and pixels %s"
              .formatted(outputs, count, first, last));
    }
    float[] made = image.floats();
    byte[] bytes = pixels.bytes();
    int plane = size.height() * size.width();
    int offset = from * size.size();
    for (int i = 0; i < made.length; i++) {
      int row = i / size.size();
      int channel = i % size.size() / plane;
      int at = row * size.size() + i % plane * size.channels() + channel;
      difference.check(made[i], bytes[at] & 0xff);
      double seen = 1;
      if (size.hasAlpha() && channel < 3) {
        int alpha = i + (3 - channel) * plane;
        seen = seen(made[alpha], reference[offset + alpha]);
      }
      difference.add(made[i], reference[offset + i], seen);
    }
  }

  /**
   * How much of a colour's error is to be seen. Dividing by alpha makes an error the larger the
   * smaller alpha is, and colours vanish where alpha rounds to 0: where that happens on one side
   * only, alpha's own error says all.
   */
  private static double seen(float alpha, float expected) {
    return Math.rint(alpha * 255f) == 0 == (Math.rint(expected * 255f) == 0) ? expected : 0;
  }

  private int plane() {
    return generator.image().height() * generator.image().width();
  }

  /** All of them up to 180 pixels a side; the first three always. */
  private List<Integer> batches() {
    return BATCHES.stream()
        .filter(batch -> batch <= 7 || (long) batch * plane() <= MOST_PIXELS)
        .toList();
  }

  private float[] reference() {
    int size = generator.image().size();
    float[] images = new float[probes.rows() * size];
    try (TrainedNetwork trained = new TrainedNetwork(generator.network(), generator.weights())) {
      int batch = Math.min(REFERENCE_BATCH, Math.max(1, MOST_PIXELS / 4 / plane()));
      for (int from = 0; from < probes.rows(); from += batch) {
        int count = Math.min(batch, probes.rows() - from);
        float[] made =
            trained.run(probes.latents(from, count), probes.labels(from, count)).floats();
        System.arraycopy(made, 0, images, from * size, made.length);
      }
    }
    boolean halve = generator.range() == PixelRange.MINUS_ONE_TO_ONE;
    for (int i = 0; i < images.length; i++) {
      float value = halve ? 0.5f * images[i] + 0.5f : images[i];
      // A last layer without an activation may leave the range. Not for NaN, which stays one.
      images[i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
    if (generator.image().hasAlpha()) {
      Transparency.divide(images, plane());
    }
    return images;
  }

  private Map<String, Tensor> inputs(int from, int count) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put(GeneratorContract.LATENT, probes.latents(from, count));
    if (generator.network().conditional()) {
      inputs.put(GeneratorContract.LABEL, probes.labels(from, count));
    }
    return inputs;
  }

  /** Compares the layers whose values the model still has. */
  LayerComparison layers(byte[] model) {
    return LayerComparison.of(model, generator, probes);
  }

  private final class Difference {
    private final SortedMap<Integer, Double> byBatch = new TreeMap<>();
    private double largestOfBatch;
    private double largestRelative;
    private double sum;
    private long count;
    private long differing;
    private int levels;

    /** Refuses values that break the contract. */
    void check(float image, int pixel) {
      if (!(image >= 0 && image <= 1)) {
        throw new ExportException("the model's image has the value " + image + " outside [0, 1]");
      }
      if (pixel != (int) Math.rint(image * 255f)) {
        throw new ExportException(
            "the model's pixels has %d where its image %s rounds to %d"
                .formatted(pixel, image, (int) Math.rint(image * 255f)));
      }
    }

    /** Counts a value, by how much of it is to be seen. */
    void add(float image, float expected, double seen) {
      double error = seen == 0 ? 0 : Math.abs((double) image - expected) * seen;
      // Math.max keeps NaN, so that a network that makes NaN never passes.
      largestOfBatch = Math.max(largestOfBatch, error);
      largestRelative = Math.max(largestRelative, error / Math.max(Math.abs(expected), 1 / 255.0));
      sum += error;
      count++;
      int apart =
          seen == 0
              ? 0
              : Math.abs((int) Math.rint(image * 255f) - (int) Math.rint(expected * 255f));
      levels = Math.max(levels, apart);
      differing += apart > 0 ? 1 : 0;
    }

    void endBatch(int batch) {
      byBatch.put(batch, largestOfBatch);
      largestOfBatch = 0;
    }

    Parity parity() {
      return new Parity(
          probes.rows(),
          byBatch,
          tolerance,
          byBatch.values().stream().reduce(0.0, Math::max),
          sum / count,
          largestRelative,
          levels,
          (double) differing / count);
    }
  }
}
