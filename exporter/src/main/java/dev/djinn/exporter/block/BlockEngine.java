package dev.djinn.exporter.block;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import dev.djinn.exporter.ExportException;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Tensor;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs plain DJL blocks on PyTorch, outside training. Close after use. */
final class BlockEngine implements AutoCloseable {
  private final NDManager manager;

  BlockEngine() {
    TorchEngine.get();
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  /**
   * Runs a block.
   *
   * @param instead values that stand in for the block's parameters of these names
   * @param path names the block in messages
   * @throws ExportException if DJL cannot run it
   */
  List<Tensor> run(Block block, List<Tensor> inputs, Map<String, Tensor> instead, String path) {
    return GradientMode.unrecorded(
        () -> {
          try (NDManager call = manager.newSubManager()) {
            NDList given = new NDList();
            inputs.forEach(input -> given.add(array(call, input)));
            List<Tensor> made = new ArrayList<>();
            for (NDArray array : block.forward(new Store(call, instead), given, false)) {
              made.add(tensor(array, path));
            }
            return made;
          } catch (EngineException
              | IllegalArgumentException
              | IllegalStateException
              | UnsupportedOperationException e) {
            throw new ExportException(
                "%s (%s) does not run in DJL on %s: %s"
                    .formatted(path, block.getClass().getSimpleName(), inputs, e.getMessage()),
                e);
          }
        });
  }

  private static NDArray array(NDManager manager, Tensor tensor) {
    Shape shape = new Shape(tensor.tensorType().toArray());
    return tensor.type() == ElementType.FLOAT
        ? manager.create(tensor.floats(), shape)
        : manager.create(tensor.longs(), shape);
  }

  private static Tensor tensor(NDArray array, String path) {
    long[] dims = array.getShape().getShape();
    return switch (array.getDataType()) {
      case FLOAT32 -> Tensor.floats(array.toFloatArray(), dims);
      case INT64 -> Tensor.longs(array.toLongArray(), dims);
      default ->
          throw new ExportException(
              path + " makes " + array.getDataType() + ", only FLOAT32 and INT64 are supported");
    };
  }

  /** Frees the arrays; a second call does nothing. */
  @Override
  public void close() {
    manager.close();
  }

  /** A parameter store that can answer with other arrays than the block's. */
  private static final class Store extends ParameterStore {
    private final NDManager manager;
    private final Map<String, Tensor> instead;

    Store(NDManager manager, Map<String, Tensor> instead) {
      super(manager, false);
      this.manager = manager;
      this.instead = instead;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      return parameter != null && instead.containsKey(parameter.getName())
          ? array(manager, instead.get(parameter.getName()))
          : super.getValue(parameter, device, training);
    }
  }
}
