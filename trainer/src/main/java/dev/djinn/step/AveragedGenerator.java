package dev.djinn.step;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkBlock;
import dev.djinn.torch.TorchScript;

/**
 * An exponential moving average of the generator, running statistics included: a ← d · a + (1 − d)
 * · p after every step, with d = min(decay, (1 + t) / (10 + t)), so that the first steps do not
 * weigh on it for long (Karras et al. 2018, section 4, with TensorFlow's warm-up).
 */
final class AveragedGenerator {
  private static final String METHODS =
      """
      def blend(self, share: Tensor, average: List[Tensor], p: List[Tensor]) -> Tensor:
        _0 = torch._foreach_lerp_(average, p, float(share))
        return share
      """;

  private final NetworkBlock average;
  private final NDList averaged;
  private final NDList live;
  private final double decay;
  private final TorchScript script;

  AveragedGenerator(NetworkBlock generator, double decay, NDManager manager) {
    this.decay = decay;
    average = NetworkBlock.create(generator.network(), manager);
    averaged = new NDList(average.arrays().values());
    live = new NDList(generator.arrays().values());
    script = TorchScript.compile(manager, METHODS);
    try (NDManager scope = manager.newSubManager()) {
      // A share of 1 copies exactly: libtorch's lerp starts from the nearer end.
      blend(scope, 1);
    }
  }

  NetworkBlock network() {
    return average;
  }

  /** Takes in what a step made; the step is counted from 0. */
  void update(NDManager scope, long step) {
    double d = Math.min(decay, (1.0 + step) / (10.0 + step));
    blend(scope, 1 - d);
  }

  private void blend(NDManager scope, double share) {
    // The script reads the share on the host, so it is made there: a GPU need not wait.
    NDManager host = scope.newSubManager(Device.cpu());
    script.call("blend", host.create(new double[] {share}, new Shape()), averaged, live);
  }
}
