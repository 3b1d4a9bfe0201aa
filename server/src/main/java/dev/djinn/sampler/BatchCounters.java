package dev.djinn.sampler;

import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what the batcher does; guarded by its lock. */
final class BatchCounters {
  long rejected;
  long timedOut;

  /** By the batch's rows; null for those that never ran. */
  private final Timing.Counter[] sizes;

  private final Timing.Counter waits = new Timing.Counter();
  private final Timing.Counter runs = new Timing.Counter();
  private long rows;

  BatchCounters(int batchRows) {
    sizes = new Timing.Counter[batchRows + 1];
  }

  void waited(long nanos) {
    waits.add(nanos);
  }

  void ran(int size, long nanos) {
    if (sizes[size] == null) {
      sizes[size] = new Timing.Counter();
    }
    sizes[size].add(nanos);
    runs.add(nanos);
    rows += size;
  }

  SamplerStatistics snapshot(long waitingRows, int runningBatches) {
    SortedMap<Integer, Timing> batchSizes = new TreeMap<>();
    for (int size = 1; size < sizes.length; size++) {
      if (sizes[size] != null) {
        batchSizes.put(size, sizes[size].snapshot());
      }
    }
    return new SamplerStatistics(
        rows,
        waits.snapshot(),
        runs.snapshot(),
        batchSizes,
        rejected,
        timedOut,
        waitingRows,
        runningBatches);
  }
}
