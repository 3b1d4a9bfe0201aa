package dev.djinn.exporter;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.graph.Tensor;
import dev.djinn.network.Network;
import dev.djinn.network.NetworkBlock;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;

/** A trained network run by DJL in inference mode: what an exported file is compared with. */
final class TrainedNetwork implements AutoCloseable {
  private final NDManager manager;
  private final NetworkBlock block;

  /** Builds the block and gives it the weights. */
  TrainedNetwork(Network network, Weights weights) {
    TorchEngine.get();
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      block = NetworkBlock.create(network, manager);
      weights.copyTo(block);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Runs the network.
   *
   * @param x float32 (batch, input shape)
   * @param label int64 (batch); ignored by an unconditional network and may then be null
   * @return float32 (batch, output shape)
   */
  Tensor run(Tensor x, Tensor label) {
    return GradientMode.unrecorded(
        () -> {
          try (NDManager call = manager.newSubManager()) {
            NDArray input = call.create(x.floats(), new Shape(x.tensorType().toArray()));
            NDArray labels = label == null ? null : call.create(label.longs());
            NDArray made = block.run(input, labels, false);
            return Tensor.floats(made.toFloatArray(), made.getShape().getShape());
          }
        });
  }

  /** Frees the arrays; a second call does nothing. */
  @Override
  public void close() {
    manager.close();
  }
}
