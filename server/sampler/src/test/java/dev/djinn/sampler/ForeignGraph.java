package dev.djinn.sampler;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One dense generator, 8 numbers to (3, 4, 4) in [−1, 1], with its tensors as others export them:
 * it casts and reshapes what comes in and goes out, and draws the same pictures.
 */
final class ForeignGraph {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("foreign");
  private DataType latentType = DataType.FLOAT;
  private int latentBatch;
  private String latentRow = "8";
  private DataType labelType;
  private int labelBatch;
  private String labelRow;
  private DataType imageType = DataType.FLOAT;
  private boolean channelsLast;
  private boolean baked;
  private boolean centred;
  private Float endless;

  ForeignGraph latent(DataType type, int batch, String row) {
    latentType = type;
    latentBatch = batch;
    latentRow = row;
    return this;
  }

  /** Of three classes; {@code row} is empty for (n), 1 for (n, 1), 3 for one-hot. */
  ForeignGraph label(DataType type, int batch, String row) {
    labelType = type;
    labelBatch = batch;
    labelRow = row;
    return this;
  }

  ForeignGraph image(DataType type, boolean last) {
    imageType = type;
    channelsLast = last;
    return this;
  }

  /** Says that any batch goes in, and reshapes to one. */
  ForeignGraph bakedBatch() {
    baked = true;
    return this;
  }

  /** Subtracts the batch's mean, as batch normalisation does in training. */
  ForeignGraph centredBatch() {
    centred = true;
    return this;
  }

  /** Goes round and round where a batch's numbers sum to less. */
  ForeignGraph endlessBelow(float bound) {
    endless = bound;
    return this;
  }

  Path write(Path file) {
    graph.addInput(value("z", latentType, latentBatch, latentRow));
    node("Cast", List.of("z"), "z32", integer("to", DataType.FLOAT_VALUE));
    shape("flat", baked ? 1 : -1, 8);
    node("Reshape", List.of("z32", "flat"), "z2");
    weight("w", 3, 8, 48);
    node("MatMul", List.of("z2", "w"), "dense");
    String last = "dense";
    if (centred) {
      node("ReduceMean", List.of("dense"), "mean", ints("axes", 0), integer("keepdims", 1));
      node("Sub", List.of("dense", "mean"), "centred");
      last = "centred";
    }
    if (endless != null) {
      loop(last);
      last = "looped";
    }
    if (labelType != null) {
      graph.addInput(value("y", labelType, labelBatch, labelRow));
      weight("table", 4, 3, 48);
      if (labelRow.equals("3")) {
        node("Cast", List.of("y"), "y32", integer("to", DataType.FLOAT_VALUE));
        node("MatMul", List.of("y32", "table"), "rows");
      } else {
        shape("line", -1);
        node("Reshape", List.of("y", "line"), "y1");
        node("Gather", List.of("table", "y1"), "rows");
      }
      node("Add", List.of("dense", "rows"), "labelled");
      last = "labelled";
    }
    node("Tanh", List.of(last), "tanh");
    shape("picture", -1, 3, 4, 4);
    node("Reshape", List.of("tanh", "picture"), "nchw");
    last = "nchw";
    if (imageType == DataType.UINT8) {
      scalar("half", 127.5f);
      node("Mul", List.of(last, "half"), "scaled");
      node("Add", List.of("scaled", "half"), "shifted");
      node("Round", List.of("shifted"), "rounded");
      last = "rounded";
    }
    if (channelsLast) {
      node("Transpose", List.of(last), "nhwc", ints("perm", 0, 2, 3, 1));
      last = "nhwc";
    }
    node("Cast", List.of(last), "out", integer("to", imageType.getNumber()));
    graph.addOutput(value("out", imageType, 0, channelsLast ? "4x4x3" : "3x4x4"));
    return TestModels.write(
        file,
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph),
        Map.of());
  }

  /** Goes on as long as the sum, which nothing in the loop changes, is below the bound. */
  private void loop(String in) {
    node("ReduceSum", List.of("z2"), "sum", integer("keepdims", 0));
    scalar("bound", endless);
    node("Less", List.of("sum", "bound"), "below");
    ValueInfoProto round = scalarValue("round", DataType.INT64);
    ValueInfoProto go = scalarValue("go", DataType.BOOL);
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(round)
            .addInput(go)
            .addInput(TestModels.value("state", DataType.FLOAT, 48))
            .addNode(NodeProto.newBuilder().setOpType("Identity").addInput("go").addOutput("again"))
            .addNode(
                NodeProto.newBuilder().setOpType("Identity").addInput("state").addOutput("next"))
            .addOutput(scalarValue("again", DataType.BOOL))
            .addOutput(TestModels.value("next", DataType.FLOAT, 48))
            .build();
    node(
        "Loop",
        List.of("", "below", in),
        "looped",
        AttributeProto.newBuilder()
            .setName("body")
            .setType(AttributeProto.AttributeType.GRAPH)
            .setG(body)
            .build());
  }

  private static ValueInfoProto scalarValue(String name, DataType type) {
    ValueInfoProto.Builder value = TestModels.value(name, type).toBuilder();
    value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().clearDim();
    return value.build();
  }

  private static ValueInfoProto value(String name, DataType type, int batch, String row) {
    long[] sizes =
        row.isEmpty()
            ? new long[0]
            : Arrays.stream(row.split("x", -1)).mapToLong(Long::parseLong).toArray();
    ValueInfoProto.Builder value = TestModels.value(name, type, sizes).toBuilder();
    if (batch > 0) {
      TypeProto.Tensor.Builder tensor = value.getTypeBuilder().getTensorTypeBuilder();
      tensor.getShapeBuilder().getDimBuilder(0).setDimValue(batch);
    }
    return value.build();
  }

  private void weight(String name, long seed, long... sizes) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT_VALUE);
    Arrays.stream(sizes).forEach(tensor::addDims);
    new Random(seed)
        .doubles(Tensors.size(sizes), -0.5, 0.5)
        .forEach(number -> tensor.addFloatData((float) number));
    graph.addInitializer(tensor);
  }

  private void shape(String name, long... sizes) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(DataType.INT64_VALUE)
            .addDims(sizes.length);
    Arrays.stream(sizes).forEach(tensor::addInt64Data);
    graph.addInitializer(tensor);
  }

  private void scalar(String name, float number) {
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(DataType.FLOAT_VALUE)
            .addFloatData(number));
  }

  private void node(String kind, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(kind)
            .setName(output)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(new ArrayList<>(List.of(attributes))));
  }

  private static AttributeProto integer(String name, long number) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(number)
        .build();
  }

  private static AttributeProto ints(String name, long... numbers) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    Arrays.stream(numbers).forEach(attribute::addInts);
    return attribute.build();
  }
}
