package dev.djinn.sampler;

import dev.djinn.sampler.Job.Slice;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Gathers a batch's inputs from its requests, runs it in the model, and scatters the outputs back.
 */
final class BatchRunner implements Batcher.Runner, AutoCloseable {
  private final GeneratorModel model;
  private final String name;
  private final int latentSize;
  private final int imageSize;

  /**
   * Memory that is not in use, the most recently used first, since that is still in the processor's
   * cache.
   */
  private final ConcurrentLinkedDeque<Workspace> workspaces = new ConcurrentLinkedDeque<>();

  /**
   * Makes a runner.
   *
   * @param name what events call the model
   */
  BatchRunner(GeneratorModel model, String name) {
    this.model = model;
    this.name = name;
    latentSize = model.binding().contract().latent().size();
    imageSize = model.binding().contract().image().size();
  }

  @Override
  public BatchTimes run(List<Slice> batch) {
    Workspace free = workspaces.pollFirst();
    Workspace workspace = free == null ? new Workspace(model) : free;
    Object event = FlightRecording.batch();
    int count = 0;
    try {
      long begun = System.nanoTime();
      boolean pixels = false;
      for (Slice slice : batch) {
        gather(slice, workspace, count);
        count += slice.count();
        pixels |= slice.job().rows.pixels() != null;
      }
      long gathered = System.nanoTime();
      workspace.run(count, pixels);
      long ran = System.nanoTime();
      int at = 0;
      for (Slice slice : batch) {
        if (workspace.finite(at, slice.count())) {
          scatter(slice, workspace, at);
        } else {
          slice.job().refuse(notFinite());
        }
        at += slice.count();
      }
      return BatchTimes.of(gathered - begun, ran - gathered, System.nanoTime() - ran);
    } finally {
      FlightRecording.end(event, name, count, batch.size());
      workspaces.addFirst(workspace);
    }
  }

  /** Frees what the runs used; none may be running. */
  @Override
  public void close() {
    for (Workspace free = workspaces.pollFirst(); free != null; free = workspaces.pollFirst()) {
      free.close();
    }
  }

  /** Only for those whose rows they are; others in the batch get their pictures. */
  private static SamplerException notFinite() {
    return new SamplerException(
        SamplerException.Reason.FAILED,
        "the model made numbers that are not finite, which are no picture");
  }

  private void gather(Slice slice, Workspace workspace, int at) {
    FloatBuffer latents = slice.job().rows.latents();
    int from = latents.position() + slice.first() * latentSize;
    workspace.latents.put(at * latentSize, latents, from, slice.count() * latentSize);
    LongBuffer labels = slice.job().rows.labels();
    if (labels != null) {
      workspace.labels.put(at, labels, labels.position() + slice.first(), slice.count());
    }
  }

  private void scatter(Slice slice, Workspace workspace, int at) {
    int values = slice.count() * imageSize;
    FloatBuffer image = slice.job().rows.image();
    if (image != null) {
      int to = image.position() + slice.first() * imageSize;
      image.put(to, workspace.image, at * imageSize, values);
    }
    ByteBuffer pixels = slice.job().rows.pixels();
    if (pixels != null) {
      int to = pixels.position() + slice.first() * imageSize;
      pixels.put(to, workspace.pixels, at * imageSize, values);
    }
  }
}
