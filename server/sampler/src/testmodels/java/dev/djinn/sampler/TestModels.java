package dev.djinn.sampler;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Small real generators for tests, opset 17, IR version 8, weights from a fixed seed: dense to 4 ×
 * 4 × 8, relu, 3 × 3 convolution, sigmoid, with {@code pixels} made inside the graph as the
 * exporter does.
 */
public final class TestModels {
  /** Grey 4 × 4, latent 10 normal, no labels. */
  public static final GeneratorContract UNCONDITIONAL = contract(Latent.normal(10), List.of(), 1);

  /** Grey 4 × 4, latent 10 normal, three labels. */
  public static final GeneratorContract CONDITIONAL =
      contract(Latent.normal(10), List.of("zero", "one", "two"), 1);

  /** RGB 4 × 4, latent 6 uniform in [−1, 1], no labels. */
  public static final GeneratorContract UNIFORM = contract(Latent.uniform(6, -1, 1), List.of(), 3);

  /** RGB with alpha, 6 high and 4 wide, latent 10 normal, three labels: contract version 2. */
  public static final GeneratorContract TRANSPARENT =
      new GeneratorContract(
          Latent.normal(10),
          List.of("zero", "one", "two"),
          new Image(4, 6, 4),
          Map.of("preset", "test", "steps", 3L),
          Map.of(),
          Map.of());

  /** Grey 28 × 28, latent 100 normal: the size of a real one. */
  public static final GeneratorContract PERCEPTRON =
      new GeneratorContract(
          Latent.normal(100), List.of(), new Image(1, 28, 28), Map.of(), Map.of(), Map.of());

  private static final int SIDE = 4;
  private static final int HIDDEN = 8;

  private TestModels() {}

  /**
   * Writes the generator of a contract.
   *
   * @param folder where
   * @param contract one of this class's
   * @return {@code folder/model.onnx}
   */
  public static Path write(Path folder, GeneratorContract contract) {
    return write(folder.resolve("model.onnx"), model(contract), contract.toMetadata());
  }

  /**
   * Writes a multilayer perceptron, 100 → 256 → 512 → 1024 → 784, as large as a real one.
   *
   * @param folder where
   * @return {@code folder/model.onnx}
   */
  public static Path writePerceptron(Path folder) {
    Graph graph = new Graph();
    graph.proto.addInput(value("latent", TensorProto.DataType.FLOAT, 100));
    int[] units = {100, 256, 512, 1024, 784};
    String last = "latent";
    for (int i = 1; i < units.length; i++) {
      graph.weight("dense" + i, i, units[i - 1], units[i]);
      graph.weight("bias" + i, 10 + i, units[i]);
      graph.node("Gemm", List.of(last, "dense" + i, "bias" + i), "gemm" + i);
      graph.node(i < 4 ? "LeakyRelu" : "Sigmoid", List.of("gemm" + i), "active" + i);
      last = "active" + i;
    }
    graph.shape(1, 28, 28);
    graph.node("Reshape", List.of(last, "shape"), "image");
    graph.pixels(28, 28, 1);
    return write(folder.resolve("model.onnx"), graph.model(), PERCEPTRON.toMetadata());
  }

  /**
   * Writes {@link #UNCONDITIONAL} with a loop that never ends where a number of the latent is above
   * a threshold.
   *
   * @param file where
   * @param threshold beyond what a normal prior draws, for a loop on a client's latent alone
   * @return {@code file}
   */
  public static Path writeEndless(Path file, float threshold) {
    Graph graph = new Graph();
    String hidden = graph.dense("latent", UNCONDITIONAL);
    graph.convolution(hidden, 1);
    graph.scalar("threshold", threshold);
    graph.scalar("zero", 0);
    graph.node("ReduceMax", List.of("latent"), "largest", integer("keepdims", 0));
    graph.node("Greater", List.of("largest", "threshold"), "above");
    Graph body = new Graph();
    body.proto.addInput(scalar("turn", TensorProto.DataType.INT64));
    body.proto.addInput(scalar("going", TensorProto.DataType.BOOL));
    body.proto.addInput(scalar("sum", TensorProto.DataType.FLOAT));
    body.node("Identity", List.of("going"), "goes");
    body.node("Identity", List.of("sum"), "sums");
    body.proto.addOutput(scalar("goes", TensorProto.DataType.BOOL));
    body.proto.addOutput(scalar("sums", TensorProto.DataType.FLOAT));
    graph.node(
        "Loop",
        List.of("", "above", "zero"),
        "nothing",
        AttributeProto.newBuilder()
            .setName("body")
            .setType(AttributeProto.AttributeType.GRAPH)
            .setG(body.proto)
            .build());
    graph.node("Add", List.of("logit", "nothing"), "added");
    graph.node("Sigmoid", List.of("added"), "image");
    graph.pixels(SIDE, SIDE, 1);
    return write(file, graph.model(), UNCONDITIONAL.toMetadata());
  }

  private static ValueInfoProto scalar(String name, TensorProto.DataType type) {
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(type.getNumber())
            .setShape(TensorShapeProto.getDefaultInstance())
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /**
   * Writes a generator that Djinn did not export: latent 10, image (2, 4, 4) in [−1, 1].
   *
   * @param file where
   * @return {@code file}
   */
  public static Path writeForeign(Path file) {
    return write(file, foreign(), Map.of());
  }

  /**
   * Writes a generator whose {@code djinn.latent} is no object.
   *
   * @param file where
   * @return {@code file}
   */
  public static Path writeMalformed(Path file) {
    Map<String, String> metadata = new HashMap<>(UNCONDITIONAL.toMetadata());
    metadata.put("djinn.latent", "10");
    return write(file, model(UNCONDITIONAL), metadata);
  }

  /**
   * Writes a generator with a weight that is not a number.
   *
   * @param file where
   * @return {@code file}
   */
  public static Path writeNotANumber(Path file) {
    ModelProto.Builder model = model(UNCONDITIONAL);
    model
        .getGraphBuilder()
        .getInitializerBuilderList()
        .forEach(
            weights -> {
              if (weights.getName().equals("conv")) {
                weights.setFloatData(0, Float.NaN);
              }
            });
    return write(file, model, UNCONDITIONAL.toMetadata());
  }

  /**
   * Writes a graph with any metadata.
   *
   * @param file where; its folder is made if missing
   * @param model the graph
   * @param metadata its {@code metadata_props}
   * @return {@code file}
   */
  static Path write(Path file, ModelProto.Builder model, Map<String, String> metadata) {
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.write(file, model.build().toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static GeneratorContract contract(Latent latent, List<String> labels, int channels) {
    return new GeneratorContract(
        latent,
        labels,
        new Image(channels, SIDE, SIDE),
        Map.of("preset", "test", "steps", 3L),
        Map.of("largestAbsoluteError", 1e-6),
        Map.of());
  }

  /** Makes the graph of a contract, without metadata. */
  static ModelProto.Builder model(GeneratorContract contract) {
    Graph graph = new Graph();
    String hidden = graph.dense("latent", contract);
    Image image = contract.image();
    graph.convolution(hidden, image.channels());
    graph.node("Sigmoid", List.of("logit"), "image");
    graph.pixels(image.height(), image.width(), image.channels());
    return graph.model();
  }

  /** Makes the graph of {@link #UNCONDITIONAL} with an image whose shape depends on the latent. */
  static ModelProto.Builder computedShape() {
    Graph graph = new Graph();
    String hidden = graph.dense("latent", UNCONDITIONAL);
    graph.convolution(hidden, 1);
    graph.node("Sigmoid", List.of("logit"), "made");
    graph.node("ReduceSum", List.of("latent"), "sum", integer("keepdims", 0));
    graph.scalar("zero", 0);
    graph.node("Mul", List.of("sum", "zero"), "nothing");
    graph.proto.addInitializer(
        TensorProto.newBuilder()
            .setName("sizes")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(4)
            .addAllFloatData(List.of(-1f, 1f, (float) SIDE, (float) SIDE)));
    graph.node("Add", List.of("nothing", "sizes"), "summed");
    graph.node(
        "Cast", List.of("summed"), "computed", integer("to", TensorProto.DataType.INT64_VALUE));
    graph.node("Reshape", List.of("made", "computed"), "image");
    graph.pixels(SIDE, SIDE, 1);
    return graph.model();
  }

  /**
   * Makes a generator as torch.onnx would: other names, (batch, 10, 1, 1), tanh, no bytes, no
   * metadata.
   */
  static ModelProto.Builder foreign() {
    Graph graph = new Graph();
    graph.proto.addInput(value("z", TensorProto.DataType.FLOAT, 10, 1, 1));
    graph.weight("w", 5, 10, 2, SIDE, SIDE);
    graph.node("ConvTranspose", List.of("z", "w"), "logit");
    graph.node("Tanh", List.of("logit"), "out");
    graph.proto.addOutput(value("out", TensorProto.DataType.FLOAT, 2, SIDE, SIDE));
    return graph.model();
  }

  private static final class Graph {
    final GraphProto.Builder proto = GraphProto.newBuilder().setName("generator");

    /**
     * Adds inputs and the dense layer; a label's row of a table is added to what goes into relu.
     */
    String dense(String input, GeneratorContract contract) {
      int size = contract.latent().size();
      int height = contract.image().height();
      int width = contract.image().width();
      int units = HIDDEN * height * width;
      proto.addInput(value(input, TensorProto.DataType.FLOAT, size));
      weight("dense", 1, size, units);
      weight("bias", 2, units);
      node("Gemm", List.of(input, "dense", "bias"), "joined");
      String joined = "joined";
      if (contract.conditional()) {
        proto.addInput(value("label", TensorProto.DataType.INT64));
        weight("table", 3, contract.labels().size(), units);
        node("Gather", List.of("table", "label"), "embedded");
        node("Add", List.of("joined", "embedded"), "labelled");
        joined = "labelled";
      }
      node("Relu", List.of(joined), "relu");
      shape(HIDDEN, height, width);
      node("Reshape", List.of("relu", "shape"), "grid");
      return "grid";
    }

    /** Adds what makes pictures of the dense layer's grid, before they are squashed. */
    void convolution(String grid, int channels) {
      weight("conv", 7, channels, HIDDEN, 3, 3);
      node(
          "Conv",
          List.of(grid, "conv"),
          "logit",
          ints("pads", 1, 1, 1, 1),
          ints("kernel_shape", 3, 3));
    }

    void weight(String name, long seed, long... shape) {
      TensorProto.Builder tensor =
          TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
      long size = 1;
      for (long dimension : shape) {
        tensor.addDims(dimension);
        size *= dimension;
      }
      Random random = new Random(seed);
      for (long i = 0; i < size; i++) {
        tensor.addFloatData((float) (random.nextGaussian() * 0.4));
      }
      proto.addInitializer(tensor);
    }

    void shape(long channels, long height, long width) {
      proto.addInitializer(
          TensorProto.newBuilder()
              .setName("shape")
              .setDataType(TensorProto.DataType.INT64_VALUE)
              .addDims(4)
              .addAllInt64Data(List.of(-1L, channels, height, width)));
    }

    /** Makes the bytes from the image inside the graph, and declares both outputs. */
    void pixels(int height, int width, int channels) {
      scalar("white", 255);
      node("Mul", List.of("image", "white"), "scaled");
      node("Round", List.of("scaled"), "rounded");
      node("Transpose", List.of("rounded"), "last", ints("perm", 0, 2, 3, 1));
      node("Cast", List.of("last"), "pixels", integer("to", TensorProto.DataType.UINT8_VALUE));
      proto.addOutput(value("image", TensorProto.DataType.FLOAT, channels, height, width));
      proto.addOutput(value("pixels", TensorProto.DataType.UINT8, height, width, channels));
    }

    void scalar(String name, float value) {
      proto.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(TensorProto.DataType.FLOAT_VALUE)
              .addFloatData(value));
    }

    void node(String operator, List<String> inputs, String output, AttributeProto... attributes) {
      proto.addNode(
          NodeProto.newBuilder()
              .setOpType(operator)
              .setName(output)
              .addAllInput(inputs)
              .addOutput(output)
              .addAllAttribute(List.of(attributes)));
    }

    ModelProto.Builder model() {
      return ModelProto.newBuilder()
          .setIrVersion(8)
          .setProducerName("djinn-test")
          .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
          .setGraph(proto);
    }
  }

  static ValueInfoProto value(String name, TensorProto.DataType type, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (long size : shape) {
      dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(dimensions).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }
}
