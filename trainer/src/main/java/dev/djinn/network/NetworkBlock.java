package dev.djinn.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.djinn.torch.TorchScript;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A network as a DJL block on the PyTorch engine. Its parameters are DJL parameters; its forward
 * pass is one call of a TorchScript method written from the layers, since DJL's engine lacks
 * transposed convolution and since one native call costs less than one a layer.
 *
 * <p>Inputs are x, float32 (batch, …), and for a conditional network the label, int64 (batch). Not
 * thread-safe. The arrays close with the manager that {@link #create} was given.
 */
public final class NetworkBlock extends AbstractBlock {
  private final Network network;
  private final NDList arrays = new NDList();
  private final NDList trained = new NDList();
  private TorchScript script;
  private OwnBlock own;

  private NetworkBlock(Network network) {
    this.network = network;
    for (ParameterSpec spec : network.parameters()) {
      addParameter(
          Parameter.builder()
              .setName(spec.name())
              .setType(spec.trained() ? Parameter.Type.OTHER : Parameter.Type.RUNNING_MEAN)
              .optRequiresGrad(spec.trained())
              .optInitializer((manager, shape, type) -> spec.init().draw(manager, shape))
              .optShape(spec.shape())
              .build());
    }
  }

  /**
   * Makes the block and fills its parameters from the engine's seeded generator; it computes in
   * float32.
   *
   * @param network what to build
   * @param manager owns the arrays, on its device
   * @return an initialised block
   */
  public static NetworkBlock create(Network network, NDManager manager) {
    return create(network, Precision.FP32, manager);
  }

  /**
   * Makes the block and fills its parameters from the engine's seeded generator.
   *
   * @param network what to build
   * @param precision of its products in all modes but {@link Mode#INFERENCE}
   * @param manager owns the arrays, on its device
   * @return an initialised block
   */
  public static NetworkBlock create(Network network, Precision precision, NDManager manager) {
    NetworkBlock block = new NetworkBlock(network);
    Shape batch = new Shape(1).addAll(network.input());
    if (network.conditional()) {
      block.initialize(manager, DataType.FLOAT32, batch, new Shape(1));
    } else {
      block.initialize(manager, DataType.FLOAT32, batch);
    }
    for (ParameterSpec spec : network.parameters()) {
      NDArray array = block.getParameters().get(spec.name()).getArray();
      block.arrays.add(array);
      if (spec.trained()) {
        block.trained.add(array);
      }
    }
    if (network.layers().size() == 1 && network.layers().get(0) instanceof Layer.Own own) {
      if (precision != Precision.FP32) {
        throw new NetworkException(
            "%s is the DJL block %s, which is trained in float32; leave precision out"
                .formatted(network.name(), own.kind()));
      }
      block.own = OwnBlock.of(network.name(), own, block.arrays);
      return block;
    }
    block.script =
        TorchScript.compile(
            manager,
            Arrays.stream(Mode.values())
                .map(mode -> TorchSource.method(network, mode, precision))
                .collect(Collectors.joining()));
    return block;
  }

  /**
   * The network that this block runs.
   *
   * @return its description
   */
  public Network network() {
    return network;
  }

  /**
   * Runs the network. Results belong to x's manager.
   *
   * @param x float32 (batch, input shape)
   * @param label int64 (batch); ignored by an unconditional network and may then be null
   * @param training {@link Mode#TRAINING} if true, {@link Mode#INFERENCE} if false
   * @return float32 (batch, output shape)
   */
  public NDArray run(NDArray x, NDArray label, boolean training) {
    return run(x, label, training ? Mode.TRAINING : Mode.INFERENCE);
  }

  /**
   * Runs the network. Results belong to x's manager.
   *
   * @param x float32 (batch, input shape)
   * @param label int64 (batch); ignored by an unconditional network and may then be null
   * @param mode what batch norm and dropout do
   * @return float32 (batch, output shape)
   */
  public NDArray run(NDArray x, NDArray label, Mode mode) {
    if (own != null) {
      return own.run(x, label, mode);
    }
    NDList result;
    if (network.conditional()) {
      result =
          arrays.isEmpty()
              ? script.call(mode.method(), x, label)
              : script.call(mode.method(), x, label, arrays);
    } else {
      result =
          arrays.isEmpty() ? script.call(mode.method(), x) : script.call(mode.method(), x, arrays);
    }
    return result.singletonOrThrow();
  }

  /**
   * The arrays that an optimiser updates, in storage order.
   *
   * @return live arrays; do not close
   */
  public NDList trained() {
    return trained;
  }

  /**
   * What the learning rate of each trained array is multiplied by.
   *
   * @return factors in the order of {@link #trained}
   */
  public List<Double> rateScales() {
    return network.parameters().stream()
        .filter(ParameterSpec::trained)
        .map(ParameterSpec::rateScale)
        .toList();
  }

  /**
   * Every array by its name, in storage order.
   *
   * @return live arrays; do not close
   */
  public Map<String, NDArray> arrays() {
    Map<String, NDArray> named = new LinkedHashMap<>();
    List<ParameterSpec> specs = network.parameters();
    for (int i = 0; i < specs.size(); i++) {
      named.put(specs.get(i).name(), arrays.get(i));
    }
    return named;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      PairList<String, Object> params) {
    return new NDList(run(inputs.get(0), inputs.size() > 1 ? inputs.get(1) : null, training));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0)).addAll(network.output())};
  }
}
