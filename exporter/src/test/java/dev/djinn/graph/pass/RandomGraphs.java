package dev.djinn.graph.pass;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.GraphException;
import dev.djinn.graph.Operator;
import dev.djinn.graph.RandomTensors;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import java.util.Random;

/** Graphs as generators have them, drawn from seeds: dense, then images that grow. */
final class RandomGraphs {
  private static final int LARGEST = 1500;

  private final Random random;
  private final GraphBuilder graph = new GraphBuilder("drawn");
  private String x;

  private RandomGraphs(long seed) {
    random = new Random(seed);
  }

  /** Returns the graph of a seed, from a latent and a label to an image in [0, 1]. */
  static Graph of(long seed) {
    RandomGraphs drawn = new RandomGraphs(seed);
    drawn.head();
    int layers = 2 + drawn.random.nextInt(6);
    for (int tries = 0; layers > 0 && tries < 50; tries++) {
      layers -= drawn.layer() ? 1 : 0;
    }
    drawn.end();
    return drawn.graph.build();
  }

  private void head() {
    int size = 2 + random.nextInt(5);
    x = graph.input("latent", TensorType.floats(TensorType.BATCH, size));
    String label = graph.input("label", TensorType.of(ElementType.INT64, TensorType.BATCH));
    String table =
        random.nextBoolean()
            ? weight(3, size)
            : add(Operator.MUL, Attributes.none(), weight(3, size), weight(size));
    String row = add(Operator.GATHER, Attributes.none(), table, label);
    if (random.nextBoolean()) {
      row = dense(row, size, size);
    }
    x =
        random.nextBoolean()
            ? add(Operator.MUL, Attributes.none(), x, row)
            : add(Operator.CONCAT, Attributes.none().with("axis", 1), x, row);
    for (int layers = random.nextInt(2); layers >= 0; layers--) {
      x = dense(x, (int) type().dim(1), 3 + random.nextInt(9));
      maybe();
    }
    int channels = 1 + random.nextInt(4);
    int side = 1 + random.nextInt(3);
    x = dense(x, (int) type().dim(1), channels * side * (side + 1));
    maybe();
    x =
        add(
            Operator.RESHAPE,
            Attributes.none(),
            x,
            graph.constant(free("shape"), Tensor.vector(0, channels, side, side + 1)));
  }

  /** Adds something, unless what was drawn does not fit. */
  private boolean layer() {
    String before = x;
    try {
      switch (random.nextInt(7)) {
        case 0 -> convolution();
        case 1, 2 -> transposedConvolution();
        case 3 -> {
          upsample();
          convolution();
        }
        case 4 -> upsample();
        case 5 -> residual();
        default -> x = add(Operator.DROPOUT, Attributes.none(), x);
      }
    } catch (GraphException e) {
      x = before;
      return false;
    }
    if (type().dim(1) * type().dim(2) * type().dim(3) > LARGEST) {
      x = before;
      return false;
    }
    maybe();
    return true;
  }

  /** Norms, activations and dropout in any order, or none. */
  private void maybe() {
    for (int i = random.nextInt(4); i > 0; i--) {
      switch (random.nextInt(5)) {
        case 0, 1 -> norm();
        case 2 -> x = add(Operator.RELU, Attributes.none(), x);
        case 3 -> x = add(Operator.LEAKY_RELU, Attributes.none().with("alpha", 0.2f), x);
        default -> x = add(Operator.TANH, Attributes.none(), x);
      }
    }
  }

  private void norm() {
    int channels = (int) type().dim(1);
    x =
        add(
            Operator.BATCH_NORMALIZATION,
            Attributes.none().with("epsilon", 1e-3f),
            x,
            weight(channels),
            weight(channels),
            weight(channels),
            graph.constant(free("variance"), RandomTensors.positive(random, channels)));
  }

  private void convolution() {
    int groups = type().dim(1) % 2 == 0 ? 1 + random.nextInt(2) : 1;
    int out = groups * (1 + random.nextInt(6));
    int kernel = 1 + random.nextInt(5);
    Attributes attributes =
        Attributes.none()
            .with("group", groups)
            .with("dilations", each(2, 1, random.nextInt(4) == 0 ? 2 : 1))
            .with("strides", each(2, 1, random.nextInt(4) == 0 ? 2 : 1))
            .with("pads", pads(kernel));
    x = weighted(Operator.CONV, attributes, out, out, type().dim(1) / groups, kernel);
  }

  private void transposedConvolution() {
    int groups = type().dim(1) % 2 == 0 ? 1 + random.nextInt(2) : 1;
    int out = 1 + random.nextInt(random.nextBoolean() ? 2 : 8);
    int kernel = 1 + random.nextInt(5);
    int stride = 1 + random.nextInt(3);
    Attributes attributes =
        Attributes.none()
            .with("group", groups)
            .with("strides", new long[] {stride, random.nextInt(6) == 0 ? 1 : stride})
            .with("output_padding", each(2, 0, stride - 1))
            .with("pads", random.nextBoolean() ? whole(kernel, stride) : pads(kernel));
    x = weighted(Operator.CONV_TRANSPOSE, attributes, out * groups, type().dim(1), out, kernel);
  }

  private String weighted(
      Operator operator, Attributes attributes, int channels, long a, long b, int kernel) {
    String w = weight(a, b, kernel, 1 + random.nextInt(kernel));
    return random.nextBoolean()
        ? add(operator, attributes, x, w)
        : add(operator, attributes, x, w, weight(channels));
  }

  private void upsample() {
    float scale = 2 + random.nextInt(2);
    boolean nearest = random.nextInt(5) > 0;
    Attributes attributes =
        Attributes.none()
            .with("mode", nearest ? "nearest" : "linear")
            .with("coordinate_transformation_mode", nearest ? "asymmetric" : "half_pixel");
    x =
        add(
            Operator.RESIZE,
            nearest ? attributes.with("nearest_mode", "floor") : attributes,
            x,
            "",
            graph.constant(free("scales"), Tensor.floats(new float[] {1, 1, scale, scale}, 4)));
  }

  private void residual() {
    String input = x;
    int channels = (int) type().dim(1);
    maybe();
    x =
        add(
            Operator.CONV,
            Attributes.none().with("pads", new long[] {1, 1, 1, 1}),
            x,
            weight(channels, channels, 3, 3));
    maybe();
    x = add(Operator.ADD, Attributes.none(), x, input);
  }

  private void end() {
    String half = graph.constant("half", Tensor.scalar(0.5f));
    if (random.nextBoolean()) {
      x = add(Operator.TANH, Attributes.none(), x);
      x = add(Operator.MUL, Attributes.none(), x, half);
      x = add(Operator.ADD, Attributes.none(), x, half);
    }
    graph.output(graph.add(Operator.IDENTITY, "image", x));
  }

  private String dense(String input, int inputs, int outputs) {
    boolean turned = random.nextBoolean();
    Attributes attributes = turned ? Attributes.none().with("transB", 1) : Attributes.none();
    String w = turned ? weight(outputs, inputs) : weight(inputs, outputs);
    return random.nextBoolean()
        ? add(Operator.GEMM, attributes, input, w)
        : add(Operator.GEMM, attributes, input, w, weight(outputs));
  }

  private TensorType type() {
    return graph.typeOf(x);
  }

  private String add(Operator operator, Attributes attributes, String... read) {
    return graph.add(operator, attributes, free(operator.onnxName()), read);
  }

  private String weight(long... dims) {
    return graph.constant(free("w"), RandomTensors.normal(random, dims));
  }

  private long[] pads(int kernel) {
    return each(4, 0, kernel - 1);
  }

  /** Such that a stride's multiple comes out, if the kernel is not smaller than the stride. */
  private long[] whole(int kernel, int stride) {
    long all = Math.max(0, kernel - stride);
    return new long[] {all / 2, all / 2, all - all / 2, all - all / 2};
  }

  private long[] each(int count, int least, int most) {
    return random.longs(count, least, most + 1L).toArray();
  }

  private String free(String wish) {
    String free = wish;
    for (int i = 1; graph.has(free); i++) {
      free = wish + i;
    }
    return free;
  }
}
