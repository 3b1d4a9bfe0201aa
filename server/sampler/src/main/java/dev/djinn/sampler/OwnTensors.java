package dev.djinn.sampler;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.djinn.sampler.SamplerException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Runs a model with its own tensors under their own names, each request alone: what it makes is
 * given as it is, so nothing is merged.
 */
final class OwnTensors implements AutoCloseable {
  private static final int MOST_WAITING = 256;

  private final GeneratorModel model;
  private final ThreadPoolExecutor threads;

  OwnTensors(GeneratorModel model, int workers) {
    this.model = model;
    threads =
        new ThreadPoolExecutor(
            workers,
            workers,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "djinn-tensors");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  List<ModelTensor> inputs() {
    try {
      return describe(Tensors.of(model.session().getInputInfo()));
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  List<ModelTensor> outputs() {
    try {
      return describe(Tensors.of(model.session().getOutputInfo()));
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private static List<ModelTensor> describe(Map<String, TensorInfo> tensors) {
    List<ModelTensor> described = new ArrayList<>();
    tensors.forEach(
        (name, info) ->
            described.add(
                new ModelTensor(
                    name,
                    info.type.name(),
                    LongStream.of(info.getShape()).boxed().toList(),
                    ByteBuffer.allocate(0))));
    return described;
  }

  /** Never blocks. */
  CompletableFuture<List<ModelTensor>> submit(List<ModelTensor> inputs, List<String> outputs) {
    CompletableFuture<List<ModelTensor>> made = new CompletableFuture<>();
    try {
      threads.execute(
          () -> {
            if (made.isDone()) {
              return; // cancelled
            }
            try {
              made.complete(run(inputs, outputs));
            } catch (SamplerException e) {
              made.completeExceptionally(e);
            } catch (RuntimeException | OrtException | Error e) {
              made.completeExceptionally(
                  new SamplerException(Reason.FAILED, "running the model failed: " + e, e));
            }
          });
    } catch (RejectedExecutionException e) {
      boolean closed = threads.isShutdown();
      made.completeExceptionally(
          closed
              ? new SamplerException(Reason.CLOSED, "the sampler is closed")
              : new SamplerException(
                  Reason.OVERLOADED,
                  "the queue is full: " + MOST_WAITING + " requests of own tensors are waiting"));
    }
    return made;
  }

  private List<ModelTensor> run(List<ModelTensor> inputs, List<String> outputs)
      throws OrtException {
    Map<String, TensorInfo> known = Tensors.of(model.session().getInputInfo());
    Set<String> wanted = new TreeSet<>(outputs);
    if (!model.session().getOutputNames().containsAll(wanted)) {
      wanted.removeAll(model.session().getOutputNames());
      throw SamplerException.invalidRequest(
          "the model has no output '" + wanted.iterator().next() + "'");
    }
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try (RunBound.Watch watch = model.bound().watch()) {
      int rows = 1;
      for (ModelTensor input : inputs) {
        TensorInfo info = known.get(input.name());
        if (info == null) {
          throw SamplerException.invalidRequest("the model has no input '" + input.name() + "'");
        }
        OnnxTensor before = tensors.put(input.name(), tensor(input, info));
        if (before != null) {
          before.close();
          throw SamplerException.invalidRequest("input '" + input.name() + "' is given twice");
        }
        boolean batched = info.getShape().length > 0 && info.getShape()[0] < 0;
        rows = batched ? input.shape().get(0).intValue() : rows;
      }
      for (GivenInput given : model.binding().given()) {
        if (!tensors.containsKey(given.name())) {
          tensors.put(given.name(), given.tensor(model.environment(), rows));
        }
      }
      for (String name : known.keySet()) {
        if (!tensors.containsKey(name)) {
          throw SamplerException.invalidRequest("the request lacks the input '" + name + "'");
        }
      }
      Set<String> names =
          outputs.isEmpty() ? model.session().getOutputNames() : Set.copyOf(outputs);
      try (OrtSession.Result result =
          watch.run(options -> model.session().run(tensors, names, options))) {
        Map<String, ModelTensor> made = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          made.put(output.getKey(), made(output.getKey(), output.getValue()));
        }
        return outputs.isEmpty()
            ? List.copyOf(made.values())
            : outputs.stream().map(made::get).toList();
      } catch (OrtException e) {
        // The request's shapes are its client's.
        throw new SamplerException(
            Reason.INVALID_REQUEST, "the model failed: " + OneLine.first(e), e);
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(ModelTensor input, TensorInfo info) throws OrtException {
    String what = "input '" + input.name() + "'";
    if (!info.type.name().equals(input.type())) {
      throw SamplerException.invalidRequest(
          what + " is " + input.type() + "; the model takes " + info.type);
    }
    long size = 1;
    for (long dimension : input.shape()) {
      if (dimension < 0 || (double) size * dimension > Integer.MAX_VALUE) {
        throw SamplerException.invalidRequest(
            what + " has the shape " + input.shape() + ", which is not possible");
      }
      size *= dimension;
    }
    if (size * info.type.size != input.data().remaining()) {
      throw SamplerException.invalidRequest(
          what
              + " has "
              + input.data().remaining()
              + " bytes; its shape makes "
              + size * info.type.size);
    }
    ByteBuffer copy = Tensors.direct(size, info.type);
    copy.put(0, input.data(), input.data().position(), input.data().remaining());
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw SamplerException.invalidRequest("own tensors need a little-endian machine");
    }
    requireFinite(what, info.type, copy, Reason.INVALID_REQUEST);
    return OnnxTensor.createTensor(
        model.environment(),
        copy,
        input.shape().stream().mapToLong(Long::longValue).toArray(),
        info.type);
  }

  private static ModelTensor made(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor) || tensor.getInfo().type == OnnxJavaType.STRING) {
      throw SamplerException.invalidRequest(
          "output '" + name + "' is no tensor of numbers; ask for the others by their names");
    }
    TensorInfo info = tensor.getInfo();
    ByteBuffer bytes =
        ByteBuffer.allocate(tensor.getByteBuffer().remaining()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(tensor.getByteBuffer()).flip();
    requireFinite("output '" + name + "'", info.type, bytes, Reason.FAILED);
    return new ModelTensor(
        name, info.type.name(), LongStream.of(info.getShape()).boxed().toList(), bytes);
  }

  private static void requireFinite(
      String what, OnnxJavaType type, ByteBuffer bytes, Reason reason) {
    if (!Tensors.REAL.contains(type)) {
      return;
    }
    for (int i = 0; i < bytes.remaining() / type.size; i++) {
      double value =
          type == OnnxJavaType.DOUBLE ? bytes.getDouble(i * 8) : Tensors.get(bytes, type, i);
      if (!Double.isFinite(value)) {
        throw new SamplerException(
            reason, what + " has " + value + " at " + i + ": numbers must be finite");
      }
    }
  }

  private static SamplerException failed(OrtException e) {
    return new SamplerException(Reason.FAILED, OneLine.first(e), e);
  }

  /** Finishes what was accepted. */
  @Override
  public void close() {
    threads.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        if (threads.awaitTermination(1, TimeUnit.HOURS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
