package dev.djinn.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Types and shapes against those that ONNX Runtime really makes, for nodes drawn from seeds. */
class ShapeInferenceTest {
  private static final int SEEDS = 24;

  /** A node drawn from a seed. */
  private static final class Draw {
    private final Random random;
    private final GraphBuilder graph = new GraphBuilder("drawn");
    private int named;

    Draw(long seed) {
      random = new Random(seed);
    }

    int upTo(int most) {
      return 1 + random.nextInt(most);
    }

    String input(long... dims) {
      return graph.input("in" + named++, TensorType.floats(dims));
    }

    String weight(long... dims) {
      return graph.constant("w" + named++, RandomTensors.normal(random, dims));
    }

    String vector(long... values) {
      return graph.constant("v" + named++, Tensor.vector(values));
    }

    /** (batch, …) of some rank, each dimension up to six. */
    long[] dims(int rank) {
      long[] dims = new long[rank];
      for (int i = 1; i < rank; i++) {
        dims[i] = upTo(6);
      }
      dims[0] = TensorType.BATCH;
      return dims;
    }

    long[] each(int count, int least, int most) {
      return random.longs(count, least, most + 1L).toArray();
    }

    String add(Operator operator, Attributes attributes, String... read) {
      return graph.add(operator, attributes, "made", read);
    }

    Graph made(String output) {
      graph.output(output);
      return graph.build();
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void isWhatOnnxRuntimeMakes(Operator operator) throws OrtException {
    int compared = 0;
    for (long seed = 0; compared < SEEDS && seed < 200; seed++) {
      Draw draw = new Draw(seed);
      Graph graph;
      try {
        graph = draw.made(node(operator, draw));
      } catch (GraphException e) {
        continue; // numbers that fit no such node
      }
      String made = graph.outputs().get(0);
      for (int batch : new int[] {1, 3}) {
        TensorType expected = OrtRun.types(graph, batch, seed).get(made);
        TensorType told = graph.typeOf(made);
        assertEquals(expected, fixed(told, batch), "seed " + seed + ":\n" + graph);
      }
      compared++;
    }
    assertEquals(SEEDS, compared, "too few of " + operator + " fit");
  }

  private static TensorType fixed(TensorType type, int batch) {
    return new TensorType(
        type.type(),
        type.dims().stream().map(dim -> dim == TensorType.BATCH ? batch : dim).toList());
  }

  private static String node(Operator operator, Draw draw) {
    int rank = 1 + draw.upTo(4);
    return switch (operator) {
      case RELU,
          LEAKY_RELU,
          ELU,
          SELU,
          ERF,
          TANH,
          SIGMOID,
          SOFTPLUS,
          SOFTSIGN,
          ROUND,
          IDENTITY,
          DROPOUT ->
          draw.add(operator, Attributes.none(), draw.input(draw.dims(rank)));
      case CLIP ->
          draw.add(
              operator,
              Attributes.none(),
              draw.input(draw.dims(rank)),
              draw.graph.constant("low", Tensor.scalar(-1)),
              draw.graph.constant("high", Tensor.scalar(1)));
      case SOFTMAX, LOG_SOFTMAX ->
          draw.add(
              operator,
              Attributes.none().with("axis", 1 + draw.random.nextInt(rank - 1)),
              draw.input(draw.dims(rank)));
      case LAYER_NORMALIZATION -> {
        long[] dims = draw.dims(rank);
        yield draw.add(
            operator,
            Attributes.none().with("axis", -1),
            draw.input(dims),
            draw.weight(dims[rank - 1]),
            draw.weight(dims[rank - 1]));
      }
      case ADD, SUB, MUL, DIV -> binary(operator, draw, rank);
      case BATCH_NORMALIZATION -> {
        long[] dims = draw.dims(rank);
        yield draw.add(
            operator,
            Attributes.none(),
            draw.input(dims),
            draw.weight(dims[1]),
            draw.weight(dims[1]),
            draw.weight(dims[1]),
            draw.graph.constant("variance", RandomTensors.positive(draw.random, dims[1])));
      }
      case CAST -> {
        ElementType to =
            List.of(
                    ElementType.FLOAT16,
                    ElementType.INT64,
                    ElementType.UINT8,
                    ElementType.INT8,
                    ElementType.INT32)
                .get(draw.random.nextInt(5));
        yield draw.add(
            operator, Attributes.none().with("to", to.code()), draw.input(draw.dims(rank)));
      }
      case QUANTIZE_LINEAR -> quantised(draw, rank);
      case DEQUANTIZE_LINEAR ->
          draw.graph.add(
              operator, Attributes.none(), "back", quantised(draw, rank), "scale", "zero");
      case GEMM -> gemm(draw);
      case MAT_MUL -> {
        long[] dims = draw.dims(rank);
        yield draw.add(
            operator,
            Attributes.none(),
            draw.input(dims),
            draw.weight(rank == 2 ? dims[1] : dims[rank - 1], draw.upTo(5)));
      }
      case CONV -> convolution(draw);
      case CONV_TRANSPOSE -> transposedConvolution(draw);
      case MAX_POOL, AVERAGE_POOL -> pool(operator, draw);
      case GLOBAL_AVERAGE_POOL, GLOBAL_MAX_POOL ->
          draw.add(operator, Attributes.none(), draw.input(draw.dims(2 + draw.upTo(3))));
      case DEPTH_TO_SPACE -> {
        int block = draw.upTo(3);
        Attributes attributes =
            Attributes.none()
                .with("blocksize", block)
                .with("mode", draw.random.nextBoolean() ? "DCR" : "CRD");
        yield draw.add(
            operator,
            attributes,
            draw.input(
                TensorType.BATCH, (long) block * block * draw.upTo(3), draw.upTo(4), draw.upTo(4)));
      }
      case RESIZE -> resize(draw);
      case RESHAPE -> reshape(draw);
      case FLATTEN ->
          draw.add(
              operator,
              draw.random.nextBoolean() ? Attributes.none() : Attributes.none().with("axis", 1),
              draw.input(draw.dims(rank)));
      case TRANSPOSE -> {
        List<Long> axes = new ArrayList<>();
        for (long axis = 0; axis < rank; axis++) {
          axes.add(axis);
        }
        Collections.shuffle(axes, draw.random);
        long[] perm = axes.stream().mapToLong(Long::longValue).toArray();
        yield draw.add(operator, Attributes.none().with("perm", perm), draw.input(draw.dims(rank)));
      }
      case EXPAND -> {
        long[] dims = draw.dims(rank);
        long[] shape = draw.each(rank, 1, 3);
        shape[0] = 1;
        for (int i = 1; i < rank; i++) {
          dims[i] = draw.random.nextBoolean() ? 1 : shape[i];
        }
        yield draw.add(operator, Attributes.none(), draw.input(dims), draw.vector(shape));
      }
      case CONCAT -> {
        int axis = 1 + draw.random.nextInt(rank - 1);
        long[] dims = draw.dims(rank);
        String[] parts = new String[draw.upTo(3)];
        for (int i = 0; i < parts.length; i++) {
          long[] part = dims.clone();
          part[axis] = draw.upTo(4);
          parts[i] = draw.input(part);
        }
        yield draw.add(operator, Attributes.none().with("axis", axis), parts);
      }
      case GATHER -> {
        String indices =
            draw.graph.input("rows", TensorType.of(ElementType.INT64, draw.dims(draw.upTo(3))));
        long[] dims = draw.each(draw.upTo(3), 3, 6);
        int axis = draw.random.nextInt(dims.length);
        yield draw.add(operator, Attributes.none().with("axis", axis), draw.weight(dims), indices);
      }
      case SLICE -> {
        long[] dims = draw.dims(rank);
        long axis = 1L + draw.random.nextInt(rank - 1);
        long start = draw.random.nextInt((int) dims[(int) axis]);
        long end = start + draw.upTo(4); // perhaps beyond the last
        yield draw.add(
            operator,
            Attributes.none(),
            draw.input(dims),
            draw.vector(start),
            draw.vector(end),
            draw.vector(axis));
      }
    };
  }

  private static String binary(Operator operator, Draw draw, int rank) {
    long[] left = draw.dims(rank);
    long[] right = left.clone();
    for (int i = 1; i < rank; i++) {
      switch (draw.random.nextInt(3)) {
        case 0 -> left[i] = 1;
        case 1 -> right[i] = 1;
        default -> {}
      }
    }
    boolean shorter = draw.random.nextBoolean();
    String other = shorter ? draw.weight(Arrays.copyOfRange(right, 1, rank)) : draw.input(right);
    return draw.random.nextBoolean()
        ? draw.add(operator, Attributes.none(), draw.input(left), other)
        : draw.add(operator, Attributes.none(), other, draw.input(left));
  }

  private static String quantised(Draw draw, int rank) {
    boolean signed = draw.random.nextBoolean();
    draw.graph.constant("scale", Tensor.scalar(0.02f));
    draw.graph.constant(
        "zero", Tensor.raw(signed ? ElementType.INT8 : ElementType.UINT8, new byte[1]));
    return draw.add(
        Operator.QUANTIZE_LINEAR, Attributes.none(), draw.input(draw.dims(rank)), "scale", "zero");
  }

  private static String gemm(Draw draw) {
    long inner = draw.upTo(5);
    long columns = draw.upTo(5);
    boolean turnedA = draw.random.nextBoolean();
    boolean turnedB = draw.random.nextBoolean();
    Attributes attributes =
        Attributes.none().with("transA", turnedA ? 1 : 0).with("transB", turnedB ? 1 : 0);
    String a = turnedA ? draw.input(inner, TensorType.BATCH) : draw.input(TensorType.BATCH, inner);
    String b = turnedB ? draw.weight(columns, inner) : draw.weight(inner, columns);
    return switch (draw.random.nextInt(3)) {
      case 0 -> draw.add(Operator.GEMM, attributes, a, b);
      case 1 -> draw.add(Operator.GEMM, attributes, a, b, draw.weight(columns));
      default -> draw.add(Operator.GEMM, attributes, a, b, draw.weight(1, 1));
    };
  }

  private static String convolution(Draw draw) {
    int axes = draw.upTo(3);
    long groups = draw.upTo(2);
    long in = draw.upTo(2);
    long out = groups * draw.upTo(3);
    long[] kernel = draw.each(axes, 1, 4);
    String x = draw.input(image(draw, axes, in * groups));
    String w = draw.weight(joined(new long[] {out, in}, kernel));
    Attributes attributes =
        window(draw, axes).with("group", groups).with("dilations", draw.each(axes, 1, 2));
    return draw.random.nextBoolean()
        ? draw.add(Operator.CONV, attributes, x, w)
        : draw.add(Operator.CONV, attributes.with("kernel_shape", kernel), x, w, draw.weight(out));
  }

  private static String transposedConvolution(Draw draw) {
    int axes = draw.upTo(3);
    long groups = draw.upTo(2);
    long in = groups * draw.upTo(2);
    long out = draw.upTo(3);
    long[] kernel = draw.each(axes, 1, 4);
    long[] strides = draw.each(axes, 1, 3);
    long[] extra = new long[axes];
    for (int i = 0; i < axes; i++) {
      extra[i] = draw.random.nextInt((int) strides[i]);
    }
    return draw.add(
        Operator.CONV_TRANSPOSE,
        Attributes.none()
            .with("group", groups)
            .with("strides", strides)
            .with("output_padding", extra)
            .with("pads", draw.each(2 * axes, 0, 2)),
        draw.input(image(draw, axes, in)),
        draw.weight(joined(new long[] {in, out}, kernel)));
  }

  private static String pool(Operator operator, Draw draw) {
    int axes = draw.upTo(3);
    long[] kernel = draw.each(axes, 2, 4);
    Attributes attributes =
        Attributes.none()
            .with("kernel_shape", kernel)
            .with("strides", draw.each(axes, 1, 3))
            .with("ceil_mode", draw.random.nextInt(2))
            .with("pads", draw.each(2 * axes, 0, 1));
    return draw.add(operator, attributes, draw.input(image(draw, axes, draw.upTo(3))));
  }

  private static String resize(Draw draw) {
    float[] scales = {1, 1, draw.upTo(3), 0.5f + draw.upTo(2)};
    boolean nearest = draw.random.nextBoolean();
    Attributes attributes =
        Attributes.none()
            .with("mode", nearest ? "nearest" : "linear")
            .with("coordinate_transformation_mode", nearest ? "asymmetric" : "half_pixel");
    return draw.add(
        Operator.RESIZE,
        nearest ? attributes.with("nearest_mode", "floor") : attributes,
        draw.input(draw.dims(4)),
        "",
        draw.graph.constant("scales", Tensor.floats(scales, 4)));
  }

  private static String reshape(Draw draw) {
    long a = draw.upTo(4);
    long b = draw.upTo(4);
    long c = draw.upTo(4);
    long[] target =
        switch (draw.random.nextInt(5)) {
          case 0 -> new long[] {0, -1};
          case 1 -> new long[] {0, a * b, -1};
          case 2 -> new long[] {-1, a, b * c};
          case 3 -> new long[] {0, 0, 0, c};
          default -> new long[] {0, 1, c, b, a};
        };
    return draw.add(
        Operator.RESHAPE,
        Attributes.none(),
        draw.input(TensorType.BATCH, a, b, c),
        draw.vector(target));
  }

  private static Attributes window(Draw draw, int axes) {
    return Attributes.none()
        .with("strides", draw.each(axes, 1, 3))
        .with("pads", draw.each(2 * axes, 0, 2));
  }

  private static long[] image(Draw draw, int axes, long channels) {
    return joined(new long[] {TensorType.BATCH, channels}, draw.each(axes, 2, 7));
  }

  private static long[] joined(long[] first, long... rest) {
    long[] all = Arrays.copyOf(first, first.length + rest.length);
    System.arraycopy(rest, 0, all, first.length, rest.length);
    return all;
  }

  /** What has no shape here has none there either: the same node, by hand, is refused. */
  @Test
  void refusesWhatOnnxRuntimeRefuses() {
    refuses("channels differ", Operator.CONV, Attributes.none(), dims(4, 5, 5), dims(3, 3, 3, 3));
    refuses(
        "groups do not divide",
        Operator.CONV,
        Attributes.none().with("group", 2),
        dims(4, 5, 5),
        dims(3, 2, 3, 3));
    refuses(
        "another kernel",
        Operator.CONV,
        Attributes.none().with("kernel_shape", new long[] {2, 2}),
        dims(4, 5, 5),
        dims(3, 4, 3, 3));
    refuses("another rank", Operator.CONV, Attributes.none(), dims(4, 5), dims(3, 4, 3, 3));
    refuses(
        "channels differ",
        Operator.CONV_TRANSPOSE,
        Attributes.none(),
        dims(4, 5, 5),
        dims(3, 3, 3, 3));
    refuses("inner sizes differ", Operator.GEMM, Attributes.none(), dims(4), dims(5, 3));
    refuses("inner sizes differ", Operator.MAT_MUL, Attributes.none(), dims(2, 4), dims(5, 3));
    refuses("sizes differ", Operator.ADD, Attributes.none(), dims(4), dims(5));
    refuses(
        "parts differ", Operator.CONCAT, Attributes.none().with("axis", 1), dims(2, 3), dims(2, 4));
  }

  private static long[] dims(long... dims) {
    return dims;
  }

  private static void refuses(
      String why, Operator operator, Attributes attributes, long[] row, long[] weight) {
    TensorType x = TensorType.floats(joined(new long[] {TensorType.BATCH}, row));
    boolean joins = operator == Operator.CONCAT;
    Tensor w = RandomTensors.normal(new Random(1), joins ? joined(new long[] {2}, weight) : weight);
    GraphBuilder graph = new GraphBuilder("refused");
    graph.input("x", x);
    graph.constant("w", w);
    assertThrows(
        GraphException.class, () -> graph.add(operator, attributes, "y", "x", "w"), why + " here");
    assertTrue(
        HandMade.isRefused(x, w, operator, attributes),
        operator.onnxName() + ", " + why + ", is taken by ONNX Runtime");
  }
}
