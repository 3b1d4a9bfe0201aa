package dev.djinn.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import dev.djinn.network.NetworkException;
import dev.djinn.run.Checkpoint;
import dev.djinn.run.RunFolder;
import dev.djinn.run.TorchEngine;
import dev.djinn.run.TrainingException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks of DJL itself, trained against each other. */
class OwnBlocksTest {
  @TempDir Path folder;
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchEngine.get();
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private Block generator(int latent) {
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(Linear.builder().setUnits(28 * 28).build())
            .add(Activation.tanhBlock())
            .add(
                new LambdaBlock(
                    list -> new NDList(list.singletonOrThrow().reshape(-1, 1, 28, 28)),
                    "pictures"));
    TorchEngine.get().setRandomSeed(7);
    block.initialize(manager, DataType.FLOAT32, new Shape(1, latent));
    return block;
  }

  private Block discriminator() {
    Block block =
        new SequentialBlock()
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(16).build())
            .add(Activation.leakyReluBlock(0.2f))
            .add(Dropout.builder().optRate(0.3f).build())
            .add(Linear.builder().setUnits(1).build());
    TorchEngine.get().setRandomSeed(8);
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 28, 28));
    return block;
  }

  private TrainingRequest request(String name) {
    return TrainingRequest.of("quick")
        .with("batch", 8)
        .with("steps", 6)
        .with("checkpoint-every", 2)
        .with("log-every", 1)
        .into(folder.resolve(name))
        .withBlocks(generator(100), discriminator());
  }

  private static long run(TrainingRequest request) {
    try (TrainingRun run = request.prepare(TinyRun.SILENT)) {
      return run.run();
    }
  }

  private byte[] file(String run, String part) throws IOException {
    return Files.readAllBytes(folder.resolve(run + "/checkpoints/000006/" + part + ".safetensors"));
  }

  @Test
  void learnAndLeaveWhatAnyRunDoes() throws IOException {
    Block generator = generator(100);
    float[] before = generator.getParameters().get(0).getValue().getArray().toFloatArray();
    assertEquals(6, run(request("run").withBlocks(generator, discriminator())));

    RunFolder run = RunFolder.open(folder.resolve("run"));
    assertEquals(6, run.lastCheckpoint().orElseThrow().step());
    assertTrue(Files.exists(folder.resolve("run/samples/000006.png")));
    assertTrue(Files.exists(folder.resolve("run/report.html")));
    assertArrayEquals(
        before, generator.getParameters().get(0).getValue().getArray().toFloatArray());
    float[] learnt = first(run.lastCheckpoint().orElseThrow(), Checkpoint.GENERATOR);
    assertFalse(Arrays.equals(before, learnt));
  }

  /** The first array of a part. */
  private static float[] first(Checkpoint checkpoint, String part) {
    FloatBuffer values = checkpoint.read(part).values().iterator().next().values().duplicate();
    float[] floats = new float[values.remaining()];
    values.get(floats);
    return floats;
  }

  @Test
  void goOnAsIfTheyHadNotBeenStopped() throws IOException {
    run(request("whole"));
    run(request("parts").with("steps", 2));
    assertEquals(
        6,
        run(
            TrainingRequest.resuming(folder.resolve("parts"))
                .with("steps", 6)
                .withBlocks(generator(100), discriminator())));
    for (String part : new String[] {"generator", "discriminator", "average", "optimizers"}) {
      assertArrayEquals(file("whole", part), file("parts", part), part);
    }
  }

  @Test
  void aBlockIsGivenWhatWasLearnt() {
    run(request("run"));
    Block fresh = generator(100);
    TrainedGenerator.load(folder.resolve("run"), fresh);

    RunFolder run = RunFolder.open(folder.resolve("run"));
    float[] average = first(run.lastCheckpoint().orElseThrow(), Checkpoint.AVERAGE);
    assertArrayEquals(average, fresh.getParameters().get(0).getValue().getArray().toFloatArray());
    NDArray made =
        fresh
            .forward(
                new ParameterStore(manager, false),
                new NDList(manager.randomNormal(new Shape(3, 100))),
                false)
            .singletonOrThrow();
    assertEquals(new Shape(3, 1, 28, 28), made.getShape());
  }

  @Test
  void otherBlocksAreRefusedBeforeAnythingIsWritten() {
    run(request("run").with("steps", 2));
    TrainingRequest without = TrainingRequest.resuming(folder.resolve("run"));
    NetworkException needed = assertThrows(NetworkException.class, () -> run(without));
    assertTrue(
        needed.getMessage().contains("SequentialBlock, which only its own program has"),
        needed.getMessage());

    Block wider =
        new SequentialBlock()
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(1).build());
    wider.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 28, 28));
    TrainingRequest other = without.withBlocks(generator(100), wider);
    TrainingException refused = assertThrows(TrainingException.class, () -> run(other));
    assertTrue(
        refused.getMessage().contains("discriminator.layers.0.block.arrays"), refused.getMessage());
  }

  @Test
  void whatDoesNotFitIsToldInALine() {
    assertTold("SequentialBlock does not take (100): ", generator(50));
    assertTold("is not initialized", Linear.builder().setUnits(3).build());
    Block vector = Linear.builder().setUnits(784).build();
    vector.initialize(manager, DataType.FLOAT32, new Shape(1, 100));
    assertTold("makes (784) but pictures are (1, 28, 28)", vector);
  }

  private void assertTold(String what, Block generator) {
    TrainingRequest request = request("refused").withBlocks(generator, discriminator());
    NetworkException told = assertThrows(NetworkException.class, () -> run(request));
    assertTrue(told.getMessage().contains(what), told.getMessage());
    assertEquals(1, told.getMessage().lines().count());
    assertFalse(Files.exists(folder.resolve("refused")));
  }
}
