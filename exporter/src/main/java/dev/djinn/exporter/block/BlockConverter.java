package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import dev.djinn.exporter.ExportException;
import java.util.List;

/**
 * Says in ONNX what a kind of block computes outside training.
 *
 * @param <B> the kind of block
 */
@FunctionalInterface
public interface BlockConverter<B extends Block> {
  /**
   * Adds the block's nodes.
   *
   * @param block the block
   * @param at where it stands: its inputs, its parameters, and what takes the nodes
   * @return the names of the values that the block makes, in order
   * @throws ExportException if this block cannot be converted; {@link BlockScope#fail} names it
   */
  List<String> convert(B block, BlockScope at);
}
