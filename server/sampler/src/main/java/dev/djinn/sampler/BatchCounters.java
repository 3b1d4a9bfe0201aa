package dev.djinn.sampler;

import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what the batcher does; guarded by its lock. */
final class BatchCounters {
  long rejected;
  long timedOut;

  /** By the batch's rows; null for those that never ran. */
  private final BatchTimes[] sizes;

  private final Timing.Counter waits = new Timing.Counter();
  private final Timing.Counter runs = new Timing.Counter();
  private long rows;

  BatchCounters(int batchRows) {
    sizes = new BatchTimes[batchRows + 1];
  }

  void waited(long nanos) {
    waits.add(nanos);
  }

  void ran(int size, long nanos, BatchTimes times) {
    sizes[size] = sizes[size] == null ? times : sizes[size].plus(times);
    runs.add(nanos);
    rows += size;
  }

  SamplerStatistics snapshot(long waitingRows, int runningBatches) {
    SortedMap<Integer, BatchTimes> batchSizes = new TreeMap<>();
    for (int size = 1; size < sizes.length; size++) {
      if (sizes[size] != null) {
        batchSizes.put(size, sizes[size]);
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
