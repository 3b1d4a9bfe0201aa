package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.djinn.run.Presets;
import dev.djinn.run.TorchEngine;
import dev.djinn.settings.Settings;
import dev.djinn.torch.GradientMode;
import dev.djinn.trainer.TinyRun;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  /** On any processor: whether it pays there is asked where a run begins. */
  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetLearnsInBfloat16AlmostAsInFloat32(String preset) {
    AdversarialStep.Result exact = step(preset, "fp32");
    AdversarialStep.Result fast = step(preset, "bf16");
    assertNotEquals(exact, fast);
    assertEquals(exact.discriminatorLoss(), fast.discriminatorLoss(), 0.05);
    assertEquals(exact.generatorLoss(), fast.generatorLoss(), 0.05);
  }

  private static List<String> presets() {
    return Presets.names();
  }

  private static AdversarialStep.Result step(String preset, String precision) {
    int side = preset.equals("modern") ? 17 : 8;
    Settings settings =
        Presets.settings(
            preset,
            Map.of("image.side", "" + side, "batch", "8", "precision", precision),
            TinyRun.images(1).classes().size());
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      return GradientMode.unrecorded(
          () -> new TrainingState(settings, TinyRun.images(1, side), manager).step(0));
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
