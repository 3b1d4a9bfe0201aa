package dev.djinn.step;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.network.NetworkBlock;
import dev.djinn.settings.Average;
import dev.djinn.settings.Course.Moment;
import dev.djinn.torch.TorchScript;

/**
 * An exponential moving average of the generator, running statistics included: a ← d · a + (1 − d)
 * · p after every step (Karras et al. 2018, section 4), with d from the recipe.
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
  private final Average rule;
  private final TorchScript script;
  private final NDManager manager;

  AveragedGenerator(NetworkBlock generator, Average rule, NDManager manager) {
    this.rule = rule;
    average = NetworkBlock.create(generator.network(), manager);
    averaged = new NDList(average.arrays().values());
    live = new NDList(generator.arrays().values());
    script = TorchScript.compile(manager, METHODS);
    this.manager = manager;
    restart();
  }

  /** Makes it the generator as it is. */
  void restart() {
    try (NDManager scope = manager.newSubManager()) {
      // A share of 1 copies exactly: libtorch's lerp starts from the nearer end.
      blend(scope, 1);
    }
  }

  NetworkBlock network() {
    return average;
  }

  /** Takes in what a step made. */
  void update(NDManager scope, Moment step) {
    blend(scope, 1 - rule.kept(step));
  }

  private void blend(NDManager scope, double share) {
    // The script reads the share on the host, so it is made there: a GPU need not wait.
    NDManager host = scope.newSubManager(Device.cpu());
    script.call("blend", host.create(new double[] {share}, new Shape()), averaged, live);
  }
}
