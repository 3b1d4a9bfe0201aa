package dev.djinn.exporter.judge;

import dev.djinn.data.ImageSet;
import dev.djinn.data.ImageSize;
import dev.djinn.evaluation.SampleSource;
import dev.djinn.sampler.GeneratorContract;
import dev.djinn.sampler.Output;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** An exported generator as a source of pictures to judge. */
public final class OnnxGenerator implements SampleSource, AutoCloseable {
  private final String name;
  private final Sampler sampler;

  /**
   * Opens a file.
   *
   * @param model an ONNX file by the artifact contract
   * @throws dev.djinn.sampler.SamplerException if it cannot be loaded
   */
  public OnnxGenerator(Path model) {
    name = model.toString();
    sampler = Sampler.open(model);
  }

  /**
   * What the file says about itself.
   *
   * @return the contract
   */
  public GeneratorContract contract() {
    return sampler.contract();
  }

  /** What pictures must be brought to, to be held against its own; as options of data. */
  Map<String, String> form() {
    GeneratorContract.Image image = contract().image();
    // What version 1 had room for is asked for by whoever judges, as ever.
    if (contract().version() == 1) {
      return Map.of();
    }
    Map<String, String> form = new HashMap<>();
    ImageSize size = new ImageSize(image.width(), image.height());
    if (size.canBeAskedFor()) {
      form.put("image-size", size.option());
    }
    if (image.hasAlpha()) {
      form.put("colour", "rgba");
    }
    return form;
  }

  @Override
  public ImageSet draw(int count, long seed) {
    GeneratorContract contract = sampler.contract();
    int classes = contract.labels().size();
    int[] labels =
        classes == 0 ? new int[0] : IntStream.range(0, count).map(i -> i % classes).toArray();
    SampleRequest request = SampleRequest.of(count).withSeed(seed).withOutputs(Output.PIXELS);
    byte[] pixels = sampler.sample(classes == 0 ? request : request.withLabels(labels)).pixels();
    GeneratorContract.Image image = contract.image();
    return new ImageSet(
        name,
        image.channels(),
        image.height(),
        image.width(),
        channelsFirst(pixels, image.channels()),
        labels,
        contract.labels());
  }

  /** From (n, height, width, channels) to (n, channels, height, width). */
  private byte[] channelsFirst(byte[] pixels, int channels) {
    if (channels == 1) {
      return pixels;
    }
    GeneratorContract.Image image = sampler.contract().image();
    int plane = image.height() * image.width();
    byte[] planes = new byte[pixels.length];
    for (int i = 0; i < pixels.length / (plane * channels); i++) {
      for (int p = 0; p < plane; p++) {
        for (int c = 0; c < channels; c++) {
          planes[(i * channels + c) * plane + p] = pixels[(i * plane + p) * channels + c];
        }
      }
    }
    return planes;
  }

  @Override
  public void close() {
    sampler.close();
  }
}
