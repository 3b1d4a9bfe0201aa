package dev.djinn.graph.pass;

import dev.djinn.graph.Graph;
import dev.djinn.graph.GraphEditor;
import dev.djinn.graph.Node;
import java.util.Set;

/** The exact rewrites, in the order in which they are applied. */
@SuppressWarnings("ImmutableEnumChecker") // passes have no state
public enum Optimization {
  /** Takes out dropout and identity nodes. */
  DROPOUT_REMOVAL(new DropoutRemoval()),
  /** Computes what depends on constants alone. */
  CONSTANT_FOLDING(new ConstantFolding()),
  /** Computes what is done to each row of an embedding once, on the table. */
  EMBEDDING_FOLDING(new EmbeddingFolding()),
  /** Folds batch norm into the dense layer or convolution before it. */
  BATCH_NORM_INTO_PREVIOUS(new BatchNormIntoPrevious()),
  /** Folds batch norm into the dense layer or unpadded convolution after it. */
  BATCH_NORM_INTO_NEXT(new BatchNormIntoNext()),
  /** Turns transposed convolutions of stride 1 into convolutions. */
  UNIT_STRIDE_DECONVOLUTION(new UnitStrideDeconvolution()),
  /** Turns narrow transposed convolutions into one convolution and a depth-to-space. */
  DECONVOLUTION_PHASES(new DeconvolutionPhases(false)),
  /** Turns wide transposed convolutions into a convolution a phase and a depth-to-space. */
  WIDE_DECONVOLUTION_PHASES(new DeconvolutionPhases(true)),
  /** Convolves before nearest upsampling instead of after it, phase by phase. */
  UPSAMPLE_PHASES(new UpsamplePhases()),
  /** Turns (tanh x + 1) / 2 into the sigmoid of 2 x. */
  TANH_TO_SIGMOID(new TanhToSigmoid()),
  /** Moves activations in front of depth-to-space and joins, beside the convolution they follow. */
  ACTIVATION_HOISTING(new ActivationHoisting()),
  /** Keeps the weights of dense layers as (inputs, outputs), the order in which they are read. */
  DENSE_TRANSPOSITION(new DenseTransposition());

  private final Pass pass;

  Optimization(Pass pass) {
    this.pass = pass;
  }

  /** Returns the graph with this rewrite made wherever it applies. */
  public Graph apply(Graph graph) {
    Graph before;
    Graph after = graph;
    do {
      before = after;
      after = rewriteOnce(before);
    } while (after != before);
    return after;
  }

  /** Returns the graph after the chosen rewrites, without what no output needs. */
  public static Graph applyAll(Graph graph, Set<Optimization> chosen) {
    Graph result = new GraphEditor(graph).graph();
    for (Optimization optimization : values()) {
      if (chosen.contains(optimization)) {
        result = optimization.apply(result);
      }
    }
    return result;
  }

  private Graph rewriteOnce(Graph graph) {
    GraphEditor editor = new GraphEditor(graph);
    for (Node node : graph.nodes()) {
      if (pass.rewrite(editor, node)) {
        return editor.graph();
      }
    }
    return graph;
  }
}
