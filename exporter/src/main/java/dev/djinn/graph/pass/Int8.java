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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Convolutions and dense layers in eight bits: x ≈ s (q − z) with one s and z a value, w ≈ s q with
 * one s an output channel. Written as QuantizeLinear and DequantizeLinear around the float
 * operators, which every runtime can run as it stands, and which ONNX Runtime turns into integer
 * kernels. The ranges are fixed in the file, not taken from each batch, so that a row's result does
 * not depend on the rows beside it.
 */
public final class Int8 {
  private static final Set<Operator> MOVES =
      Set.of(
          Operator.RESHAPE,
          Operator.TRANSPOSE,
          Operator.DEPTH_TO_SPACE,
          Operator.CONCAT,
          Operator.RESIZE,
          Operator.SLICE);

  /** Layers of shorter sums cost little, and a latent of two numbers needs all its digits. */
  private static final int LEAST_TERMS = 32;

  private final Graph graph;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Set<Node> layers = new LinkedHashSet<>();
  private final Set<String> values = new LinkedHashSet<>();

  private Int8(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      producers.put(node.name(), node);
      node.inputs()
          .forEach(input -> readers.computeIfAbsent(input, key -> new ArrayList<>()).add(node));
    }
    graph.nodes().stream().filter(this::isLayer).forEach(layers::add);
    layers.removeIf(node -> node.operator() == Operator.CONV && !leadsToALayer(node));
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (layers.contains(node)) {
        values.add(node.input(0));
        if (node.operator() == Operator.CONV) {
          values.add(outputOf(node));
        }
      } else if (isMoveOfSteps(node)) {
        values.addAll(moved(node));
      }
    }
    values.removeIf(value -> graph.constants().containsKey(value));
  }

  /** Returns the values whose ranges have to be known, none if there is nothing to rewrite. */
  public static List<String> values(Graph graph) {
    return List.copyOf(new Int8(graph).values);
  }

  /**
   * Returns the graph in eight bits.
   *
   * @param ranges the range of each of {@link #values}
   */
  public static Graph apply(Graph graph, Map<String, Range> ranges) {
    Int8 plan = new Int8(graph);
    return plan.rewrite(plan.shared(ranges));
  }

  private boolean isLayer(Node node) {
    boolean kind =
        node.operator() == Operator.CONV
            || (node.operator() == Operator.GEMM && Dense.isPlain(node));
    if (!kind
        || !graph.constants().containsKey(node.input(1))
        || (node.hasInput(2) && !graph.constants().containsKey(node.input(2)))) {
      return false;
    }
    Tensor weight = graph.constants().get(node.input(1));
    boolean columns = node.operator() == Operator.GEMM && !outputsFirst(node);
    int terms = columns ? weight.dim(0) : weight.size() / weight.dim(0);
    return terms >= LEAST_TERMS;
  }

  private static boolean outputsFirst(Node node) {
    return node.operator() == Operator.CONV || node.attributes().integer("transB", 0) != 0;
  }

  /** The last convolution makes the picture: its own steps would be seen, and it costs little. */
  private boolean leadsToALayer(Node node) {
    Set<String> reached = new HashSet<>(Set.of(node.name()));
    for (Node next : graph.nodes()) {
      if (next.inputs().stream().anyMatch(reached::contains)) {
        if (isLayer(next) || next.operator() == Operator.CONV_TRANSPOSE) {
          return true;
        }
        reached.add(next.name());
      }
    }
    return false;
  }

  /**
   * Where a convolution's result gets its steps: after a ReLU, since clipping does a ReLU's work.
   */
  private String outputOf(Node convolution) {
    List<Node> next = readers.getOrDefault(convolution.name(), List.of());
    return next.size() == 1 && next.get(0).operator() == Operator.RELU
        ? next.get(0).name()
        : convolution.name();
  }

  /** What only moves numbers keeps their steps, so that it can be done on the steps. */
  private boolean isMoveOfSteps(Node node) {
    return MOVES.contains(node.operator()) && inSteps(node.name());
  }

  private static List<String> moved(Node node) {
    return node.operator() == Operator.CONCAT ? node.inputs() : List.of(node.input(0));
  }

  /**
   * Gives values that are moved the range of where they go, and of all that they are if they are
   * also read where they stand; the moves' results then take the range of what they move.
   */
  private Map<String, Range> shared(Map<String, Range> ranges) {
    Map<String, Range> shared = new HashMap<>();
    List<String> backToFront = new ArrayList<>();
    graph.nodes().forEach(node -> backToFront.add(0, node.name()));
    graph.inputs().forEach(input -> backToFront.add(input.name()));
    backToFront.retainAll(values);
    for (String value : backToFront) {
      readers.get(value).stream()
          .map(reader -> isMoveOfSteps(reader) ? shared.get(reader.name()) : ranges.get(value))
          .reduce(Range::with)
          .ifPresent(range -> shared.put(value, range));
    }
    for (Node node : graph.nodes()) {
      if (isMoveOfSteps(node) && node.operator() != Operator.CONCAT) {
        shared.computeIfPresent(
            node.name(), (to, range) -> shared.getOrDefault(node.input(0), range));
      }
    }
    return shared;
  }

  private Graph rewrite(Map<String, Range> ranges) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
    List<Node> nodes = new ArrayList<>();
    graph.inputs().stream()
        .filter(input -> inSteps(input.name()))
        .forEach(input -> steps(input.name(), ranges.get(input.name()), constants, nodes));
    for (Node node : graph.nodes()) {
      List<String> inputs = new ArrayList<>();
      node.inputs().forEach(input -> inputs.add(inSteps(input) ? input + ".dq" : input));
      Node reading = node.withInputs(inputs);
      if (isFirst(node)) {
        split(node, ranges.get(node.input(0)), constants, nodes);
      } else {
        nodes.add(
            layers.contains(node)
                ? layer(reading, ranges.get(node.input(0)), constants, nodes)
                : reading);
      }
      if (inSteps(node.name())) {
        steps(node.name(), ranges.get(node.name()), constants, nodes);
      }
    }
    Set<String> read = new HashSet<>();
    nodes.forEach(node -> read.addAll(node.inputs()));
    constants.keySet().retainAll(read);
    return new Graph(graph.name(), graph.inputs(), constants, nodes, graph.outputs());
  }

  /** Whether a value itself is put in steps; what only first layers read is split by them. */
  private boolean inSteps(String value) {
    return values.contains(value)
        && !readers.getOrDefault(value, List.of()).stream().allMatch(this::isFirst);
  }

  /** Whether a dense layer reads nothing that is in steps already. */
  private boolean isFirst(Node node) {
    return layers.contains(node) && node.operator() == Operator.GEMM && !afterALayer(node);
  }

  private boolean afterALayer(Node node) {
    return node.inputs().stream()
        .map(producers::get)
        .filter(Objects::nonNull)
        .anyMatch(producer -> layers.contains(producer) || afterALayer(producer));
  }

  /**
   * W x = W x₁ + W x₂ with x₁ of large steps and x₂, what they leave, of small ones: 16 bits for a
   * latent, whose own steps would be seen in all that comes after, at little cost.
   */
  private void split(Node node, Range seen, Map<String, Tensor> constants, List<Node> nodes) {
    // Steps are there to spare, so latents beyond those seen are not cut off.
    Range range = new Range(2 * Math.min(seen.low(), 0), 2 * Math.max(seen.high(), 0));
    String x = node.input(0);
    String high = node.name() + ".high";
    String low = node.name() + ".low";
    nodes.add(Node.of(Operator.IDENTITY, Attributes.none(), high, x));
    steps(high, range, constants, nodes);
    nodes.add(Node.of(Operator.SUB, Attributes.none(), low, x, high + ".dq"));
    Range rest = new Range(-0.51f * range.step(), 0.51f * range.step());
    steps(low, rest, constants, nodes);
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, high + ".dq");
    Node large =
        layer(node.withInputs(inputs).withOutput(node.name() + ".large"), range, constants, nodes);
    nodes.add(large);
    Node small =
        new Node(
            Operator.GEMM,
            List.of(low + ".dq", large.input(1)),
            List.of(node.name() + ".small"),
            node.attributes());
    nodes.add(small);
    nodes.add(Node.of(Operator.ADD, Attributes.none(), node.name(), large.name(), small.name()));
  }

  private static void steps(
      String value, Range range, Map<String, Tensor> constants, List<Node> nodes) {
    String scale = value + ".step";
    String zero = value + ".zero";
    constants.put(scale, Tensor.scalar(range.step()));
    constants.put(zero, Tensor.raw(ElementType.UINT8, new byte[] {(byte) range.zero()}));
    nodes.add(
        Node.of(Operator.QUANTIZE_LINEAR, Attributes.none(), value + ".q", value, scale, zero));
    nodes.add(
        Node.of(
            Operator.DEQUANTIZE_LINEAR,
            Attributes.none(),
            value + ".dq",
            value + ".q",
            scale,
            zero));
  }

  private Node layer(Node node, Range read, Map<String, Tensor> constants, List<Node> nodes) {
    Tensor weight = graph.constants().get(node.input(1));
    boolean columns = !outputsFirst(node);
    int axis = columns ? 1 : 0;
    int channels = weight.dim(axis);
    int inner = weight.size() / weight.dim(0);
    float[] w = weight.floats();
    float[] bias = node.hasInput(2) ? graph.constants().get(node.input(2)).floats() : null;
    float[] scale = new float[channels];
    for (int i = 0; i < w.length; i++) {
      int channel = columns ? i % channels : i / inner;
      scale[channel] = Math.max(scale[channel], Math.abs(w[i]) / 127);
    }
    for (int c = 0; c < channels; c++) {
      // A bias far beyond its weights must still fit into 32 bits.
      float least = bias == null ? 0 : Math.abs(bias[c]) / (read.step() * (1 << 30));
      scale[c] = Math.max(scale[c], Math.max(least, 1e-12f));
    }
    byte[] steps = new byte[w.length];
    for (int i = 0; i < w.length; i++) {
      steps[i] = (byte) Math.rint(w[i] / scale[columns ? i % channels : i / inner]);
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    inputs.add(
        dequantized(
            node.name() + ".weight",
            Tensor.raw(ElementType.INT8, steps, weight.tensorType().toArray()),
            scale,
            axis,
            constants,
            nodes));
    if (bias != null) {
      ByteBuffer whole = ByteBuffer.allocate(4 * channels).order(ByteOrder.LITTLE_ENDIAN);
      float[] scales = new float[channels];
      for (int c = 0; c < channels; c++) {
        scales[c] = scale[c] * read.step();
        whole.putInt((int) Math.rint((double) bias[c] / scales[c]));
      }
      inputs.add(
          dequantized(
              node.name() + ".bias",
              Tensor.raw(ElementType.INT32, whole.array(), channels),
              scales,
              0,
              constants,
              nodes));
    }
    return node.withInputs(inputs);
  }

  private static String dequantized(
      String name,
      Tensor steps,
      float[] scale,
      int axis,
      Map<String, Tensor> constants,
      List<Node> nodes) {
    constants.put(name + ".q", steps);
    constants.put(name + ".step", Tensor.floats(scale, scale.length));
    constants.put(
        name + ".zero",
        Tensor.raw(steps.type(), new byte[scale.length * steps.type().bytes()], scale.length));
    nodes.add(
        Node.of(
            Operator.DEQUANTIZE_LINEAR,
            Attributes.none().with("axis", axis),
            name + ".dq",
            name + ".q",
            name + ".step",
            name + ".zero"));
    return name + ".dq";
  }
}
