package dev.djinn.network;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import dev.djinn.torch.GradientMode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Somebody's own DJL block as a network. It runs with arrays of its own run, not with the block's,
 * which stay as they are: so an average of it is the same block with other arrays.
 */
public final class OwnBlock {
  private final Layer.Own layer;
  private final Block block;
  private final IdentityHashMap<Parameter, NDArray> arrays;

  private OwnBlock(Layer.Own layer, Block block, IdentityHashMap<Parameter, NDArray> arrays) {
    this.layer = layer;
    this.block = block;
    this.arrays = arrays;
  }

  /**
   * Describes a block.
   *
   * @param name what it is to be, for messages
   * @param block initialized; one that was initialized with two inputs reads labels
   * @param input shape of its first input without the batch axis
   * @return the layer that stands for it
   * @throws NetworkException if it is not initialized, does not take such an input or makes more
   *     than one array
   */
  public static Layer.Own describe(String name, Block block, Shape input) {
    checkInitialized(name, block);
    boolean labels = block.describeInput().size() > 1;
    List<Integer> made = tried(name, block, input, labels);
    List<Layer.Own.Array> arrays = new ArrayList<>();
    for (Pair<String, Parameter> pair : block.getParameters()) {
      Parameter parameter = pair.getValue();
      arrays.add(
          new Layer.Own.Array(
              pair.getKey(), sizes(parameter.getArray().getShape()), parameter.requiresGradient()));
    }
    return new Layer.Own(kind(block), made, labels, arrays, Optional.of(block));
  }

  /** What it makes, found out by running it, since blocks of DJL do not all tell it right. */
  private static List<Integer> tried(String name, Block block, Shape input, boolean labels) {
    Device device =
        block.getParameters().isEmpty()
            ? Device.cpu()
            : block.getParameters().get(0).getValue().getArray().getDevice();
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      NDList inputs = new NDList(manager.zeros(new Shape(2).addAll(input)));
      if (labels) {
        inputs.add(manager.zeros(new Shape(2), DataType.INT64));
      }
      NDList outputs =
          GradientMode.unrecorded(
              () -> block.forward(new ParameterStore(manager, false), inputs, false));
      if (outputs.size() != 1) {
        throw new NetworkException(
            "%s %s makes %d arrays, not one".formatted(name, kind(block), outputs.size()));
      }
      return sizes(outputs.get(0).getShape().slice(1));
    } catch (EngineException | IllegalArgumentException | IllegalStateException e) {
      throw new NetworkException(
          "%s %s does not take %s: %s"
              .formatted(
                  name,
                  kind(block),
                  input,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
  }

  private static void checkInitialized(String name, Block block) {
    if (!block.isInitialized()) {
      throw new NetworkException(
          "%s %s is not initialized; call initialize(manager, DataType.FLOAT32, …) first"
              .formatted(name, kind(block)));
    }
  }

  private static String kind(Block block) {
    String name = block.getClass().getSimpleName();
    return name.isEmpty() ? "Block" : name;
  }

  private static List<Integer> sizes(Shape shape) {
    return LongStream.of(shape.getShape()).mapToObj(Math::toIntExact).toList();
  }

  /** A block to be run with these arrays, which take its values. */
  static OwnBlock of(String name, Layer.Own layer, NDList arrays) {
    Block block =
        layer
            .block()
            .orElseThrow(
                () ->
                    new NetworkException(
                        "%s is the DJL block %s, which only its own program has; there, give it to"
                                .formatted(name, layer.kind())
                            + " TrainingRequest.withBlocks or TrainedGenerator.load"));
    IdentityHashMap<Parameter, NDArray> instead = new IdentityHashMap<>();
    int next = 0;
    for (Pair<String, Parameter> pair : block.getParameters()) {
      NDArray array = arrays.get(next++);
      instead.put(pair.getValue(), array);
      copy(pair.getValue().getArray(), array);
    }
    return new OwnBlock(layer, block, instead);
  }

  /**
   * Copies values, from one device to another if need be.
   *
   * @param from where from
   * @param to where to, of the same shape
   */
  public static void copy(NDArray from, NDArray to) {
    GradientMode.unrecorded(
        () -> {
          from.copyTo(to);
          return to;
        });
  }

  NDArray run(NDArray x, NDArray label, Mode mode) {
    if (mode != Mode.TRAINING && mode != Mode.INFERENCE) {
      throw new NetworkException(
          "the block %s cannot run as this recipe asks (%s): set discriminator-mode=training"
              .formatted(layer.kind(), mode));
    }
    NDList inputs = layer.labels() ? new NDList(x, label) : new NDList(x);
    Store store = new Store(x.getManager(), arrays);
    return block.forward(store, inputs, mode == Mode.TRAINING).singletonOrThrow();
  }

  /** Answers with the run's arrays. */
  private static final class Store extends ParameterStore {
    private final IdentityHashMap<Parameter, NDArray> arrays;

    Store(NDManager manager, IdentityHashMap<Parameter, NDArray> arrays) {
      super(manager, false);
      this.arrays = arrays;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      // A layer without a bias asks for none.
      return parameter == null ? null : arrays.get(parameter);
    }
  }
}
