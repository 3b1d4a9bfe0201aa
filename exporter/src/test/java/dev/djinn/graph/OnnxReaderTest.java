package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Files that ONNX may hold and that are not read here: each is named, none is misread. */
class OnnxReaderTest {
  @Test
  void refusesNumbersThatOthersKeepOneByOne() {
    refuses(
        graph -> {
          OnnxMl.TensorProto.Builder weight = graph.getInitializerBuilder(0).clearRawData();
          for (int i = 0; i < 54; i++) {
            weight.addFloatData(i);
          }
        },
        "constant w is not kept as raw data");
  }

  @Test
  void refusesOperatorsOfOtherDomains() {
    refuses(graph -> graph.getNodeBuilder(0).setDomain("com.microsoft"), "com.microsoft.Conv");
  }

  @Test
  void namesAnOperatorThatIsNotKnown() {
    refuses(graph -> graph.getNodeBuilder(0).setOpType("Einsum"), "Einsum");
  }

  @Test
  void namesAnAttributeThatIsNotKnown() {
    refuses(
        graph ->
            graph
                .getNodeBuilder(0)
                .addAttribute(
                    OnnxMl.AttributeProto.newBuilder()
                        .setName("auto_pad")
                        .setType(OnnxMl.AttributeProto.AttributeType.STRING)
                        .setS(com.google.protobuf.ByteString.copyFromUtf8("SAME_UPPER"))),
        "auto_pad");
  }

  @Test
  void refusesAnElementTypeThatIsNotKnown() {
    refuses(
        graph ->
            graph
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(OnnxMl.TensorProto.DataType.DOUBLE.getNumber()),
        "element type 11");
  }

  @Test
  void refusesAValueThatNothingMakes() {
    refuses(graph -> graph.getNodeBuilder(0).setInput(0, "nowhere"), "nowhere");
  }

  @Test
  void refusesAWeightOfTooFewBytes() {
    refuses(
        graph ->
            graph
                .getInitializerBuilder(0)
                .setRawData(com.google.protobuf.ByteString.copyFrom(new byte[8])),
        "8 bytes");
  }

  private static void refuses(Consumer<OnnxMl.GraphProto.Builder> change, String part) {
    OnnxMl.ModelProto.Builder model;
    try {
      model = OnnxMl.ModelProto.parseFrom(file()).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
    change.accept(model.getGraphBuilder());
    byte[] bytes = model.build().toByteArray();
    GraphException e = assertThrows(GraphException.class, () -> OnnxReader.read(bytes));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static byte[] file() {
    GraphBuilder graph = new GraphBuilder("read");
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 2, 5, 5));
    String w = graph.constant("w", RandomTensors.normal(new Random(1), 3, 2, 3, 3));
    graph.output(graph.add(Operator.CONV, "y", x, w));
    return OnnxWriter.write(graph.build(), Map.of());
  }
}
