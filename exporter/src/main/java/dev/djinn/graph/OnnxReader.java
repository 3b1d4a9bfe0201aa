package dev.djinn.graph;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what {@link OnnxWriter} writes, and any other ONNX file of the same operators. */
public final class OnnxReader {
  private OnnxReader() {}

  /**
   * Reads an ONNX file.
   *
   * @param bytes the whole file
   * @throws GraphException if it is no ONNX file, or uses what this package does not know
   */
  public static OnnxModel read(byte[] bytes) {
    OnnxMl.ModelProto model;
    try {
      model = OnnxMl.ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new GraphException("not an ONNX file: " + e.getMessage());
    }
    if (!model.hasGraph()) {
      throw new GraphException("not an ONNX file: it has no graph");
    }
    SortedMap<String, String> metadata = new TreeMap<>();
    model.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
    return new OnnxModel(graph(model.getGraph()), metadata);
  }

  private static Graph graph(OnnxMl.GraphProto proto) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    for (OnnxMl.TensorProto tensor : proto.getInitializerList()) {
      constants.put(tensor.getName(), tensor(tensor));
    }
    List<Value> inputs = new ArrayList<>();
    for (OnnxMl.ValueInfoProto value : proto.getInputList()) {
      if (!constants.containsKey(value.getName())) {
        inputs.add(new Value(value.getName(), type(value)));
      }
    }
    return new Graph(
        proto.getName(),
        inputs,
        constants,
        proto.getNodeList().stream().map(OnnxReader::node).toList(),
        proto.getOutputList().stream().map(OnnxMl.ValueInfoProto::getName).toList());
  }

  private static Node node(OnnxMl.NodeProto proto) {
    if (!proto.getDomain().isEmpty()) {
      throw new GraphException(
          "operator " + proto.getDomain() + "." + proto.getOpType() + " is not a standard one");
    }
    Attributes attributes = Attributes.none();
    for (OnnxMl.AttributeProto attribute : proto.getAttributeList()) {
      attributes = attributes.with(attribute.getName(), attribute(attribute));
    }
    return new Node(
        Operator.named(proto.getOpType()), proto.getInputList(), proto.getOutputList(), attributes);
  }

  private static Attribute attribute(OnnxMl.AttributeProto proto) {
    return switch (proto.getType()) {
      case INT -> new Attribute.Int(proto.getI());
      case INTS -> new Attribute.Ints(proto.getIntsList());
      case FLOAT -> new Attribute.Real(proto.getF());
      case STRING -> new Attribute.Text(proto.getS().toStringUtf8());
      default ->
          throw new GraphException(
              "attribute " + proto.getName() + " is of kind " + proto.getType());
    };
  }

  private static Tensor tensor(OnnxMl.TensorProto proto) {
    if (!proto.hasRawData()) {
      throw new GraphException("constant " + proto.getName() + " is not kept as raw data");
    }
    return Tensor.raw(
        ElementType.ofCode(proto.getDataType()),
        proto.getRawData().toByteArray(),
        proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
  }

  private static TensorType type(OnnxMl.ValueInfoProto value) {
    OnnxMl.TypeProto.Tensor tensor = value.getType().getTensorType();
    return new TensorType(
        ElementType.ofCode(tensor.getElemType()),
        tensor.getShape().getDimList().stream()
            .map(dim -> dim.hasDimValue() ? dim.getDimValue() : TensorType.BATCH)
            .toList());
  }
}
