package dev.djinn.graph;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a graph as an ONNX file: opset {@value #OPSET}, IR version {@value #IR_VERSION}. Equal
 * graphs give equal bytes: there is no time, no host and no random name in them.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/IR.md">ONNX's specification</a>
 */
public final class OnnxWriter {
  /** The version of ONNX's standard operators that files are written for. */
  public static final int OPSET = 17;

  /** The version of the file format. */
  public static final int IR_VERSION = 8;

  private static final String BATCH_NAME = "batch";

  private OnnxWriter() {}

  /**
   * Returns the bytes of an {@code .onnx} file.
   *
   * @param graph the graph
   * @param metadata the file's {@code metadata_props}
   */
  public static byte[] write(Graph graph, Map<String, String> metadata) {
    OnnxMl.ModelProto.Builder model =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("djinn")
            .setGraph(graph(graph))
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET));
    SortedMap<String, String> sorted = new TreeMap<>(metadata);
    sorted.forEach(
        (key, value) ->
            model.addMetadataProps(
                OnnxMl.StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      model.build().writeTo(bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static OnnxMl.GraphProto graph(Graph graph) {
    OnnxMl.GraphProto.Builder proto = OnnxMl.GraphProto.newBuilder().setName(graph.name());
    graph.inputs().forEach(input -> proto.addInput(value(input.name(), input.type())));
    graph.outputs().forEach(output -> proto.addOutput(value(output, graph.typeOf(output))));
    graph.constants().forEach((name, tensor) -> proto.addInitializer(tensor(name, tensor)));
    graph.nodes().forEach(node -> proto.addNode(node(node)));
    return proto.build();
  }

  private static OnnxMl.NodeProto node(Node node) {
    OnnxMl.NodeProto.Builder proto =
        OnnxMl.NodeProto.newBuilder()
            .setName(node.name())
            .setOpType(node.operator().onnxName())
            .addAllInput(node.inputs())
            .addAllOutput(node.outputs());
    node.attributes().asMap().forEach((name, value) -> proto.addAttribute(attribute(name, value)));
    return proto.build();
  }

  private static OnnxMl.AttributeProto attribute(String name, Attribute value) {
    OnnxMl.AttributeProto.Builder proto = OnnxMl.AttributeProto.newBuilder().setName(name);
    if (value instanceof Attribute.Int number) {
      proto.setType(OnnxMl.AttributeProto.AttributeType.INT).setI(number.value());
    } else if (value instanceof Attribute.Ints numbers) {
      proto.setType(OnnxMl.AttributeProto.AttributeType.INTS).addAllInts(numbers.values());
    } else if (value instanceof Attribute.Real number) {
      proto.setType(OnnxMl.AttributeProto.AttributeType.FLOAT).setF(number.value());
    } else if (value instanceof Attribute.Text text) {
      proto
          .setType(OnnxMl.AttributeProto.AttributeType.STRING)
          .setS(ByteString.copyFromUtf8(text.value()));
    }
    return proto.build();
  }

  private static OnnxMl.TensorProto tensor(String name, Tensor tensor) {
    return OnnxMl.TensorProto.newBuilder()
        .setName(name)
        .setDataType(tensor.type().code())
        .addAllDims(tensor.dims())
        .setRawData(ByteString.copyFrom(tensor.bytes()))
        .build();
  }

  private static OnnxMl.ValueInfoProto value(String name, TensorType type) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (long dim : type.dims()) {
      OnnxMl.TensorShapeProto.Dimension.Builder size =
          OnnxMl.TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim == TensorType.BATCH ? size.setDimParam(BATCH_NAME) : size.setDimValue(dim));
    }
    OnnxMl.TypeProto.Tensor tensor =
        OnnxMl.TypeProto.Tensor.newBuilder()
            .setElemType(type.type().code())
            .setShape(shape)
            .build();
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
