package dev.djinn.sampler;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The memory of one batch at a time: direct buffers that ONNX Runtime reads its inputs from and
 * writes its outputs to, so that a run allocates nothing of the samples' size. Not thread-safe.
 */
final class Workspace implements AutoCloseable {
  private static final int ROWS = 128;
  private static final int BYTES = 8 << 20;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final RunBound.Watch watch;
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

  /** What the model itself reads and writes: the same memory where it is of the same type. */
  private final ByteBuffer latentMemory;

  private final ByteBuffer labelMemory;
  private final ByteBuffer imageMemory;
  private final IntBuffer imageBits;
  private final int[] bits = new int[1024];

  /** What a run reads and writes. */
  private record Call(int count, boolean pixels) {}

  /** Views of the buffers that ONNX Runtime knows. */
  private record Batch(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
      implements AutoCloseable {
    @Override
    public void close() {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }

  /** Made once for each kind of run, since making them takes as long as a small model's layer. */
  private final Map<Call, Batch> prepared = new HashMap<>();

  Workspace(GeneratorModel model) {
    environment = model.environment();
    session = model.session();
    binding = model.binding();
    latentSize = binding.contract().latent().size();
    imageSize = binding.contract().image().size();
    rows = rows(binding);
    ByteBuffer floats = Tensors.direct((long) rows * latentSize, OnnxJavaType.FLOAT);
    latents = floats.asFloatBuffer();
    latentMemory = memory(binding.latent(), OnnxJavaType.FLOAT, floats);
    ByteBuffer numbers = Tensors.direct(rows, OnnxJavaType.INT64);
    labels = numbers.asLongBuffer();
    labelMemory =
        binding.label() == null ? null : memory(binding.label(), OnnxJavaType.INT64, numbers);
    ByteBuffer made = Tensors.direct((long) rows * imageSize, OnnxJavaType.FLOAT);
    image = made.asFloatBuffer();
    imageBits = made.asIntBuffer();
    imageMemory =
        binding.channelsLast()
            ? Tensors.direct((long) rows * imageSize, binding.image().type())
            : memory(binding.image(), OnnxJavaType.FLOAT, made);
    pixels = Tensors.direct((long) rows * imageSize, OnnxJavaType.UINT8);
    try {
      watch = model.bound().watch();
    } catch (OrtException e) {
      throw new SamplerException(Reason.FAILED, "no run can be prepared: " + OneLine.first(e), e);
    }
  }

  private ByteBuffer memory(Port port, OnnxJavaType own, ByteBuffer shared) {
    return port.type() == own ? shared : Tensors.direct((long) rows * port.rowSize(), port.type());
  }

  /**
   * Gives the rows of the largest batch: enough for full speed, small enough to stay near the
   * processor; or those that the model insists on.
   */
  static int rows(Binding binding) {
    if (binding.batch() > 0) {
      return binding.batch();
    }
    GeneratorContract contract = binding.contract();
    long row = (long) contract.image().size() * 5 + (long) contract.latent().size() * Float.BYTES;
    return (int) Math.max(1, Math.min(ROWS, BYTES / row));
  }

  int rows() {
    return rows;
  }

  /** Runs the first {@code count} rows of the inputs. The image is always made, to be looked at. */
  void run(int count, boolean wantPixels) {
    boolean makePixels = wantPixels && binding.pixels() == null;
    int run = binding.batch() > 0 ? binding.batch() : count;
    convertInputs(count, run);
    Call call = new Call(run, wantPixels && !makePixels);
    try {
      Batch batch = prepared.get(call);
      if (batch == null) {
        batch = prepare(call);
        prepared.put(call, batch);
      }
      Batch tensors = batch;
      watch
          .run(options -> session.run(tensors.inputs(), Set.of(), tensors.outputs(), options))
          .close();
    } catch (OrtException e) {
      throw new SamplerException(
          Reason.FAILED, "the model failed on " + run + " rows: " + OneLine.first(e), e);
    }
    if (binding.pixels() == null) {
      if (binding.channelsLast() || binding.image().type() != OnnxJavaType.FLOAT) {
        ForeignImages.read(binding, count, imageMemory, image);
      }
      ForeignImages.convert(binding, count, image, makePixels ? pixels : null);
    }
  }

  /**
   * Whether rows of the image are numbers all: a picture of NaN is no picture. By the bits and
   * without a branch in the inner loop, which is then vectorised.
   */
  boolean finite(int first, int count) {
    int end = (first + count) * imageSize;
    for (int at = first * imageSize; at < end; at += bits.length) {
      int part = Math.min(bits.length, end - at);
      imageBits.get(at, bits, 0, part);
      int carries = 0;
      for (int i = 0; i < part; i++) {
        // Carries into the sign where all bits of the exponent are ones.
        carries |= (bits[i] & 0x7f800000) + 0x00800000;
      }
      if (carries < 0) {
        return false;
      }
    }
    return true;
  }

  /** Fills a fixed batch up with its first row, and gives the model the types that it wants. */
  private void convertInputs(int count, int run) {
    for (int row = count; row < run; row++) {
      latents.put(row * latentSize, latents, 0, latentSize);
      labels.put(row, labels.get(0));
    }
    Port latent = binding.latent();
    if (latent.type() != OnnxJavaType.FLOAT) {
      for (int i = 0; i < run * latentSize; i++) {
        Tensors.put(latentMemory, latent.type(), i, latents.get(i));
      }
    }
    Port label = binding.label();
    if (label == null || label.type() == OnnxJavaType.INT64) {
      return;
    }
    boolean whole = Tensors.WHOLE.contains(label.type());
    int width = label.rowSize();
    for (int row = 0; row < run; row++) {
      for (int i = 0; i < width; i++) {
        double value = whole ? labels.get(row) : labels.get(row) == i ? 1 : 0;
        Tensors.put(labelMemory, label.type(), row * width + i, value);
      }
    }
  }

  private Batch prepare(Call call) throws OrtException {
    Batch batch = new Batch(new HashMap<>(), new HashMap<>());
    try {
      put(batch.inputs(), binding.latent(), latentMemory, call.count());
      if (binding.label() != null) {
        put(batch.inputs(), binding.label(), labelMemory, call.count());
      }
      for (GivenInput input : binding.given()) {
        batch.inputs().put(input.name(), input.tensor(environment, call.count()));
      }
      put(batch.outputs(), binding.image(), imageMemory, call.count());
      if (call.pixels()) {
        put(batch.outputs(), binding.pixels(), pixels, call.count());
      }
      return batch;
    } catch (OrtException | RuntimeException e) {
      batch.close();
      throw e;
    }
  }

  private void put(Map<String, OnnxTensor> tensors, Port port, ByteBuffer memory, int count)
      throws OrtException {
    long[] shape = port.shape(count);
    int bytes = Math.toIntExact(Tensors.size(shape) * port.type().size);
    ByteBuffer part = memory.slice(0, bytes).order(memory.order());
    tensors.put(port.name(), OnnxTensor.createTensor(environment, part, shape, port.type()));
  }

  /** Frees the tensors; the buffers go with their last reader. */
  @Override
  public void close() {
    prepared.values().forEach(Batch::close);
    prepared.clear();
    watch.close();
  }
}
