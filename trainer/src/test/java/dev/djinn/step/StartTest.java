package dev.djinn.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.djinn.network.NetworkException;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.Origin;
import dev.djinn.run.SafeTensors.Tensor;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import dev.djinn.torch.GradientMode;
import dev.djinn.trainer.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
  @TempDir Path folder;

  private Path trained() {
    Path run = folder.resolve("first");
    TinyRun.start(run, Map.of("steps", "4", "average", "0.9")).run();
    return run;
  }

  private static TrainingState state(NDManager manager, Map<String, String> changes) {
    return new TrainingState(TinyRun.settings(changes), TinyRun.images(1), manager);
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.shape().size()];
    tensor.values().duplicate().get(values);
    return values;
  }

  @Test
  void takesTheNetworksOfAnotherRun() {
    Origin origin = Origin.open(trained().toString());
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      TrainingState state =
          GradientMode.unrecorded(() -> state(manager, Map.of("seed", "9", "average", "0.9")));
      String said = GradientMode.unrecorded(() -> state.start(origin));
      assertTrue(said.contains("first after 4 steps: 8 of 8 layers"), said);
      assertFalse(said.contains("anew"), said);
      for (String part : new String[] {Checkpoint.GENERATOR, Checkpoint.DISCRIMINATOR}) {
        origin
            .checkpoint()
            .read(part)
            .forEach(
                (name, tensor) ->
                    assertArrayEquals(
                        floats(tensor),
                        state.networks().get(part + "." + name).toFloatArray(),
                        part + " " + name));
      }
      origin
          .checkpoint()
          .read(Checkpoint.AVERAGE)
          .forEach(
              (name, tensor) ->
                  assertArrayEquals(
                      floats(tensor), state.generator().arrays().get(name).toFloatArray(), name));
    }
  }

  @Test
  void namesTheLayersThatDoNotAgree() {
    Origin origin = Origin.open(trained().toString());
    try (NDManager manager = NDManager.newBaseManager()) {
      TrainingState state =
          GradientMode.unrecorded(
              () -> state(manager, Map.of("discriminator.layers.1.conv.channels", "5")));
      String said = GradientMode.unrecorded(() -> state.start(origin));
      assertTrue(
          said.endsWith(
              "5 of 8 layers; begun anew: discriminator 01, discriminator 02, discriminator 06"),
          said);
    }
  }

  @Test
  void whatIsFrozenLearnsNothing() {
    TorchEngine.get();
    try (NDManager manager = NDManager.newBaseManager()) {
      TrainingState state =
          GradientMode.unrecorded(() -> state(manager, Map.of("discriminator.freeze", "2")));
      float[] embedding = state.networks().get("discriminator.00.embedding").toFloatArray();
      float[] first = state.networks().get("discriminator.01.weight").toFloatArray();
      float[] last = state.networks().get("discriminator.06.weight").toFloatArray();
      GradientMode.unrecorded(() -> state.step(0));
      assertArrayEquals(
          embedding, state.networks().get("discriminator.00.embedding").toFloatArray());
      assertArrayEquals(first, state.networks().get("discriminator.01.weight").toFloatArray());
      assertFalse(
          Arrays.equals(last, state.networks().get("discriminator.06.weight").toFloatArray()));
    }
    NetworkException e =
        assertThrows(
            NetworkException.class, () -> TinyRun.settings(Map.of("discriminator.freeze", "7")));
    assertTrue(e.getMessage().contains("7 layers are all of its 7"), e.getMessage());
  }

  @Test
  void aRunFromAnotherResumesExactly() throws IOException {
    String first = trained().toString();
    Map<String, String> from = Map.of("from", first, "discriminator.freeze", "1");
    TinyRun.start(folder.resolve("whole"), from).run();
    TinyRun.start(
            folder.resolve("cut"), Map.of("from", first, "discriminator.freeze", "1", "steps", "4"))
        .run();
    TinyRun.resume(folder.resolve("cut"), from).run();
    Path file = Path.of("checkpoints/000012/generator.safetensors");
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole").resolve(file)),
        Files.readAllBytes(folder.resolve("cut").resolve(file)));
  }

  @Test
  void aModelMayCarryItsStart() throws IOException, InterruptedException {
    Path run = trained();
    Path model = Files.createDirectories(folder.resolve("model"));
    Files.createDirectories(model.resolve("1"));
    Files.createFile(model.resolve("1/model.onnx"));
    TrainingException e =
        assertThrows(TrainingException.class, () -> Origin.open(model.toString()));
    assertTrue(e.getMessage().contains("holds a generator alone"), e.getMessage());
    Process script =
        new ProcessBuilder("bash", "../scripts/keep-start", run.toString(), model.toString())
            .inheritIO()
            .start();
    assertEquals(0, script.waitFor());
    Origin origin = Origin.open(model.toString());
    assertEquals(model.resolve("start"), origin.folder());
    assertEquals(4, origin.checkpoint().step());
    assertFalse(origin.checkpoint().has(Checkpoint.OPTIMIZERS));
    try (NDManager manager = NDManager.newBaseManager()) {
      TrainingState state = GradientMode.unrecorded(() -> state(manager, Map.of()));
      String said = GradientMode.unrecorded(() -> state.start(origin));
      assertTrue(said.contains("8 of 8 layers"), said);
    }
    TrainingException no =
        assertThrows(TrainingException.class, () -> Origin.open(folder.resolve("no").toString()));
    assertTrue(no.getMessage().contains("is neither a run nor a model"), no.getMessage());
  }
}
