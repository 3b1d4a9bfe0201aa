package dev.djinn.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.djinn.sampler.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The ceiling: one ONNX Runtime session of one thread, called with tensors that are made once, the
 * input in direct memory and the output preallocated. No latents are drawn, nothing is copied.
 */
final class BareModel implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final int latentSize;
  private final int[] image;

  /** Opens a file whose latent is {@code latentSize} wide and whose images are of that shape. */
  BareModel(Path file, int latentSize, int... image) throws OrtException {
    this.latentSize = latentSize;
    this.image = image.clone();
    OnnxRuntime.version(); // Finds the unpacked natives; otherwise they go to the temporary folder.
    environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(file.toString(), options);
    }
  }

  /** One caller with tensors of its own. */
  final class Caller implements AutoCloseable {
    private final OnnxTensor input;
    private final OnnxTensor output;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    Caller(int rows) throws OrtException {
      ByteBuffer latents = direct(rows * latentSize * Float.BYTES);
      Random random = new Random(7);
      for (int i = 0; i < rows * latentSize; i++) {
        latents.putFloat(i * Float.BYTES, random.nextFloat() * 2 - 1);
      }
      int size = image[0] * image[1] * image[2];
      long[] shape = {rows, image[0], image[1], image[2]};
      input =
          OnnxTensor.createTensor(
              environment, latents.asFloatBuffer(), new long[] {rows, latentSize});
      output =
          OnnxTensor.createTensor(
              environment, direct(rows * size * Float.BYTES).asFloatBuffer(), shape);
      inputs = Map.of("latent", input);
      outputs = Map.of("image", output);
    }

    void call() throws OrtException {
      session.run(inputs, outputs).close();
    }

    @Override
    public void close() {
      input.close();
      output.close();
    }
  }

  /** {@return calls a second of some callers at once, and the median time of a call} */
  Rate run(int callers, int rows, double seconds) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Future<List<Long>>> running = new ArrayList<>();
      long start = System.nanoTime();
      long end = start + (long) (seconds * 1e9);
      for (int i = 0; i < callers; i++) {
        running.add(threads.submit(() -> loop(rows, end)));
      }
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> times : running) {
        all.addAll(times.get());
      }
      double took = (System.nanoTime() - start) / 1e9;
      return Rate.of(all, took);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Long> loop(int rows, long end) throws OrtException {
    List<Long> times = new ArrayList<>();
    try (Caller caller = new Caller(rows)) {
      for (long before = System.nanoTime(); before < end; ) {
        caller.call();
        long after = System.nanoTime();
        times.add(after - before);
        before = after;
      }
    }
    return times;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
