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
import java.util.function.Function;

/** Runs graphs in ONNX Runtime, without its own rewrites, on seeded inputs. */
public final class OrtRun {
  private OrtRun() {}

  /** Writes and runs a graph; float32 outputs by name. */
  public static Map<String, float[]> run(Graph graph, int batch, long seed) throws OrtException {
    return run(
        graph,
        batch,
        seed,
        output -> {
          FloatBuffer values = output.getFloatBuffer();
          float[] copy = new float[values.remaining()];
          values.get(copy);
          return copy;
        });
  }

  /** Writes and runs a graph; types and shapes of its outputs by name, as they really are. */
  public static Map<String, TensorType> types(Graph graph, int batch, long seed)
      throws OrtException {
    return run(
        graph,
        batch,
        seed,
        output ->
            TensorType.of(
                ElementType.valueOf(output.getInfo().type.name()), output.getInfo().getShape()));
  }

  private static <T> Map<String, T> run(
      Graph graph, int batch, long seed, Function<OnnxTensor, T> look) throws OrtException {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "djinn");
    Random random = new Random(seed);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      try (OrtSession session =
          environment.createSession(OnnxWriter.write(graph, Map.of()), options)) {
        for (Value input : graph.inputs()) {
          OnnxTensor tensor = random(environment, input.type(), batch, random);
          if (session.getInputNames().contains(input.name())) {
            inputs.put(input.name(), tensor);
          } else {
            tensor.close();
          }
        }
        try (OrtSession.Result result = session.run(inputs)) {
          Map<String, T> outputs = new LinkedHashMap<>();
          for (Map.Entry<String, OnnxValue> output : result) {
            outputs.put(output.getKey(), look.apply((OnnxTensor) output.getValue()));
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
    if (type.type() == ElementType.INT64) {
      long[] labels = random.longs(size, 0, 3).toArray();
      return OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), dims);
    }
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(RandomTensors.floats(random, size, 1)), dims);
  }
}
