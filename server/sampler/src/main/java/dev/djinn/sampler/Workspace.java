package dev.djinn.sampler;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory of one batch at a time: direct buffers that ONNX Runtime reads its inputs from and
 * writes its outputs to, so that a run allocates nothing of the samples' size. Not thread-safe.
 */
final class Workspace implements AutoCloseable {
  private static final int ROWS = 128;
  private static final int BYTES = 8 << 20;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Binding binding;
  private final int rows;
  private final int latentSize;
  private final int imageSize;

  /** Inputs of up to {@link #rows()} rows, to be filled from 0. */
  final FloatBuffer latents;

  final LongBuffer labels;

  /** Outputs of the last {@link #run}, from 0. */
  final FloatBuffer image;

  final ByteBuffer pixels;

  /** What a run reads and writes. */
  private record Call(int count, boolean image, boolean pixels) {}

  /** Views of the buffers that ONNX Runtime knows. */
  private record Tensors(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
      implements AutoCloseable {
    @Override
    public void close() {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }

  /** Made once for each kind of run, since making them takes as long as a small model's layer. */
  private final Map<Call, Tensors> prepared = new HashMap<>();

  Workspace(GeneratorModel model) {
    environment = model.environment();
    session = model.session();
    binding = model.binding();
    latentSize = binding.contract().latent().size();
    imageSize = binding.contract().image().size();
    rows = rows(binding.contract());
    latents = direct((long) rows * latentSize * Float.BYTES).asFloatBuffer();
    labels = direct((long) rows * Long.BYTES).asLongBuffer();
    image = direct((long) rows * imageSize * Float.BYTES).asFloatBuffer();
    pixels = direct((long) rows * imageSize);
  }

  /**
   * Gives the rows of the largest batch: enough for full speed, small enough to stay near the
   * processor.
   */
  static int rows(GeneratorContract contract) {
    long row = (long) contract.image().size() * 5 + (long) contract.latent().size() * Float.BYTES;
    return (int) Math.max(1, Math.min(ROWS, BYTES / row));
  }

  int rows() {
    return rows;
  }

  /** Runs the first {@code count} rows of the inputs. */
  void run(int count, boolean wantImage, boolean wantPixels) {
    boolean makePixels = wantPixels && binding.pixels() == null;
    Call call = new Call(count, wantImage || makePixels, wantPixels && !makePixels);
    try {
      Tensors tensors = prepared.get(call);
      if (tensors == null) {
        tensors = prepare(call);
        prepared.put(call, tensors);
      }
      session.run(tensors.inputs(), tensors.outputs()).close();
    } catch (OrtException e) {
      throw new SamplerException(
          Reason.FAILED, "the model failed on " + count + " rows: " + GeneratorModel.line(e), e);
    }
    if (binding.pixels() == null) {
      ForeignImages.convert(binding, count, image, makePixels ? pixels : null);
    }
  }

  private Tensors prepare(Call call) throws OrtException {
    int count = call.count();
    Tensors tensors = new Tensors(new HashMap<>(), new HashMap<>());
    try {
      tensors.inputs().put(binding.latent(), tensor(latents, latentShape(count)));
      if (binding.label() != null) {
        tensors
            .inputs()
            .put(
                binding.label(),
                OnnxTensor.createTensor(environment, labels.slice(0, count), new long[] {count}));
      }
      if (call.image()) {
        tensors.outputs().put(binding.image(), tensor(image, imageShape(count)));
      }
      if (call.pixels()) {
        tensors
            .outputs()
            .put(
                binding.pixels(),
                OnnxTensor.createTensor(
                    environment,
                    pixels.slice(0, count * imageSize),
                    pixelsShape(count),
                    OnnxJavaType.UINT8));
      }
      return tensors;
    } catch (OrtException e) {
      tensors.close();
      throw e;
    }
  }

  /** Frees the tensors; the buffers go with their last reader. */
  @Override
  public void close() {
    prepared.values().forEach(Tensors::close);
    prepared.clear();
  }

  private OnnxTensor tensor(FloatBuffer buffer, long[] shape) throws OrtException {
    long size = 1;
    for (long dimension : shape) {
      size *= dimension;
    }
    return OnnxTensor.createTensor(environment, buffer.slice(0, (int) size), shape);
  }

  private long[] latentShape(int count) {
    return binding.latentRank() == 4
        ? new long[] {count, latentSize, 1, 1}
        : new long[] {count, latentSize};
  }

  private long[] imageShape(int count) {
    GeneratorContract.Image shape = binding.contract().image();
    return new long[] {count, shape.channels(), shape.height(), shape.width()};
  }

  private long[] pixelsShape(int count) {
    GeneratorContract.Image shape = binding.contract().image();
    return new long[] {count, shape.height(), shape.width(), shape.channels()};
  }

  private static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }
}
