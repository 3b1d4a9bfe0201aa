package dev.djinn.sampler;

import dev.djinn.sampler.Job.Slice;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what the batcher does; guarded by its lock. */
final class BatchCounters {
  long rejected;
  long timedOut;

  private final long[] sizes;
  private long requests;
  private long rows;
  private long batches;
  private long waitNanos;
  private long runNanos;

  BatchCounters(int batchRows) {
    sizes = new long[batchRows + 1];
  }

  void waited(long nanos) {
    requests++;
    waitNanos += nanos;
  }

  void ran(List<Slice> batch, long nanos) {
    int size = batch.stream().mapToInt(Slice::count).sum();
    if (size > 0) {
      sizes[size]++;
      rows += size;
      batches++;
      runNanos += nanos;
    }
  }

  SamplerStatistics snapshot(long waitingRows, int runningBatches) {
    SortedMap<Integer, Long> batchSizes = new TreeMap<>();
    for (int size = 1; size < sizes.length; size++) {
      if (sizes[size] > 0) {
        batchSizes.put(size, sizes[size]);
      }
    }
    return new SamplerStatistics(
        requests,
        rows,
        batches,
        batchSizes,
        waitNanos,
        runNanos,
        rejected,
        timedOut,
        waitingRows,
        runningBatches);
  }
}
