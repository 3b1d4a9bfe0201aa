package dev.djinn.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Runs graphs in ONNX Runtime, without its own rewrites, on seeded inputs. */
public final class OrtRun {
  private OrtRun() {}

  /** Writes and runs a graph; float32 outputs by name. */
  public static Map<String, float[]> run(Graph graph, int batch, long seed) throws OrtException {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "djinn");
    Random random = new Random(seed);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      try (OrtSession session =
          environment.createSession(OnnxWriter.write(graph, Map.of()), options)) {
        for (Value input : graph.inputs()) {
          inputs.put(input.name(), random(environment, input.type(), batch, random));
        }
        try (OrtSession.Result result = session.run(inputs)) {
          Map<String, float[]> outputs = new LinkedHashMap<>();
          for (Map.Entry<String, OnnxValue> output : result) {
            FloatBuffer values = ((OnnxTensor) output.getValue()).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            outputs.put(output.getKey(), copy);
          }
          return outputs;
        }
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor random(
      OrtEnvironment environment, TensorType type, int batch, Random random) throws OrtException {
    long[] dims = type.toArray();
    int size = 1;
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dims[i] == TensorType.BATCH ? batch : dims[i];
      size *= (int) dims[i];
    }
    if (type.type() == DataType.INT64) {
      long[] labels = random.longs(size, 0, 3).toArray();
      return OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), dims);
    }
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(RandomTensors.floats(random, size, 1)), dims);
  }
}
