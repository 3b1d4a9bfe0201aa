package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GraphEditorTest {
  private GraphEditor editor;

  /** x → relu a → tanh b → output y, and a spare sigmoid that nothing reads. */
  @BeforeEach
  void open() {
    GraphBuilder graph = new GraphBuilder("edited");
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 3));
    String a = graph.add(Operator.RELU, "a", x);
    String b = graph.add(Operator.TANH, "b", a);
    graph.constant("c", Tensor.floats(new float[] {1, 2, 3}, 3));
    graph.output(graph.add(Operator.ADD, "y", b, "c"));
    graph.add(Operator.SIGMOID, "spare", a);
    editor = new GraphEditor(graph.build());
  }

  private Node node(String name) {
    return editor.producer(name).orElseThrow();
  }

  private List<Operator> operators() {
    return editor.graph().nodes().stream().map(Node::operator).toList();
  }

  @Test
  void leavesOutWhatNoOutputNeeds() {
    assertEquals(List.of(Operator.RELU, Operator.TANH, Operator.ADD), operators());
    editor.addConstant("unread", Tensor.scalar(1));
    assertEquals(Map.of("c", Tensor.floats(new float[] {1, 2, 3}, 3)), editor.graph().constants());
  }

  @Test
  void tellsWhoReadsAValue() {
    assertEquals(2, editor.consumers("a").size());
    assertEquals(Optional.empty(), editor.onlyConsumer("a"));
    assertEquals(Optional.of(node("y")), editor.onlyConsumer("b"));
    assertEquals(Optional.empty(), editor.onlyConsumer("y"), "an output of the graph");
    assertEquals(Optional.empty(), editor.producer("x"));
    assertTrue(editor.isOutput("y"));
    assertFalse(editor.isOutput("b"));
  }

  @Test
  void readersOfABypassedNodeReadWhatItRead() {
    editor.bypass(node("b"), "a");
    Graph graph = editor.graph();
    assertEquals(List.of(Operator.RELU, Operator.ADD), operators());
    assertEquals(List.of("a", "c"), graph.nodes().get(1).inputs());
  }

  @Test
  void anOutputThatIsBypassedKeepsItsName() {
    editor.bypass(node("y"), "b");
    Graph graph = editor.graph();
    assertEquals(List.of("y"), graph.outputs());
    assertEquals(List.of(Operator.RELU, Operator.TANH, Operator.IDENTITY), operators());
  }

  @Test
  void readersFollowANewName() {
    Node renamed = editor.rename(node("a"), "b");
    assertEquals("b.1", renamed.name(), "b is taken");
    assertEquals(List.of("b.1"), node("b").inputs());
    assertEquals(List.of("b.1"), node("spare").inputs());
    editor.graph();
  }

  @Test
  void namesAreFreeOnce() {
    assertEquals("new", editor.freeName("new"));
    assertEquals("new.1", editor.freeName("new"));
    assertEquals("x.1", editor.freeName("x"));
    assertEquals("c.1", editor.addConstant("c", Tensor.scalar(2)));
    assertEquals(Optional.of(Tensor.scalar(2)), editor.constant("c.1"));
  }

  @Test
  void aNodeThatBecomesAConstantKeepsItsName() {
    Tensor value = Tensor.floats(new float[] {5, 6, 7}, 1, 3);
    editor.makeConstant(node("b"), value);
    Graph graph = editor.graph();
    assertEquals(value, graph.constants().get("b"));
    assertEquals(List.of(Operator.ADD), operators());
  }

  @Test
  void severalNodesTakeThePlaceOfOne() {
    Node tanh = node("b");
    editor.replace(
        tanh,
        List.of(
            Node.of(Operator.SOFTSIGN, Attributes.none(), "inner", "a"),
            Node.of(Operator.ELU, Attributes.none(), "b", "inner")));
    assertEquals(
        List.of(Operator.RELU, Operator.SOFTSIGN, Operator.ELU, Operator.ADD), operators());
  }

  @Test
  void aRewriteThatLosesAValueIsRefused() {
    editor.replace(node("a"), List.of());
    GraphException e = assertThrows(GraphException.class, editor::graph);
    assertTrue(e.getMessage().contains("reads a, which nothing before it makes"), e.getMessage());
  }

  @Test
  void typesAreThoseOfTheGraphAsItWas() {
    assertEquals(TensorType.floats(TensorType.BATCH, 3), editor.typeOf("b"));
    editor.addConstant("later", Tensor.scalar(1));
    assertThrows(GraphException.class, () -> editor.typeOf("later"));
  }
}
