package dev.djinn.network;

import ai.djl.ndarray.types.Shape;
import dev.djinn.network.LayerVisitor.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A generator or discriminator: a sequence of layers over one input, with the label as a side input
 * of some of them.
 *
 * @param name {@code generator}, {@code discriminator} or another identifier
 * @param input shape of the input without the batch axis: (latent size) or (channels, height,
 *     width)
 * @param classes number of label classes, 0 for an unconditional network
 * @param layers first to last
 */
public record Network(String name, Shape input, int classes, List<Layer> layers) {
  /** Copies the layers and checks that every shape fits the next layer. */
  public Network {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new NetworkException(name + " has no layers");
    }
    try {
      steps("", input, classes, layers);
    } catch (NetworkException e) {
      throw new NetworkException(name + " " + e.getMessage());
    }
  }

  /**
   * One layer in its place.
   *
   * @param layer the layer
   * @param at its path and input
   * @param output the shape it makes
   */
  public record Step(Layer layer, Place at, Shape output) {
    /**
     * The layer's arrays.
     *
     * @return specifications with full names
     */
    public List<ParameterSpec> parameters() {
      return layer.parameters(at);
    }

    /**
     * Visits the layer.
     *
     * @param visitor the visitor
     * @param <R> the visit's result
     * @return what the visitor gives
     */
    public <R> R accept(LayerVisitor<R> visitor) {
      return layer.accept(visitor, at);
    }
  }

  /**
   * The layers in their places, first to last.
   *
   * @return one step a layer
   */
  public List<Step> steps() {
    return steps("");
  }

  /**
   * The layers in their places, first to last, in a network that is part of something larger.
   *
   * @param prefix starts every path
   * @return one step a layer
   */
  public List<Step> steps(String prefix) {
    return steps(prefix, input, classes, layers);
  }

  /**
   * The shape of the network's output, without the batch axis.
   *
   * @return the shape
   */
  public Shape output() {
    return last(steps(), input);
  }

  /**
   * Every array of the network, in storage order.
   *
   * @return specifications; names are unique
   */
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> all = new ArrayList<>();
    steps().forEach(step -> all.addAll(step.parameters()));
    return List.copyOf(all);
  }

  /**
   * Whether any layer reads the label.
   *
   * @return true for a conditional network
   */
  public boolean conditional() {
    return readsLabel(layers);
  }

  private static boolean readsLabel(List<Layer> layers) {
    return layers.stream()
        .anyMatch(
            layer ->
                layer instanceof Layer.LabelMultiply
                    || layer instanceof Layer.LabelChannel
                    || layer instanceof Layer.LabelOneHot
                    || (layer instanceof Layer.Own own && own.labels())
                    || (layer instanceof Layer.Residual r
                        && (readsLabel(r.body()) || readsLabel(r.shortcut()))));
  }

  static List<Step> steps(String prefix, Shape input, int classes, List<Layer> layers) {
    List<Step> steps = new ArrayList<>();
    Shape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      Place at = new Place(prefix + String.format(Locale.ROOT, "%02d", i), shape, classes);
      shape = layers.get(i).output(at);
      steps.add(new Step(layers.get(i), at, shape));
    }
    return List.copyOf(steps);
  }

  static Shape last(List<Step> steps, Shape input) {
    return steps.isEmpty() ? input : steps.get(steps.size() - 1).output();
  }
}
