package dev.djinn.exporter;

import ai.djl.ndarray.types.Shape;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Network;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Latents;
import java.nio.LongBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trained generator: everything that its file is made from.
 *
 * @param network its layers, from a latent (size) to a picture (channels, height, width)
 * @param weights its arrays
 * @param range the range of the pixels it makes
 * @param latent the prior it was trained with
 * @param labels the classes' names in order; empty for an unconditional generator
 * @param provenance where it comes from, as JSON values
 * @param quality figures of {@code djinn evaluate} by name, empty if it was not evaluated
 * @param length how many steps its training was to take, 0 if that is not known
 */
public record Generator(
    Network network,
    Weights weights,
    PixelRange range,
    GeneratorContract.Latent latent,
    List<String> labels,
    Map<String, Object> provenance,
    Map<String, Double> quality,
    long length) {
  /** Where the provenance says what it learnt from. */
  static final String DATA = "data";

  /** And under which licence. */
  static final String LICENCE = "licence";

  /** A generator that was not evaluated, of a training that nothing is known of. */
  public Generator(
      Network network,
      Weights weights,
      PixelRange range,
      GeneratorContract.Latent latent,
      List<String> labels,
      Map<String, Object> provenance) {
    this(network, weights, range, latent, labels, provenance, Map.of(), 0);
  }

  /** The same generator with what {@code djinn evaluate} says of it. */
  public Generator withQuality(Map<String, Double> figures) {
    return new Generator(network, weights, range, latent, labels, provenance, figures, length);
  }

  /** The same generator with the licence of what it learnt from, in words. */
  Generator withDataLicence(String licence) {
    Map<String, Object> data = new LinkedHashMap<>();
    if (provenance.get(DATA) instanceof Map<?, ?> known) {
      known.forEach((key, value) -> data.put(String.valueOf(key), value));
    }
    data.put(LICENCE, licence);
    Map<String, Object> from = new LinkedHashMap<>(provenance);
    from.put(DATA, data);
    return new Generator(network, weights, range, latent, labels, from, quality, length);
  }

  /** Checks that network, prior and labels belong together. */
  public Generator {
    labels = List.copyOf(labels);
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    quality = Collections.unmodifiableMap(new LinkedHashMap<>(quality));
    if (!network.input().equals(new Shape(latent.size()))) {
      throw new ExportException(
          "%s reads %s, but its prior makes %d numbers"
              .formatted(network.name(), network.input(), latent.size()));
    }
    if (network.output().dimension() != 3) {
      throw new ExportException(
          "%s makes %s, a generator makes (channels, height, width)"
              .formatted(network.name(), network.output()));
    }
    if (network.conditional() != !labels.isEmpty()
        || (network.conditional() && labels.size() != network.classes())) {
      throw new ExportException(
          "%s has %d classes, but %d labels are named"
              .formatted(
                  network.name(), network.conditional() ? network.classes() : 0, labels.size()));
    }
  }

  /** Returns the size of its pictures. */
  GeneratorContract.Image image() {
    Shape made = network.output();
    return new GeneratorContract.Image(
        Math.toIntExact(made.get(0)), Math.toIntExact(made.get(1)), Math.toIntExact(made.get(2)));
  }

  /** Returns latents, and labels if it reads them, of a seed's samples, by their inputs' names. */
  Map<String, Tensor> inputs(long seed, int from, int count) {
    Map<String, Tensor> inputs = new HashMap<>();
    float[] latents = new float[count * latent.size()];
    Latents.fill(seed, from, count, latents, latent);
    inputs.put(GeneratorContract.LATENT, Tensor.floats(latents, count, latent.size()));
    if (network.conditional()) {
      long[] drawn = new long[count];
      Latents.fillLabels(seed, from, count, LongBuffer.wrap(drawn), labels.size());
      inputs.put(GeneratorContract.LABEL, Tensor.vector(drawn));
    }
    return inputs;
  }

  /** Returns what its file says about itself. */
  GeneratorContract contract(Map<String, Object> parity) {
    return new GeneratorContract(
        latent, labels, image(), provenance, parity, new LinkedHashMap<>(quality));
  }
}
