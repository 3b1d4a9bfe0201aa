package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import dev.djinn.graph.TensorType;
import java.util.List;

/** What a block's place needs of the tree that it stands in. */
interface BlockTree {
  /** {@return what runs its blocks} */
  BlockEngine engine();

  /** {@return the path of the whole tree, which the paths of its blocks leave out} */
  String root();

  /**
   * Converts a block of the tree.
   *
   * @return the values that it makes
   */
  List<String> convert(Block block, String path, List<String> inputs);

  /** {@return tensors of such types, with indices as small as the values of these names have} */
  TrialInputs samples(List<TensorType> types, List<String> values);
}
