package dev.djinn.exporter.block;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.UniformInitializer;
import dev.djinn.exporter.ExportException;
import dev.djinn.graph.OnnxChecker;
import dev.djinn.run.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;

/** Exports plain blocks with random weights; the exporter itself compares them with DJL. */
final class BlockParity {
  private BlockParity() {}

  /** Exports a block of one float input within 1e-5 and checks the file. */
  static BlockResult check(Block block, long... dims) {
    return check(block, BlockOptions.of(BlockInput.floats("data", dims)).withTolerance(1e-5));
  }

  static BlockResult check(Block block, BlockOptions options) {
    try (NDManager manager = manager()) {
      initialize(block, options, manager);
      return export(block, options);
    }
  }

  static BlockResult export(Block block, BlockOptions options) {
    try {
      Path folder = Files.createTempDirectory("block");
      Path file = folder.resolve("block.onnx");
      try {
        BlockResult result = BlockExport.write(block, options, file);
        OnnxChecker.check(file);
        return result;
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Asserts that a block is refused with a message that has these parts. */
  static void refuses(Block block, BlockOptions options, String... parts) {
    try (NDManager manager = manager()) {
      initialize(block, options, manager);
      String message =
          Assertions.assertThrows(ExportException.class, () -> export(block, options)).getMessage();
      for (String part : parts) {
        Assertions.assertTrue(message.contains(part), message);
      }
    }
  }

  /** Initializes a block with random numbers everywhere, the running statistics too. */
  private static void initialize(Block block, BlockOptions options, NDManager manager) {
    TorchEngine.get().setRandomSeed(7);
    for (Parameter.Type type : Parameter.Type.values()) {
      block.setInitializer(new NormalInitializer(0.1f), type);
    }
    for (Parameter.Type type :
        new Parameter.Type[] {Parameter.Type.GAMMA, Parameter.Type.RUNNING_VAR}) {
      block.setInitializer(
          (m, shape, dtype) -> new UniformInitializer(0.3f).initialize(m, shape, dtype).add(1),
          type);
    }
    block.initialize(
        manager,
        DataType.FLOAT32,
        options.inputs().stream()
            .map(in -> new Shape(1).addAll(new Shape(in.dims())))
            .toArray(Shape[]::new));
  }

  private static NDManager manager() {
    TorchEngine.get();
    return NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }
}
