package dev.djinn.sampler;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.djinn.sampler.GeneratorContract.Image;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * A contract matched with the inputs and outputs that a session really has.
 *
 * @param contract what the generator is
 * @param latent the latent input's name
 * @param latentRank 2, or 4 for (batch, size, 1, 1)
 * @param label the label input's name, or null
 * @param image the image output's name
 * @param pixels the pixels output's name, or null if bytes must be made from the image
 * @param black the value of the image that stands for 0
 * @param white the value of the image that stands for 1
 */
record Binding(
    GeneratorContract contract,
    String latent,
    int latentRank,
    String label,
    String image,
    String pixels,
    float black,
    float white) {

  /** Matches the session's own contract, or the given one, with its tensors. */
  static Binding of(OrtSession session, Optional<ForeignModel> foreign) throws OrtException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    if (foreign.isPresent()) {
      return ofForeign(foreign.get(), inputs, outputs);
    }
    GeneratorContract contract =
        GeneratorContract.fromMetadata(session.getMetadata().getCustomMetadata());
    Image image = contract.image();
    int inputCount = contract.conditional() ? 2 : 1;
    if (inputs.size() != inputCount) {
      throw SamplerException.invalidModel(
          "inputs are " + inputs.keySet() + ", but its contract has " + inputCount);
    }
    expect(inputs, GeneratorContract.LATENT, OnnxJavaType.FLOAT, -1, contract.latent().size());
    if (contract.conditional()) {
      expect(inputs, GeneratorContract.LABEL, OnnxJavaType.INT64, -1);
    }
    int channels = image.channels();
    int height = image.height();
    int width = image.width();
    expect(outputs, GeneratorContract.IMAGE, OnnxJavaType.FLOAT, -1, channels, height, width);
    expect(outputs, GeneratorContract.PIXELS, OnnxJavaType.UINT8, -1, height, width, channels);
    return new Binding(
        contract,
        GeneratorContract.LATENT,
        2,
        contract.conditional() ? GeneratorContract.LABEL : null,
        GeneratorContract.IMAGE,
        GeneratorContract.PIXELS,
        0,
        1);
  }

  private static Binding ofForeign(
      ForeignModel foreign, Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    GeneratorContract contract = foreign.contract();
    Image image = contract.image();
    String latent = first(inputs, OnnxJavaType.FLOAT, "float32 input");
    long size = contract.latent().size();
    int rank = tensor(inputs.get(latent)).map(info -> info.getShape().length).orElseThrow();
    long[] shape = rank == 4 ? new long[] {-1, size, 1, 1} : new long[] {-1, size};
    expect(inputs, latent, OnnxJavaType.FLOAT, shape);
    int inputCount = contract.conditional() ? 2 : 1;
    if (inputs.size() != inputCount) {
      throw SamplerException.invalidModel(
          "inputs are " + inputs.keySet() + ", but the contract given has " + inputCount);
    }
    String label = null;
    if (contract.conditional()) {
      label = first(inputs, OnnxJavaType.INT64, "int64 input for the label");
      expect(inputs, label, OnnxJavaType.INT64, -1);
    }
    String output = first(outputs, OnnxJavaType.FLOAT, "float32 output");
    expect(
        outputs, output, OnnxJavaType.FLOAT, -1, image.channels(), image.height(), image.width());
    return new Binding(
        contract, latent, rank, label, output, null, foreign.black(), foreign.white());
  }

  private static String first(Map<String, NodeInfo> nodes, OnnxJavaType type, String what) {
    return nodes.values().stream()
        .filter(node -> tensor(node).filter(info -> info.type == type).isPresent())
        .map(NodeInfo::getName)
        .findFirst()
        .orElseThrow(
            () -> SamplerException.invalidModel("no " + what + " among " + nodes.keySet()));
  }

  /**
   * Refuses a tensor that is missing or of another type or shape; a size unknown to the file passes
   * here.
   */
  private static void expect(
      Map<String, NodeInfo> nodes, String name, OnnxJavaType type, long... shape) {
    NodeInfo node = nodes.get(name);
    if (node == null) {
      throw SamplerException.invalidModel("no '" + name + "' among " + nodes.keySet());
    }
    String expected = "'" + name + "' should be " + type + " " + Arrays.toString(shape);
    TensorInfo info =
        tensor(node)
            .orElseThrow(() -> SamplerException.invalidModel(expected + ", but is no tensor"));
    long[] actual = info.getShape();
    boolean fits = info.type == type && actual.length == shape.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = i == 0 ? actual[0] == -1 : actual[i] == shape[i] || actual[i] == -1;
    }
    if (!fits) {
      throw SamplerException.invalidModel(
          expected + ", but is " + info.type + " " + Arrays.toString(actual));
    }
  }

  private static Optional<TensorInfo> tensor(NodeInfo node) {
    return node.getInfo() instanceof TensorInfo info ? Optional.of(info) : Optional.empty();
  }
}
