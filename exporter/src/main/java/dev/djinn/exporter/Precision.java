package dev.djinn.exporter;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Graph;
import dev.djinn.graph.pass.HalfWeights;
import dev.djinn.graph.pass.Int8;
import java.util.Locale;

/** In what a file keeps its weights and computes. */
public enum Precision {
  /** As trained. */
  FP32(1e-4, 1),
  /** Weights in 16 bits, computed in 32: half the file, no slower, no faster. */
  FP16(1e-2, 1),
  /**
   * Convolutions and dense layers in 8 bits: a quarter of the file, and several times as fast. What
   * a trained generator draws has sharp edges, so single pixels may move by their whole range where
   * nobody would see it; the mean over all pixels tells.
   */
  INT8(1, 0.02);

  private final double tolerance;
  private final double meanTolerance;

  Precision(double tolerance, double meanTolerance) {
    this.tolerance = tolerance;
    this.meanTolerance = meanTolerance;
  }

  /** Returns the largest mean error on {@code image} that is allowed; 1 allows any. */
  double meanTolerance() {
    return meanTolerance;
  }

  /** Returns the largest error on {@code image} that is allowed unless another is stated. */
  public double tolerance() {
    return tolerance;
  }

  /** Returns the graph in this precision. */
  Graph apply(Graph graph, Generator generator) {
    return switch (this) {
      case FP32 -> graph;
      case FP16 -> HalfWeights.apply(graph);
      case INT8 -> Int8.apply(graph, Calibration.ranges(graph, generator));
    };
  }

  /**
   * Returns the precision of a file by what is in its graph, whatever it tells of itself. Read from
   * the bare protobuf, so that the operators need not be known here.
   *
   * @throws ExportException if it is no ONNX file
   */
  static Precision of(byte[] model) {
    OnnxMl.GraphProto graph;
    try {
      graph = OnnxMl.ModelProto.parseFrom(model).getGraph();
    } catch (InvalidProtocolBufferException e) {
      throw new ExportException("not an ONNX file: " + e.getMessage(), e);
    }
    if (graph.getNodeList().stream().anyMatch(node -> node.getOpType().equals("QuantizeLinear"))) {
      return INT8;
    }
    return graph.getInitializerList().stream()
            .anyMatch(tensor -> tensor.getDataType() == ElementType.FLOAT16.code())
        ? FP16
        : FP32;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
