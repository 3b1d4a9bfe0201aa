package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.djinn.run.TorchEngine;
import dev.djinn.torch.GradientMode;
import dev.djinn.trainer.TinyRun;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainingStateTest {
  @Test
  void aBrokenArrayIsNamedWithItsValueAndPlace() {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      GradientMode.unrecorded(
          () -> {
            TrainingState state =
                new TrainingState(TinyRun.settings(Map.of()), TinyRun.images(1), manager);
            assertEquals(Optional.empty(), state.firstNotFinite());
            state.networks().get("discriminator.01.weight").set(new NDIndex(3, 1, 2, 0), Float.NaN);
            // (3, 1, 2, 0) of (4, 2, 3, 3) is element ((3·2 + 1)·3 + 2)·3.
            assertEquals(
                Optional.of("discriminator.01.weight has NaN at element 69"),
                state.firstNotFinite());
            return null;
          });
    }
  }

  @Test
  void nativeArraysStayConstantFromStepToStep() {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      GradientMode.unrecorded(
          () -> {
            TrainingState state =
                new TrainingState(TinyRun.settings(Map.of()), TinyRun.images(1), manager);
            state.step(0);
            int before = manager.getManagedArrays().size();
            for (int i = 1; i < 30; i++) {
              state.step(i);
            }
            assertEquals(before, manager.getManagedArrays().size());
            return null;
          });
    }
  }

  @Test
  void aStepMovesBothNetworks() {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      GradientMode.unrecorded(
          () -> {
            TrainingState state =
                new TrainingState(TinyRun.settings(Map.of()), TinyRun.images(1), manager);
            Map<String, float[]> before = new HashMap<>();
            state.networks().forEach((name, array) -> before.put(name, array.toFloatArray()));
            state.step(0);
            state
                .networks()
                .forEach(
                    (name, array) ->
                        assertFalse(
                            Arrays.equals(before.get(name), array.toFloatArray()),
                            name + " did not move"));
            return null;
          });
    }
  }
}
