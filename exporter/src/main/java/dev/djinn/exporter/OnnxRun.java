package dev.djinn.exporter;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.djinn.graph.ElementType;
import dev.djinn.graph.Tensor;
import dev.djinn.sampler.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** An ONNX file opened in ONNX Runtime on the CPU, to see what it computes. Close after use. */
public final class OnnxRun implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private boolean closed;

  private OnnxRun(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  /**
   * Opens a file's bytes.
   *
   * @param model an {@code .onnx} file
   * @return an open model
   * @throws ExportException if ONNX Runtime does not take them
   */
  public static OnnxRun open(byte[] model) {
    OnnxRuntime.version(); // loads the natives from the server's cache of them
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // More threads would spin beside libtorch's; a file's numbers do not depend on them.
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "djinn");
      return new OnnxRun(environment, environment.createSession(model, options));
    } catch (OrtException e) {
      throw new ExportException("ONNX Runtime refuses the model: " + firstLine(e), e);
    }
  }

  /** {@return the names of its inputs} */
  public Set<String> inputs() {
    return session.getInputNames();
  }

  Set<String> outputs() {
    return session.getOutputNames();
  }

  Map<String, String> metadata() {
    try {
      return session.getMetadata().getCustomMetadata();
    } catch (OrtException e) {
      throw new ExportException("cannot read the model's metadata: " + firstLine(e), e);
    }
  }

  /**
   * Runs the model.
   *
   * @param inputs float32 or int64 by name
   * @return all outputs by name
   * @throws ExportException if ONNX Runtime fails
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> bound = new HashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        bound.put(input.getKey(), bind(input.getValue()));
      }
      try (OrtSession.Result result = session.run(bound)) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
          outputs.put(output.getKey(), copy((OnnxTensor) output.getValue()));
        }
        return outputs;
      }
    } catch (OrtException e) {
      throw new ExportException("ONNX Runtime cannot run the model: " + firstLine(e), e);
    } finally {
      bound.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor bind(Tensor tensor) throws OrtException {
    long[] dims = tensor.tensorType().toArray();
    return tensor.type() == ElementType.FLOAT
        ? OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), dims)
        : OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.longs()), dims);
  }

  private static Tensor copy(OnnxTensor tensor) {
    ElementType type =
        switch (tensor.getInfo().type) {
          case FLOAT -> ElementType.FLOAT;
          case UINT8 -> ElementType.UINT8;
          case INT64 -> ElementType.INT64;
          default ->
              throw new ExportException("the model makes values of type " + tensor.getInfo().type);
        };
    ByteBuffer buffer = tensor.getByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.order(ByteOrder.LITTLE_ENDIAN).get(bytes);
    return Tensor.raw(type, bytes, tensor.getInfo().getShape());
  }

  private static String firstLine(OrtException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  /** Frees the session; a second call does nothing. */
  @Override
  public void close() {
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new ExportException("cannot close the model: " + firstLine(e), e);
    }
  }
}
