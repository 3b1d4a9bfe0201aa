package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
  @TempDir Path folder;

  @Test
  void officialCheckerAcceptsWhatIsWritten() throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, OnnxWriter.write(graph(1), Map.of("key", "value")));
    OnnxChecker.check(file);
  }

  @Test
  void officialCheckerRefusesATruncatedFile() throws IOException {
    Path file = folder.resolve("model.onnx");
    byte[] bytes = OnnxWriter.write(graph(1), Map.of());
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 40));
    assertThrows(RuntimeException.class, () -> OnnxChecker.check(file));
  }

  @Test
  void readsBackWhatWasWritten() {
    byte[] bytes = OnnxWriter.write(graph(1), Map.of("b", "2", "a", "1"));
    OnnxModel model = OnnxReader.read(bytes);
    assertEquals(Map.of("a", "1", "b", "2"), model.metadata());
    assertEquals(graph(1).toString(), model.graph().toString());
    assertEquals(graph(1).constants(), model.graph().constants());
    assertArrayEquals(bytes, OnnxWriter.write(model.graph(), model.metadata()));
  }

  @Test
  void equalGraphsGiveEqualBytes() {
    assertArrayEquals(
        OnnxWriter.write(graph(1), Map.of("b", "2", "a", "1")),
        OnnxWriter.write(graph(1), Map.of("a", "1", "b", "2")));
  }

  @Test
  void refusesBytesThatAreNoModel() {
    GraphException e =
        assertThrows(GraphException.class, () -> OnnxReader.read(new byte[] {1, 2, 3}));
    assertTrue(e.getMessage().startsWith("not an ONNX file"), e.getMessage());
    assertThrows(GraphException.class, () -> OnnxReader.read(new byte[0]));
  }

  private static Graph graph(long seed) {
    Random random = new Random(seed);
    GraphBuilder graph = new GraphBuilder("test");
    String x = graph.input("x", TensorType.floats(TensorType.BATCH, 2, 5, 5));
    String w = graph.constant("w", RandomTensors.normal(random, 3, 2, 3, 3));
    String y =
        graph.add(
            Operator.CONV, Attributes.none().with("pads", new long[] {1, 1, 1, 1}), "conv", x, w);
    y = graph.add(Operator.LEAKY_RELU, Attributes.none().with("alpha", 0.2f), "act", y);
    y = graph.add(Operator.RESHAPE, "flat", y, graph.constant("shape", Tensor.vector(0, -1)));
    y =
        graph.add(
            Operator.CAST, Attributes.none().with("to", ElementType.UINT8.code()), "bytes", y);
    graph.output(y);
    return graph.build();
  }
}
