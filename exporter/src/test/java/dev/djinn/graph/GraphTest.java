package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final GraphBuilder graph = new GraphBuilder("test");
  private final String x = graph.input("x", TensorType.floats(TensorType.BATCH, 4));

  @Test
  void refusesWrongNumberOfInputsWhereTheNodeIsMade() {
    refuses(() -> graph.add(Operator.ADD, "y", x), "Add y has 1 inputs, expected 2");
  }

  @Test
  void refusesUnknownAttribute() {
    refuses(
        () -> graph.add(Operator.RELU, Attributes.none().with("alpha", 1f), "y", x),
        "Relu y has the attribute alpha");
  }

  @Test
  void refusesAttributeOfAnotherKind() {
    refuses(
        () -> graph.add(Operator.LEAKY_RELU, Attributes.none().with("alpha", 1), "y", x),
        "attribute alpha");
  }

  @Test
  void refusesNameThatIsTaken() {
    refuses(() -> graph.add(Operator.RELU, "x", x), "'x' is empty or taken");
  }

  @Test
  void refusesValueThatNothingMakes() {
    refuses(() -> graph.add(Operator.RELU, "y", "z"), "reads z");
  }

  @Test
  void refusesShapesThatDoNotFit() {
    String w = graph.constant("w", RandomTensors.normal(new Random(1), 3, 5));
    refuses(
        () -> graph.add(Operator.GEMM, Attributes.none().with("transB", 1), "y", x, w),
        "inner dimensions differ");
  }

  @Test
  void refusesNodesOutOfOrder() {
    Value input = new Value("x", TensorType.floats(TensorType.BATCH, 4));
    List<Node> nodes =
        List.of(
            Node.of(Operator.RELU, Attributes.none(), "b", "a"),
            Node.of(Operator.TANH, Attributes.none(), "a", "x"));
    refuses(() -> new Graph("g", List.of(input), Map.of(), nodes, List.of("b")), "reads a");
  }

  @Test
  void refusesTensorOfWrongSize() {
    refuses(() -> Tensor.floats(new float[5], 2, 3), "20 bytes do not fill");
  }

  @Test
  void infersShapesOfTransposedConvolution() {
    String image =
        graph.add(Operator.RESHAPE, "image", x, graph.constant("shape", Tensor.vector(0, 1, 2, 2)));
    String w = graph.constant("w", RandomTensors.normal(new Random(1), 1, 3, 3, 3));
    Attributes attributes =
        Attributes.none()
            .with("strides", new long[] {2, 2})
            .with("pads", new long[] {1, 1, 1, 1})
            .with("output_padding", new long[] {1, 1});
    String y = graph.add(Operator.CONV_TRANSPOSE, attributes, "y", image, w);
    assertEquals(TensorType.floats(TensorType.BATCH, 3, 4, 4), graph.typeOf(y));
  }

  private static void refuses(org.junit.jupiter.api.function.Executable action, String why) {
    GraphException e = assertThrows(GraphException.class, action);
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }
}
