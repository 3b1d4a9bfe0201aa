package dev.djinn.exporter.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
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
import ai.djl.training.ParameterStore;
import dev.djinn.exporter.ExportException;
import dev.djinn.exporter.RunExport;
import dev.djinn.run.TorchEngine;
import dev.djinn.sampler.ForeignModel;
import dev.djinn.sampler.GeneratorContract.Image;
import dev.djinn.sampler.GeneratorContract.Latent;
import dev.djinn.sampler.Latents;
import dev.djinn.sampler.SampleRequest;
import dev.djinn.sampler.Sampler;
import dev.djinn.sampler.SamplerOptions;
import dev.djinn.sampler.Samples;
import dev.djinn.trainer.TrainedGenerator;
import dev.djinn.trainer.TrainingListener;
import dev.djinn.trainer.TrainingRequest;
import dev.djinn.trainer.TrainingRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody's own blocks from training to pictures. */
class TrainedBlocksTest {
  private static final int LATENT = 100;

  @TempDir Path folder;

  private static Block generator(NDManager manager) {
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
    block.initialize(manager, DataType.FLOAT32, new Shape(1, LATENT));
    return block;
  }

  @Test
  void areTrainedExportedAndSampled() {
    TorchEngine.get();
    Path run = folder.resolve("run");
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Block discriminator =
          new SequentialBlock()
              .add(Blocks.batchFlattenBlock())
              .add(Linear.builder().setUnits(1).build());
      discriminator.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 28, 28));
      TrainingRequest request =
          TrainingRequest.of("quick")
              .with("steps", 3)
              .with("batch", 8)
              .into(run)
              .withBlocks(generator(manager), discriminator);
      try (TrainingRun training = request.prepare(new TrainingListener() {})) {
        assertEquals(3, training.run());
      }
      Block trained = generator(manager);
      TrainedGenerator.load(run, trained);
      Path file = folder.resolve("model.onnx");
      BlockOptions options =
          BlockOptions.of(BlockInput.floats("latent", LATENT)).withOutputs("image");
      BlockExport.write(trained, options, file);

      Latent prior = Latent.normal(LATENT);
      float[] latents = new float[5 * LATENT];
      Latents.fill(42, 0, 5, latents, prior);
      float[] wanted =
          trained
              .forward(
                  new ParameterStore(manager, false),
                  new NDList(manager.create(latents, new Shape(5, LATENT))),
                  false)
              .singletonOrThrow()
              .add(1)
              .div(2)
              .toFloatArray();
      SamplerOptions foreign =
          SamplerOptions.DEFAULT.withForeign(
              ForeignModel.of(prior, List.of(), new Image(1, 28, 28), -1, 1));
      try (Sampler sampler = Sampler.open(file, foreign)) {
        Samples samples = sampler.sample(SampleRequest.of(5).withSeed(42));
        assertArrayEquals(wanted, samples.image(), 1e-5f);
      }
    }
    ExportException told = assertThrows(ExportException.class, () -> RunExport.of(run).write());
    assertTrue(told.getMessage().contains("TrainedGenerator.load"), told.getMessage());
  }
}
