package dev.djinn.sampler;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.djinn.sampler.GeneratorContract.Image;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A contract matched with the inputs and outputs that a session really has.
 *
 * @param contract what the generator is
 * @param latent the latent input
 * @param label the label input, or null; with a one-hot row where its type is not a whole number
 * @param image the image output
 * @param channelsLast whether the image is (height, width, channels)
 * @param pixels the pixels output, or null if bytes must be made from the image
 * @param range the values of the image that stand for 0 and for 1
 * @param given the inputs that are the same for all
 * @param batch rows of every run where the model takes no other number, or 0
 */
record Binding(
    GeneratorContract contract,
    Port latent,
    Port label,
    Port image,
    boolean channelsLast,
    Port pixels,
    Range range,
    List<GivenInput> given,
    int batch) {

  /** Of a model that takes no other batch than its own. */
  static final int MOST_ROWS = 1 << 16;

  /** Values of an image that stand for 0 and for 1. */
  record Range(float black, float white) {
    static final Range UNIT = new Range(0, 1);
    static final Range BYTES = new Range(0, 255);
  }

  /** Matches the session's own contract with its tensors. */
  static Binding ofOwn(OrtSession session) throws OrtException {
    GeneratorContract contract = ContractReader.read(session.getMetadata().getCustomMetadata());
    Map<String, TensorInfo> inputs = Tensors.of(session.getInputInfo());
    Map<String, TensorInfo> outputs = Tensors.of(session.getOutputInfo());
    Image image = contract.image();
    int inputCount = contract.conditional() ? 2 : 1;
    if (inputs.size() != inputCount) {
      throw SamplerException.invalidModel(
          "inputs are " + inputs.keySet() + ", but its contract has " + inputCount);
    }
    Port latent = Port.of(GeneratorContract.LATENT, OnnxJavaType.FLOAT, contract.latent().size());
    int batch = expect(inputs, latent);
    Port label = null;
    if (contract.conditional()) {
      label = Port.of(GeneratorContract.LABEL, OnnxJavaType.INT64);
      expect(inputs, label);
    }
    Port floats =
        Port.of(
            GeneratorContract.IMAGE,
            OnnxJavaType.FLOAT,
            image.channels(),
            image.height(),
            image.width());
    Port bytes =
        Port.of(
            GeneratorContract.PIXELS,
            OnnxJavaType.UINT8,
            image.height(),
            image.width(),
            image.channels());
    expect(outputs, floats);
    expect(outputs, bytes);
    return new Binding(contract, latent, label, floats, false, bytes, Range.UNIT, List.of(), batch);
  }

  /** {@return the same, run with so many rows each time} */
  Binding withBatch(int rows) {
    return new Binding(contract, latent, label, image, channelsLast, pixels, range, given, rows);
  }

  /**
   * Refuses a tensor that is missing or of another type or shape; a size unknown to the file passes
   * here. Gives the batch that the file holds fast, 0 where it takes any.
   */
  private static int expect(Map<String, TensorInfo> tensors, Port port) {
    TensorInfo info = tensors.get(port.name());
    if (info == null) {
      throw SamplerException.invalidModel("no '" + port.name() + "' among " + tensors.keySet());
    }
    long[] expected = port.shape(-1);
    long[] actual = info.getShape();
    boolean fits = info.type == port.type() && actual.length == expected.length;
    for (int i = 1; fits && i < expected.length; i++) {
      fits = actual[i] == expected[i] || actual[i] == -1;
    }
    if (!fits) {
      throw SamplerException.invalidModel(
          "'"
              + port.name()
              + "' should be "
              + port.type()
              + " "
              + Arrays.toString(expected)
              + ", but is "
              + info.type
              + " "
              + Arrays.toString(actual));
    }
    return (int) Math.max(0, Math.min(actual[0], MOST_ROWS));
  }
}
