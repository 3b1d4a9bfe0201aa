package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.Node;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Weights kept as float16 and cast to float32 in the graph: half the file, computed in float32 by
 * every runtime. ONNX Runtime casts once, when it loads the file.
 */
public final class HalfWeights {
  /** Smaller tensors are not worth a node. */
  private static final int LEAST = 256;

  private HalfWeights() {}

  /** Returns the graph with its large constants halved; those beyond float16 stay as they are. */
  public static Graph apply(Graph graph) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    graph
        .constants()
        .forEach(
            (name, tensor) -> {
              Optional<Tensor> half = half(tensor);
              if (half.isEmpty()) {
                constants.put(name, tensor);
              } else {
                constants.put(name + ".half", half.get());
                nodes.add(
                    Node.of(
                        Operator.CAST,
                        Attributes.none().with("to", ElementType.FLOAT.code()),
                        name,
                        name + ".half"));
              }
            });
    nodes.addAll(graph.nodes());
    return new Graph(graph.name(), graph.inputs(), constants, nodes, graph.outputs());
  }

  private static Optional<Tensor> half(Tensor tensor) {
    if (tensor.type() != ElementType.FLOAT || tensor.size() < LEAST) {
      return Optional.empty();
    }
    ByteBuffer halves = ByteBuffer.allocate(2 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : tensor.floats()) {
      short half = half(value);
      if ((half & 0x7c00) == 0x7c00) {
        return Optional.empty();
      }
      halves.putShort(half);
    }
    return Optional.of(
        Tensor.raw(ElementType.FLOAT16, halves.array(), tensor.tensorType().toArray()));
  }

  /** Rounds to IEEE 754 binary16, half to even; Java has this from 20 on only. */
  static short half(float value) {
    int sign = (Float.floatToRawIntBits(value) >>> 16) & 0x8000;
    float size = Math.abs(value);
    if (!(size < 65520)) { // what would round to 65536 has no place, nor has NaN
      return (short) (sign | (Float.isNaN(value) ? 0x7e00 : 0x7c00));
    }
    // Steps are 2⁻²⁴ up to 2⁻¹⁴, then a 1024th of the power of two below. Adding and taking away a
    // float whose last place is one step rounds to it, half to even.
    float anchor =
        Math.max(Float.intBitsToFloat(Float.floatToRawIntBits(size) & 0x7f800000), 0x1p-14f);
    float magic = anchor * 0x1.8p13f;
    float rounded = size + magic - magic;
    if (rounded < 0x1p-14f) {
      return (short) (sign | (int) (rounded * 0x1p24f));
    }
    int bits = Float.floatToRawIntBits(rounded);
    return (short) (sign | (((bits >>> 23) - 112) << 10) | ((bits >>> 13) & 0x3ff));
  }
}
