package dev.djinn.exporter;

import dev.djinn.graph.Attributes;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphBuilder;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import dev.djinn.graph.TensorType;
import dev.djinn.network.Layer;
import dev.djinn.network.Network;
import dev.djinn.sampler.GeneratorContract;
import java.util.List;

/** Graphs of whole networks, before any rewrite. */
final class GeneratorGraph {
  private static final String PREMULTIPLIED = "image.premultiplied";

  private GeneratorGraph() {}

  /**
   * A generator by the artifact contract: from {@code latent}, and {@code label} if it is
   * conditional, to {@code image}, float32 (batch, channels, height, width) in [0, 1], and {@code
   * pixels}, uint8 (batch, height, width, channels). What a network makes of four channels is
   * premultiplied; {@code image} is not.
   */
  static Graph of(Generator generator) {
    GraphBuilder graph = new GraphBuilder(generator.network().name());
    String latent =
        graph.input(
            GeneratorContract.LATENT,
            TensorType.floats(TensorType.BATCH, generator.latent().size()));
    String made = body(graph, generator.network(), generator.weights(), latent);
    String image =
        generator.image().hasAlpha()
            ? divided(graph, generator.image(), unit(graph, generator, made, PREMULTIPLIED))
            : unit(graph, generator, made, GeneratorContract.IMAGE);
    graph.output(image);
    graph.output(pixels(graph, generator.image(), image));
    return graph.build();
  }

  /** Any network: from {@code input}, and {@code label} if it reads one, to {@code output}. */
  static Graph of(Network network, Weights weights) {
    GraphBuilder graph = new GraphBuilder(network.name());
    long[] shape = network.input().getShape();
    long[] batched = new long[shape.length + 1];
    batched[0] = TensorType.BATCH;
    System.arraycopy(shape, 0, batched, 1, shape.length);
    String input = graph.input("input", TensorType.floats(batched));
    String made = body(graph, network, weights, input);
    graph.output(graph.add(Operator.IDENTITY, "output", made));
    return graph.build();
  }

  private static String body(GraphBuilder graph, Network network, Weights weights, String input) {
    String label =
        network.conditional()
            ? graph.input(
                GeneratorContract.LABEL, TensorType.of(ElementType.INT64, TensorType.BATCH))
            : null;
    return new NetworkConverter(graph, weights, input, label).add(network.steps());
  }

  /** What the network made, in [0, 1]. */
  private static String unit(GraphBuilder graph, Generator generator, String made, String name) {
    return switch (generator.range()) {
      case ZERO_TO_ONE ->
          endsInSigmoid(generator.network())
              ? graph.add(Operator.IDENTITY, name, made)
              : clipped(graph, made, name);
      case MINUS_ONE_TO_ONE -> {
        String half = graph.constant("half", Tensor.scalar(0.5f));
        String halved = graph.add(Operator.MUL, "image.halved", made, half);
        String shifted = graph.add(Operator.ADD, "image.shifted", halved, half);
        // Also after a tanh: a runtime's may be 1 and a last place.
        yield clipped(graph, shifted, name);
      }
    };
  }

  private static String clipped(GraphBuilder graph, String value, String name) {
    String low = graph.constant("image.low", Tensor.scalar(0));
    String high = graph.constant("image.high", Tensor.scalar(1));
    return graph.add(Operator.CLIP, name, value, low, high);
  }

  /**
   * Straight colours of premultiplied ones: divided by alpha, and 0 where alpha × 255 rounds to 0,
   * in image as in pixels. A colour times 1 or divided by 1 is the same colour, so opaque pixels
   * pass unchanged.
   *
   * @see dev.djinn.data.Transparency#divide
   */
  private static String divided(GraphBuilder graph, GeneratorContract.Image size, String made) {
    String colours = channels(graph, "image.colours", made, 0, 3);
    String alpha = channels(graph, "image.alpha", made, 3, size.channels());
    String least = graph.constant("image.least", Tensor.scalar(0.5f / 255));
    String high = graph.constant("image.high", Tensor.scalar(1));
    String low = graph.constant("image.low", Tensor.scalar(0));
    String divisor = graph.add(Operator.CLIP, "image.divisor", alpha, least, high);
    String quotient = graph.add(Operator.DIV, "image.quotient", colours, divisor);
    String straight = graph.add(Operator.CLIP, "image.straight", quotient, low, high);
    String scale = graph.constant("pixels.scale", Tensor.scalar(255));
    String steps = graph.add(Operator.MUL, "image.steps", alpha, scale);
    String whole = graph.add(Operator.ROUND, "image.whole", steps);
    String seen = graph.add(Operator.CLIP, "image.seen", whole, low, high);
    String shown = graph.add(Operator.MUL, "image.shown", straight, seen);
    return graph.add(
        Operator.CONCAT, Attributes.none().with("axis", 1), GeneratorContract.IMAGE, shown, alpha);
  }

  private static String channels(
      GraphBuilder graph, String name, String image, long from, long to) {
    String start = graph.constant(name + ".from", Tensor.vector(from));
    String end = graph.constant(name + ".to", Tensor.vector(to));
    String axis = graph.constant("image.axis", Tensor.vector(1));
    return graph.add(Operator.SLICE, name, image, start, end, axis);
  }

  private static boolean endsInSigmoid(Network network) {
    List<Layer> layers = network.layers();
    for (int i = layers.size() - 1; i >= 0; i--) {
      if (!(layers.get(i) instanceof Layer.Reshape)) {
        return layers.get(i) instanceof Layer.Activation last
            && last.function() == Layer.Activation.Function.SIGMOID;
      }
    }
    return false;
  }

  /** image × 255, rounded half to even, channels last. */
  private static String pixels(GraphBuilder graph, GeneratorContract.Image size, String image) {
    String scale = graph.constant("pixels.scale", Tensor.scalar(255));
    String scaled = graph.add(Operator.MUL, "pixels.scaled", image, scale);
    String rounded = graph.add(Operator.ROUND, "pixels.rounded", scaled);
    String bytes =
        graph.add(
            Operator.CAST,
            Attributes.none().with("to", ElementType.UINT8.code()),
            "pixels.bytes",
            rounded);
    if (size.channels() == 1) {
      // One channel lies in memory the same way first and last.
      String shape =
          graph.constant("pixels.shape", Tensor.vector(0, size.height(), size.width(), 1));
      return graph.add(Operator.RESHAPE, GeneratorContract.PIXELS, bytes, shape);
    }
    return graph.add(
        Operator.TRANSPOSE,
        Attributes.none().with("perm", new long[] {0, 2, 3, 1}),
        GeneratorContract.PIXELS,
        bytes);
  }
}
