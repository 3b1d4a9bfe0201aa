package dev.djinn.graph.pass;

import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;

/** One kind of rewrite. */
@FunctionalInterface
interface Pass {
  /**
   * Rewrites the graph at a node, if this pass applies there.
   *
   * @return whether it did; if not, the editor is as it was
   */
  boolean rewrite(GraphEditor editor, Node node);
}
