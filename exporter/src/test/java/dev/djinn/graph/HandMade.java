package dev.djinn.graph;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import java.nio.FloatBuffer;
import java.util.Map;

/** Models of one node that are put together past all checks of ours. */
final class HandMade {
  private static final int BATCH = 2;

  private HandMade() {}

  /** Whether ONNX Runtime refuses {@code y = operator(x, w)}, at load or when it is run. */
  static boolean isRefused(TensorType x, Tensor w, Operator operator, Attributes attributes) {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "djinn");
    long[] dims =
        x.dims().stream().mapToLong(dim -> dim == TensorType.BATCH ? BATCH : dim).toArray();
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      try (OrtSession session =
              environment.createSession(model(x, w, operator, attributes), options);
          OnnxTensor input =
              OnnxTensor.createTensor(environment, FloatBuffer.allocate(size), dims);
          OrtSession.Result result = session.run(Map.of("x", input))) {
        return result.size() == 0;
      }
    } catch (OrtException e) {
      return true;
    }
  }

  private static byte[] model(TensorType x, Tensor w, Operator operator, Attributes attributes) {
    OnnxMl.NodeProto.Builder node =
        OnnxMl.NodeProto.newBuilder()
            .setOpType(operator.onnxName())
            .addInput("x")
            .addInput("w")
            .addOutput("y");
    attributes.asMap().forEach((name, value) -> node.addAttribute(attribute(name, value)));
    OnnxMl.TensorProto.Builder weight =
        OnnxMl.TensorProto.newBuilder()
            .setName("w")
            .setDataType(w.type().code())
            .addAllDims(w.dims())
            .setRawData(ByteString.copyFrom(w.bytes()));
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (long dim : x.dims()) {
      OnnxMl.TensorShapeProto.Dimension.Builder one =
          OnnxMl.TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim == TensorType.BATCH ? one.setDimParam("batch") : one.setDimValue(dim));
    }
    OnnxMl.GraphProto graph =
        OnnxMl.GraphProto.newBuilder()
            .setName("by hand")
            .addInput(value("x", shape))
            .addInitializer(weight)
            .addNode(node)
            .addOutput(value("y", null))
            .build();
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(OnnxWriter.IR_VERSION)
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OnnxWriter.OPSET))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static OnnxMl.ValueInfoProto value(String name, OnnxMl.TensorShapeProto.Builder shape) {
    OnnxMl.TypeProto.Tensor.Builder tensor =
        OnnxMl.TypeProto.Tensor.newBuilder().setElemType(ElementType.FLOAT.code());
    if (shape != null) {
      tensor.setShape(shape);
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private static OnnxMl.AttributeProto attribute(String name, Attribute value) {
    OnnxMl.AttributeProto.Builder proto = OnnxMl.AttributeProto.newBuilder().setName(name);
    if (value instanceof Attribute.Int whole) {
      return proto.setType(OnnxMl.AttributeProto.AttributeType.INT).setI(whole.value()).build();
    }
    return proto
        .setType(OnnxMl.AttributeProto.AttributeType.INTS)
        .addAllInts(((Attribute.Ints) value).values())
        .build();
  }
}
