package dev.djinn.network;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.LayerVisitor.Place;
import dev.djinn.torch.TorchScript;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a network's forward pass as a TorchScript method, one line or two a layer. Parameters come
 * as one list in storage order.
 */
final class TorchSource implements LayerVisitor<String> {
  private final StringBuilder code = new StringBuilder();
  private final Map<String, Integer> index = new HashMap<>();
  private final boolean training;
  private int temporaries;
  private String x = "x";

  private TorchSource(Network network, boolean training) {
    this.training = training;
    List<ParameterSpec> parameters = network.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      index.put(parameters.get(i).name(), i);
    }
  }

  /**
   * Writes one method.
   *
   * @param network the network
   * @param method its name
   * @param training whether batch norm uses and updates batch statistics and dropout drops
   * @return {@code def method(self, x, [label,] [p]) -> Tensor}
   */
  static String method(Network network, String method, boolean training) {
    TorchSource source = new TorchSource(network, training);
    source.run(network.steps());
    return "def "
        + method
        + "(self, x: Tensor"
        + (network.conditional() ? ", label: Tensor" : "")
        + (source.index.isEmpty() ? "" : ", p: List[Tensor]")
        + ") -> Tensor:\n"
        + source.code
        + "  return "
        + source.x
        + "\n";
  }

  private void run(List<Network.Step> steps) {
    for (Network.Step step : steps) {
      x = step.accept(this);
    }
  }

  private String let(String expression) {
    String name = "t" + temporaries++;
    code.append("  ").append(name).append(" = ").append(expression).append('\n');
    return name;
  }

  private String p(Place at, String role) {
    return "p[" + index.get(at.parameter(role)) + "]";
  }

  private String bias(Place at, boolean exists) {
    return exists ? p(at, "bias") : "None";
  }

  @Override
  public String dense(Layer.Dense layer, Place at) {
    return let("torch.linear(" + x + ", " + p(at, "weight") + ", " + bias(at, layer.bias()) + ")");
  }

  @Override
  public String conv(Layer.Conv layer, Place at) {
    Shape in = at.input();
    return let(
        String.format(
            "torch.conv2d(%s, %s, %s, %s, [%d, %d], %s, %d)",
            x,
            p(at, "weight"),
            bias(at, layer.bias()),
            pair(layer.stride()),
            layer.paddingFor(in.get(1)),
            layer.paddingFor(in.get(2)),
            pair(layer.dilation()),
            layer.groups()));
  }

  @Override
  public String deconv(Layer.Deconv layer, Place at) {
    return let(
        String.format(
            "torch.conv_transpose2d(%s, %s, %s, %s, %s, %s, %d, [1, 1])",
            x,
            p(at, "weight"),
            bias(at, layer.bias()),
            pair(layer.stride()),
            pair(layer.padding()),
            pair(layer.outputPadding()),
            layer.groups()));
  }

  @Override
  public String upsample(Layer.Upsample layer, Place at) {
    Shape out = layer.output(at);
    return let(
        String.format(
            "torch.upsample_nearest2d(%s, [%d, %d], None, None)", x, out.get(1), out.get(2)));
  }

  @Override
  public String batchNorm(Layer.BatchNorm layer, Place at) {
    // libtorch's momentum is the share of the new statistic, Keras's that of the old.
    return let(
        String.format(
            "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)",
            x,
            p(at, "gamma"),
            p(at, "beta"),
            p(at, "running_mean"),
            p(at, "running_var"),
            training ? "True" : "False",
            TorchScript.number(1 - layer.momentum()),
            TorchScript.number(layer.epsilon())));
  }

  @Override
  public String activation(Layer.Activation layer, Place at) {
    return let(
        switch (layer.function()) {
          case RELU -> "torch.relu(" + x + ")";
          case LEAKY_RELU ->
              "torch.leaky_relu(" + x + ", " + TorchScript.number(layer.slope()) + ")";
          case TANH -> "torch.tanh(" + x + ")";
          case SIGMOID -> "torch.sigmoid(" + x + ")";
        });
  }

  @Override
  public String dropout(Layer.Dropout layer, Place at) {
    return training
        ? let("torch.dropout(" + x + ", " + TorchScript.number(layer.rate()) + ", True)")
        : x;
  }

  @Override
  public String reshape(Layer.Reshape layer, Place at) {
    StringBuilder axes = new StringBuilder("-1");
    for (long axis : layer.output(at).getShape()) {
      axes.append(", ").append(axis);
    }
    return let("torch.reshape(" + x + ", [" + axes + "])");
  }

  @Override
  public String pool(Layer.Pool layer, Place at) {
    String window = x + ", " + pair(layer.kernel()) + ", " + pair(layer.stride()) + ", [0, 0]";
    return layer.kind() == Layer.Pool.Kind.MAX
        ? let("torch.max_pool2d(" + window + ", [1, 1], False)")
        : let("torch.avg_pool2d(" + window + ", False, True, None)");
  }

  @Override
  public String labelMultiply(Layer.LabelMultiply layer, Place at) {
    return let("torch.mul(" + x + ", torch.embedding(" + p(at, "embedding") + ", label))");
  }

  @Override
  public String labelChannel(Layer.LabelChannel layer, Place at) {
    String plane =
        let(
            String.format(
                "torch.reshape(torch.embedding(%s, label), [-1, 1, %d, %d])",
                p(at, "embedding"), at.input().get(1), at.input().get(2)));
    return let("torch.cat([" + x + ", " + plane + "], 1)");
  }

  @Override
  public String labelOneHot(Layer.LabelOneHot layer, Place at) {
    // 6 is libtorch's number for float32.
    String features = let("torch.to(torch.one_hot(label, " + at.classes() + "), 6)");
    if (at.input().dimension() == 3) {
      features =
          let(
              String.format(
                  "torch.expand(torch.reshape(%s, [-1, %d, 1, 1]), [-1, -1, %d, %d])",
                  features, at.classes(), at.input().get(1), at.input().get(2)));
    }
    return let("torch.cat([" + x + ", " + features + "], 1)");
  }

  @Override
  public String residual(Layer.Residual layer, Place at) {
    String input = x;
    run(layer.bodySteps(at));
    String body = x;
    x = input;
    run(layer.shortcutSteps(at));
    return let("torch.add(" + body + ", " + x + ")");
  }

  private static String pair(int value) {
    return "[" + value + ", " + value + "]";
  }
}
