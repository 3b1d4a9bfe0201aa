package dev.djinn.sampler;

import java.util.Objects;
import java.util.Optional;

/**
 * How a sampler runs its model. The defaults suit a server: one shared session with one thread
 * inside and as many batches at once as the JVM has processors, which is faster than one session
 * that spreads each batch over all cores.
 *
 * @param device where to run
 * @param workers batches that run at the same time, at least 1
 * @param threads threads inside each batch, at least 1
 * @param queueRows rows that may wait for a worker, at least 1, of requests for more than a batch
 *     and, beside them, of all others; submitting more is refused
 * @param foreign what to know about a model that Djinn did not export and that has no description
 *     beside it; what a file says itself comes first
 * @param bounds what the model is held to
 */
public record SamplerOptions(
    Device device,
    int workers,
    int threads,
    int queueRows,
    Optional<ForeignModel> foreign,
    ModelBounds bounds) {
  /** {@link Device#AUTO}, a worker per processor, one thread each, the contract from the file. */
  public static final SamplerOptions DEFAULT =
      new SamplerOptions(
          Device.AUTO,
          Runtime.getRuntime().availableProcessors(),
          1,
          65_536,
          Optional.empty(),
          ModelBounds.DEFAULT);

  private static final int MOST = 1024;

  /** Checks the ranges. */
  public SamplerOptions {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(foreign, "foreign");
    Objects.requireNonNull(bounds, "bounds");
    check("workers", workers, MOST);
    check("threads", threads, MOST);
    check("queue rows", queueRows, Integer.MAX_VALUE);
  }

  /**
   * Changes the device.
   *
   * @param other where to run
   * @return a copy
   */
  public SamplerOptions withDevice(Device other) {
    return new SamplerOptions(other, workers, threads, queueRows, foreign, bounds);
  }

  /**
   * Changes the number of batches that run at the same time.
   *
   * @param count at least 1
   * @return a copy
   */
  public SamplerOptions withWorkers(int count) {
    return new SamplerOptions(device, count, threads, queueRows, foreign, bounds);
  }

  /**
   * Changes the number of threads inside each batch.
   *
   * @param count at least 1
   * @return a copy
   */
  public SamplerOptions withThreads(int count) {
    return new SamplerOptions(device, workers, count, queueRows, foreign, bounds);
  }

  /**
   * Changes how many rows may wait for a worker.
   *
   * @param rows at least 1
   * @return a copy
   */
  public SamplerOptions withQueueRows(int rows) {
    return new SamplerOptions(device, workers, threads, rows, foreign, bounds);
  }

  /**
   * Describes a model that Djinn did not export.
   *
   * @param model its contract and range
   * @return a copy
   */
  public SamplerOptions withForeign(ForeignModel model) {
    return new SamplerOptions(device, workers, threads, queueRows, Optional.of(model), bounds);
  }

  /**
   * Changes what the model is held to.
   *
   * @param other how long it may take, and whether the promise of the seed is a condition
   * @return a copy
   */
  public SamplerOptions withBounds(ModelBounds other) {
    return new SamplerOptions(device, workers, threads, queueRows, foreign, other);
  }

  private static void check(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw SamplerException.invalidRequest(name + " is " + value + ", not between 1 and " + most);
    }
  }
}
