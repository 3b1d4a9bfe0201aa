package dev.djinn.exporter.block;

import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.util.Pair;
import dev.djinn.graph.Attributes;
import dev.djinn.graph.Operator;
import dev.djinn.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What DJL's own blocks compute, in ONNX's operators. */
final class StandardBlocks {
  private StandardBlocks() {}

  /** y = x Wᵀ + b: Gemm for rows; MatMul and Add where x has more dimensions. */
  static List<String> linear(Linear block, BlockScope at) {
    boolean bias = at.hasParameter("bias");
    if (at.typeOf(at.input()).rank() == 2) {
      List<String> read = new ArrayList<>(List.of(at.input(), at.weight("weight")));
      if (bias) {
        read.add(at.weight("bias"));
      }
      Attributes transposed = Attributes.none().with("transB", 1);
      return List.of(at.add(Operator.GEMM, transposed, read.toArray(String[]::new)));
    }
    Tensor weight = at.parameter("weight");
    int outputs = weight.dim(0);
    int inputs = weight.dim(1);
    float[] from = weight.floats();
    float[] columns = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      columns[i % inputs * outputs + i / inputs] = from[i];
    }
    String product =
        at.add(
            Operator.MAT_MUL,
            at.input(),
            at.constant("weight", Tensor.floats(columns, inputs, outputs)));
    return List.of(bias ? at.add(Operator.ADD, product, at.weight("bias")) : product);
  }

  /** Conv of one, two or three axes. */
  static List<String> convolution(Convolution block, BlockScope at) {
    long[] padding = block.getPadding().getShape();
    long[] pads = new long[2 * padding.length];
    System.arraycopy(padding, 0, pads, 0, padding.length);
    System.arraycopy(padding, 0, pads, padding.length, padding.length);
    Attributes attributes =
        Attributes.none()
            .with("kernel_shape", block.getKernelShape().getShape())
            .with("strides", block.getStride().getShape())
            .with("dilations", block.getDilation().getShape())
            .with("group", block.getGroups())
            .with("pads", pads);
    List<String> read = new ArrayList<>(List.of(at.input(), at.weight("weight")));
    if (block.isIncludeBias()) {
      read.add(at.weight("bias"));
    }
    return List.of(at.add(Operator.CONV, attributes, read.toArray(String[]::new)));
  }

  /** Dropout, which does nothing outside training. */
  static List<String> dropout(Dropout block, BlockScope at) {
    return List.of(at.add(Operator.DROPOUT, at.input()));
  }

  /** Gather of rows. */
  static List<String> embedding(Embedding<?> block, BlockScope at) {
    return List.of(at.add(Operator.GATHER, at.weight("embedding"), at.input()));
  }

  /** Each block reads what the one before it makes. */
  static List<String> sequential(SequentialBlock block, BlockScope at) {
    List<String> current = at.inputs();
    List<String> all = new ArrayList<>();
    for (Pair<String, Block> child : block.getChildren()) {
      current = at.convert(child.getKey(), child.getValue(), current);
      all.addAll(current);
    }
    return block.isReturnIntermediate() ? all : current;
  }

  /** Each block reads the same; how their outputs are joined is found by trying. */
  static List<String> parallel(ParallelBlock block, BlockScope at) {
    List<Block> children = new ArrayList<>();
    List<String> made = new ArrayList<>();
    for (Pair<String, Block> child : block.getChildren()) {
      children.add(child.getValue());
      made.addAll(at.convert(child.getKey(), child.getValue(), at.inputs()));
    }
    return JoinProbe.parallel(children, at, made);
  }

  /** What the function computes is found by trying. */
  static List<String> lambda(LambdaBlock block, BlockScope at) {
    return at.inputs().size() == 1 ? new LambdaProbe(at).convert() : JoinProbe.lambda(at);
  }
}
