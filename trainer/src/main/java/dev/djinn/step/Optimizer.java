package dev.djinn.step;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.djinn.settings.Course.Moment;
import dev.djinn.settings.OptimizerSpec;
import dev.djinn.torch.TorchScript;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Updates a network's parameters in one native call for each learning rate. DJL's own optimisers
 * hide their state, which an exact resume needs, and take some ten passes a parameter; these own it
 * and take one.
 */
public final class Optimizer {
  private static final String METHODS =
      """
      def adam(self, h: Tensor, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor]) -> Tensor:
        rate = float(torch.select(h, 0, 0))
        beta1 = float(torch.select(h, 0, 1))
        beta2 = float(torch.select(h, 0, 2))
        epsilon = float(torch.select(h, 0, 3))
        for i in range(torch.len(g)):
          _1 = torch._set_item(g, i, torch.contiguous(g[i]))
        _0 = torch._fused_adam_(p, g, m, v, [], t, lr=rate, beta1=beta1, beta2=beta2, weight_decay=0., eps=epsilon, amsgrad=False, maximize=False)
        return h
      def rmsprop(self, h: Tensor, p: List[Tensor], g: List[Tensor], v: List[Tensor]) -> Tensor:
        rate = float(torch.select(h, 0, 0))
        decay = float(torch.select(h, 0, 1))
        epsilon = float(torch.select(h, 0, 2))
        _0 = torch._foreach_mul_(v, decay)
        _1 = torch._foreach_addcmul_(v, g, g, torch.sub(1., decay))
        d = torch._foreach_add(v, epsilon)
        _2 = torch._foreach_sqrt_(d)
        _3 = torch._foreach_addcdiv_(p, g, d, torch.neg(rate))
        return h
      """;

  private final OptimizerSpec spec;
  private final List<Group> groups;
  private final NDList first = new NDList();
  private final NDList second = new NDList();
  private final TorchScript script;
  private long updates;

  /**
   * Makes an optimiser with fresh state.
   *
   * @param spec its settings
   * @param parameters live arrays that it updates
   * @param rateScales what the learning rate of each is multiplied by
   * @param manager owns the state
   */
  public Optimizer(
      OptimizerSpec spec, NDList parameters, List<Double> rateScales, NDManager manager) {
    this.spec = spec;
    this.script = TorchScript.compile(manager, METHODS);
    for (NDArray parameter : parameters) {
      if (spec instanceof OptimizerSpec.Adam) {
        first.add(manager.zeros(parameter.getShape()));
        second.add(manager.zeros(parameter.getShape()));
      } else {
        second.add(manager.ones(parameter.getShape()));
      }
    }
    Map<Double, List<Integer>> byScale = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      byScale.computeIfAbsent(rateScales.get(i), scale -> new ArrayList<>()).add(i);
    }
    groups =
        byScale.entrySet().stream()
            .map(
                e ->
                    new Group(
                        e.getKey(),
                        e.getValue(),
                        pick(parameters, e.getValue()),
                        first.isEmpty() ? first : pick(first, e.getValue()),
                        pick(second, e.getValue())))
            .toList();
  }

  /** Parameters of one learning rate and their moments, which one call updates. */
  private record Group(
      double rateScale, List<Integer> indices, NDList parameters, NDList first, NDList second) {}

  private static NDList pick(NDList list, List<Integer> indices) {
    return new NDList(indices.stream().map(list::get).toList());
  }

  /**
   * One update. Gradients are values of the same order as the parameters; nothing accumulates.
   *
   * @param scope owns what the update needs meanwhile
   * @param gradients one for each parameter
   * @param factor what the learning rate is multiplied by
   */
  public void update(NDManager scope, NDList gradients, double factor) {
    update(scope, gradients, factor, new Moment(updates, 1, 1));
  }

  /** The same where the optimiser's numbers may change as training goes on. */
  void update(NDManager scope, NDList gradients, double factor, Moment now) {
    updates++;
    NDArray step = scope.create((float) updates);
    // The script reads its numbers on the host, so they are made there: a GPU need not wait.
    NDManager host = scope.newSubManager(Device.cpu());
    for (Group group : groups) {
      NDList parameters = group.parameters();
      NDList own = pick(gradients, group.indices());
      double scale = factor * group.rateScale();
      if (spec instanceof OptimizerSpec.Adam adam) {
        // libtorch adds ε to √v̂; Keras to √v: the same with ε scaled by v's bias correction.
        double beta2 = adam.beta2().at(now);
        double epsilon = adam.epsilon() / Math.sqrt(1 - Math.pow(beta2, (double) updates));
        NDList steps = new NDList();
        parameters.forEach(parameter -> steps.add(step));
        NDArray h =
            numbers(host, adam.rate().at(now) * scale, adam.beta1().at(now), beta2, epsilon);
        script.call("adam", h, parameters, own, group.first(), group.second(), steps);
      } else if (spec instanceof OptimizerSpec.RmsProp rms) {
        NDArray h = numbers(host, rms.rate().at(now) * scale, rms.decay(), rms.epsilon());
        script.call("rmsprop", h, parameters, own, group.second());
      }
    }
  }

  private static NDArray numbers(NDManager host, double... values) {
    return host.create(values, new Shape(values.length));
  }

  /**
   * The state by name, for checkpoints.
   *
   * @param prefix of every name
   * @return live arrays
   */
  Map<String, NDArray> state(String prefix) {
    Map<String, NDArray> state = new LinkedHashMap<>();
    for (int i = 0; i < first.size(); i++) {
      state.put(prefix + ".m." + i, first.get(i));
    }
    for (int i = 0; i < second.size(); i++) {
      state.put(prefix + ".v." + i, second.get(i));
    }
    return state;
  }

  long updates() {
    return updates;
  }

  void resume(long finishedUpdates) {
    updates = finishedUpdates;
  }
}
