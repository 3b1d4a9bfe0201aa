package dev.djinn.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.OrtRun;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is computed of constants here is what ONNX Runtime computes of them. */
class ConstantEvaluatorTest {
  private static final Random RANDOM = new Random(17);

  static Stream<Arguments> nodes() {
    Attributes none = Attributes.none();
    Tensor cube = tensor(2, 3, 4);
    return Stream.of(
        Arguments.of(Operator.IDENTITY, none, List.of(cube)),
        Arguments.of(Operator.RESHAPE, none, List.of(cube, Tensor.vector(4, -1))),
        Arguments.of(Operator.FLATTEN, none, List.of(cube)),
        Arguments.of(Operator.ADD, none, List.of(cube, tensor(3, 1))),
        Arguments.of(Operator.ADD, none, List.of(tensor(1), cube)),
        Arguments.of(Operator.SUB, none, List.of(tensor(2, 1, 4), tensor(3, 4))),
        Arguments.of(Operator.MUL, none, List.of(tensor(3, 1), tensor(2, 1, 4))),
        Arguments.of(Operator.DIV, none, List.of(cube, RandomTensors.positive(RANDOM, 4))),
        Arguments.of(Operator.RELU, none, List.of(cube)),
        Arguments.of(Operator.LEAKY_RELU, none, List.of(cube)),
        Arguments.of(Operator.LEAKY_RELU, none.with("alpha", 0.3f), List.of(cube)),
        Arguments.of(Operator.TANH, none, List.of(cube)),
        Arguments.of(Operator.SIGMOID, none, List.of(cube)),
        Arguments.of(Operator.TRANSPOSE, none.with("perm", new long[] {2, 0, 1}), List.of(cube)),
        Arguments.of(Operator.TRANSPOSE, none.with("perm", new long[] {1, 2, 0}), List.of(cube)),
        Arguments.of(Operator.GEMM, none, List.of(tensor(2, 5), tensor(5, 3), tensor(3))),
        Arguments.of(Operator.GEMM, none.with("transB", 1), List.of(tensor(2, 5), tensor(3, 5))));
  }

  @ParameterizedTest
  @MethodSource("nodes")
  void isWhatOnnxRuntimeComputes(Operator operator, Attributes attributes, List<Tensor> given)
      throws OrtException {
    GraphBuilder builder = new GraphBuilder("constants");
    List<String> names = new ArrayList<>();
    for (Tensor tensor : given) {
      names.add(builder.constant("c" + names.size(), tensor));
    }
    builder.output(builder.add(operator, attributes, "made", names.toArray(String[]::new)));
    Graph graph = builder.build();
    Optional<Tensor> made =
        ConstantEvaluator.evaluate(graph.nodes().get(0), given, graph.typeOf("made"));
    assertEquals(graph.typeOf("made"), made.orElseThrow().tensorType());
    float[] expected = OrtRun.run(graph, 1, 1).get("made");
    assertArrayEquals(expected, made.get().floats(), 1e-6f);
  }

  /** Each either has a case above or is left to the runtime. */
  @Test
  void leavesTheOthersToTheRuntime() {
    Set<Operator> tested = EnumSet.noneOf(Operator.class);
    nodes().forEach(node -> tested.add((Operator) node.get()[0]));
    Tensor row = tensor(1, 4);
    for (Operator operator : EnumSet.complementOf(EnumSet.copyOf(tested))) {
      String[] read =
          switch (operator) {
            case BATCH_NORMALIZATION -> new String[] {"a", "a", "a", "a", "a"};
            case SLICE -> new String[] {"a", "a", "a"};
            case CONV,
                CONV_TRANSPOSE,
                DEQUANTIZE_LINEAR,
                EXPAND,
                GATHER,
                LAYER_NORMALIZATION,
                MAT_MUL,
                QUANTIZE_LINEAR ->
                new String[] {"a", "a"};
            default -> new String[] {"a"};
          };
      Node node = Node.of(operator, Attributes.none(), "y", read);
      assertTrue(
          ConstantEvaluator.evaluate(node, List.of(row, row, row, row, row), row.tensorType())
              .isEmpty(),
          operator + " is computed, but not tested");
    }
  }

  @Test
  void computesNoWholeNumbersAndNoTurnedFirstMatrix() {
    Tensor whole = Tensor.vector(1, 2, 3);
    assertEquals(ElementType.INT64, whole.type());
    assertTrue(
        ConstantEvaluator.evaluate(
                Node.of(Operator.ADD, Attributes.none(), "y", "a", "b"),
                List.of(whole, whole),
                whole.tensorType())
            .isEmpty());
    Tensor square = tensor(2, 2);
    assertTrue(
        ConstantEvaluator.evaluate(
                Node.of(Operator.GEMM, Attributes.none().with("transA", 1), "y", "a", "b"),
                List.of(square, square),
                square.tensorType())
            .isEmpty());
  }

  private static Tensor tensor(long... dims) {
    return RandomTensors.normal(RANDOM, dims);
  }
}
