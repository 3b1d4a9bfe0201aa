package dev.djinn.sampler;

import java.util.SortedMap;

/**
 * What a sampler has done since it was opened, and what it is doing.
 *
 * @param rows that ran
 * @param waits the time in the queue of each request that a worker began
 * @param runs the time of each batch in the model, copying included
 * @param batchSizes by rows in a batch, what the batches took that had them
 * @param rejected requests refused because the queue was full
 * @param timedOut requests that no worker took in time
 * @param waitingRows rows in the queue now
 * @param runningBatches batches that run now
 */
public record SamplerStatistics(
    long rows,
    Timing waits,
    Timing runs,
    SortedMap<Integer, BatchTimes> batchSizes,
    long rejected,
    long timedOut,
    long waitingRows,
    int runningBatches) {}
