package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import dev.djinn.exporter.Precision;
import dev.djinn.exporter.Target;
import java.util.List;

/**
 * How to export a plain DJL block.
 *
 * @param inputs what the block reads, in its order
 * @param outputs names for what it makes, in its order; empty for "output", "output1", …
 * @param target where the file is to run
 * @param tolerance the largest error allowed, relative to the output's largest number where that is
 *     over 1
 * @param converters what is known of blocks
 */
public record BlockOptions(
    List<BlockInput> inputs,
    List<String> outputs,
    Target target,
    double tolerance,
    BlockConverters converters) {
  /** Keeps copies and checks them. */
  public BlockOptions {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("name at least one input of the block");
    }
    if (!(tolerance > 0 && tolerance < 1)) {
      throw new IllegalArgumentException("tolerance must be between 0 and 1, got " + tolerance);
    }
  }

  /** Returns the usual options: for ONNX Runtime on CPUs, within 1e-4. */
  public static BlockOptions of(BlockInput... inputs) {
    return new BlockOptions(
        List.of(inputs),
        List.of(),
        Target.SERVER,
        Precision.FP32.tolerance(),
        BlockConverters.standard());
  }

  /** Returns these with names for what the block makes. */
  public BlockOptions withOutputs(String... names) {
    return new BlockOptions(inputs, List.of(names), target, tolerance, converters);
  }

  /** Returns these for another target. */
  public BlockOptions withTarget(Target other) {
    return new BlockOptions(inputs, outputs, other, tolerance, converters);
  }

  /** Returns these with another bound on the error. */
  public BlockOptions withTolerance(double other) {
    return new BlockOptions(inputs, outputs, target, other, converters);
  }

  /** Returns these with a converter for a block of your own. */
  public <B extends Block> BlockOptions withConverter(Class<B> kind, BlockConverter<B> converter) {
    return new BlockOptions(inputs, outputs, target, tolerance, converters.with(kind, converter));
  }
}
